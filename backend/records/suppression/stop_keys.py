"""Keyed hashes of the suppression list, and how ``SECRET_KEY`` guards them.

Telephone numbers are few: whoever has a hash and all that made it tries them all in half a minute.
So the hash is keyed, and the key lies in the database only as wrapped by ``SECRET_KEY``. Changing
that wraps the same key anew, and no stop is lost. Without ``SECRET_KEY`` the key lies there bare.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, or_, select, update

from backend.db.prepared import Prepared
from backend.db.sqlite.sqlite_engine import READ_ONLY
from backend.db.tables.messages import salts
from backend.db.transactions import KEY_OPTION, upserting, write
from common.encryption import opened, sealed
from common.errors import ConfigurationError

_SALT = "stops"
_KEY = "stops_key"
_KEPT = Prepared(
    select(salts.c.name, salts.c.value).where(or_(salts.c.name == _SALT, salts.c.name == _KEY))
)
_BARE = "bare"
_WRAPPED = "wrapped"
_BYTES = 32
_PURPOSE = "stop key"


@dataclass(frozen=True, slots=True)
class StopKeys:
    """Gives the key of a number; ``stop_search`` computes the same of very many."""

    salt: str
    secret: bytes

    def of(self, phone: str) -> str:
        """The key under which a number (E.164) is kept."""
        return keyed(self.secret, hashlib.sha256(f"{self.salt}:{phone}".encode()).hexdigest())


def keyed(secret: bytes, salted: str) -> str:
    """The key of a number of which only the salted hash is known."""
    return hmac.digest(secret, salted.encode(), "sha256").hex()


def stop_keys(connection: Connection) -> StopKeys:
    """The database's salt and key, made when they are first asked for.

    A connection that only reads makes none: before there is a key there is no stop, and what it
    gets instead finds none. Raises ``ConfigurationError`` when the key is wrapped under another
    ``SECRET_KEY`` than this process has: numbers would look as if they were not stopped.
    """
    kept = _kept(connection)
    options = connection.get_execution_options()
    reads = options.get(READ_ONLY, False)
    if len(kept) < 2 and reads:
        return StopKeys(secrets.token_hex(16), secrets.token_bytes(_BYTES))
    if len(kept) < 2:
        for name, value in ((_SALT, secrets.token_hex(16)), (_KEY, bare(secrets.token_hex(32)))):
            row = upserting(connection, salts).values(name=name, value=value)
            connection.execute(row.on_conflict_do_nothing())
        kept = _kept(connection)
    secret = options.get(KEY_OPTION)
    key = _unwrapped(kept[_KEY], secret)
    if secret and kept[_KEY].startswith(_BARE) and not reads:
        _replace(connection, kept[_KEY], _wrapped(key, secret))
    return StopKeys(kept[_SALT], key)


def require_stop_keys(engine: Engine) -> None:
    """Raise ``ConfigurationError`` unless this process has the ``SECRET_KEY`` of the stops.

    A key that lies bare is wrapped under it.
    """
    with write(engine) as connection:
        stop_keys(connection)


def rewrap(connection: Connection, former: str | None) -> None:
    """Guard the key by this process's ``SECRET_KEY`` from now on, where ``former`` did.

    Without a ``SECRET_KEY`` it lies bare again. Raises ``ConfigurationError`` when ``former`` is
    not the right one.
    """
    kept = _kept(connection).get(_KEY)
    if kept is None:
        return
    key = _unwrapped(kept, former)
    secret = connection.get_execution_options().get(KEY_OPTION)
    _replace(connection, kept, _wrapped(key, secret) if secret else bare(key.hex()))


def bare(key: str) -> str:
    """A key in hexadecimal as it lies in the database without a ``SECRET_KEY``."""
    return f"{_BARE}:{key}"


def _kept(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in _KEPT.rows(connection)}


def _replace(connection: Connection, old: str, new: str) -> None:
    # Another process may have wrapped it meanwhile: then that one holds.
    same = (salts.c.name == _KEY) & (salts.c.value == old)
    connection.execute(update(salts).where(same).values(value=new))


def _wrapped(key: bytes, secret: str) -> str:
    return f"{_WRAPPED}:{sealed(key, _PURPOSE, secret, secrets.token_bytes(_BYTES))}"


def _unwrapped(value: str, secret: str | None) -> bytes:
    form, _, held = value.partition(":")
    if form == _BARE:
        return bytes.fromhex(held)
    if not secret:
        raise ConfigurationError(
            "The numbers that get no message are kept under a SECRET_KEY, and this process has "
            "none. Set the SECRET_KEY of the service."
        )
    key = opened(held, _PURPOSE, secret)
    if key is None:
        raise ConfigurationError(
            "The numbers that get no message are kept under another SECRET_KEY. Set that one, or "
            "change it for good: zoldszam db rekey"
        )
    return key
