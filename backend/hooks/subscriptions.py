"""Event subscriptions: made by an administrator, with a secret that is shown once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.db.tables.api import webhook_messages, webhooks
from backend.db.transactions import KEY_OPTION
from backend.hooks.addresses import checked_url
from backend.hooks.signing import SECRET_BYTES, written_secret
from backend.interface.codes import Role
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.encryption import opened, sealed
from common.error_codes import ErrorCode
from common.errors import ConfigurationError, RecordsError

_PURPOSE = "webhook"
_NONCE_BYTES = 16
_ID_BYTES = 6


@dataclass(frozen=True, slots=True)
class Subscription:
    """A receiver of events; ``waiting`` messages are still to be delivered.

    ``failures`` deliveries in a row have failed, and nothing is sent before ``resting_until``.
    """

    webhook_id: str
    url: str
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    failures: int
    resting_until: datetime | None
    waiting: int


def add_subscription(connection: Connection, url: str, by: str, now: datetime, rng: Random) -> str:
    """Tell this address of events from now on; gives the secret that signs them.

    Raises ``UserError`` for who is no administrator, ``RecordsError`` for an address that cannot
    be one or is told already, ``ConfigurationError`` without ``SECRET_KEY``.
    """
    require_role(connection, by, Role.ADMIN)
    checked_url(url)
    secret, webhook_id = rng.randbytes(SECRET_BYTES), rng.randbytes(_ID_BYTES).hex()
    hidden = _encrypted(connection, secret, webhook_id, rng.randbytes(_NONCE_BYTES))
    row = {
        "webhook_id": webhook_id,
        "url": url,
        "secret": hidden,
        "created_at": now,
        "created_by": by,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(webhooks), row)
    except IntegrityError as error:
        raise RecordsError(
            "Events are sent there already. Disable that one first for another secret.",
            code=ErrorCode.WEBHOOK_TAKEN,
            url=url,
        ) from error
    record_act(connection, by, "webhook add", webhook_id, _shown(url), now)
    return written_secret(secret)


def list_subscriptions(connection: Connection) -> list[Subscription]:
    """All of them, the oldest first, the disabled ones among them."""
    open_ones = (
        select(func.count())
        .where(
            webhook_messages.c.webhook_id == webhooks.c.webhook_id,
            webhook_messages.c.due_at.is_not(None),
        )
        .scalar_subquery()
    )
    shown = [webhooks.c[name] for name in Subscription.__dataclass_fields__ if name != "waiting"]
    found = select(*shown, open_ones).order_by(webhooks.c.created_at, webhooks.c.webhook_id)
    rows: Sequence[Any] = connection.execute(found).all()
    return [Subscription(*row) for row in rows]


def disable_subscription(connection: Connection, url: str, by: str, now: datetime) -> None:
    """Tell this address of nothing any more, not even of what waits. Raises ``RecordsError``."""
    require_role(connection, by, Role.ADMIN)
    live = (webhooks.c.url == url) & webhooks.c.disabled_at.is_(None)
    disabled = update(webhooks).where(live).values(disabled_at=now)
    webhook_id = connection.scalar(disabled.returning(webhooks.c.webhook_id))
    if webhook_id is None:
        raise RecordsError("No events are sent there.", code=ErrorCode.WEBHOOK_UNKNOWN, url=url)
    waiting = update(webhook_messages).where(
        webhook_messages.c.webhook_id == webhook_id, webhook_messages.c.due_at.is_not(None)
    )
    connection.execute(waiting.values(due_at=None))
    record_act(connection, by, "webhook disable", webhook_id, _shown(url), now)


def decrypted(connection: Connection, webhook_id: str, stored: str) -> bytes | None:
    """The secret of a subscription; ``None`` where it was made under another ``SECRET_KEY``."""
    key = connection.get_execution_options().get(KEY_OPTION)
    return opened(stored, _PURPOSE, key or "", webhook_id)


def rewrap_secrets(connection: Connection, former: str | None) -> None:
    """Keep the secrets under this process's ``SECRET_KEY`` from now on, where ``former`` did.

    One that was made under neither stays as it is. Raises ``ConfigurationError`` where there are
    secrets and no ``SECRET_KEY``.
    """
    found = select(webhooks.c.webhook_id, webhooks.c.secret).with_for_update()
    for webhook_id, stored in connection.execute(found).all():
        secret = opened(stored, _PURPOSE, former or "", webhook_id)
        if secret is None:
            continue
        # The same secret under another key: its pad is another one all the same.
        nonce = bytes.fromhex(stored.partition(":")[0])
        renewed = _encrypted(connection, secret, webhook_id, nonce)
        mine = update(webhooks).where(webhooks.c.webhook_id == webhook_id)
        connection.execute(mine.values(secret=renewed))


def _encrypted(connection: Connection, secret: bytes, webhook_id: str, nonce: bytes) -> str:
    key = connection.get_execution_options().get(KEY_OPTION)
    if not key:
        raise ConfigurationError(
            "The secrets of receivers of events are kept under SECRET_KEY, and this process has "
            "none. Set the SECRET_KEY of the service."
        )
    return sealed(secret, _PURPOSE, key, nonce, webhook_id)


def _shown(url: str) -> str:
    """The address without its query, which may hold a password: acts are for good."""
    return url.partition("?")[0]
