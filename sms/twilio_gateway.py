"""Gateway to Twilio's Messages API: each answer becomes one of five outcomes.

Twilio has no key that would make a repeated request harmless (its page on error 20500 says so).
"""

import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.rest import Client
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import make_headers

from backend.http_deadline import Deadline
from messages.delivery.gateway import (
    SHORTEST_VALIDITY,
    Accepted,
    CarrierUnavailableError,
    Listed,
    Listing,
    Misconfigured,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from sms.account import Account
from sms.carrier_clock import CarrierClock, moment_of_date, seconds_since_boot
from sms.carrier_errors import telling_carrier_errors
from sms.carrier_http import CarrierHttpClient
from sms.error_codes import CodeTable

LONGEST_VALIDITY = timedelta(seconds=36_000)
MOST_LISTED = 200
"""Messages to one number that are looked through for a lost one."""
_NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)
_CODES = range(10_000, 1_000_000)
"""All that can be a code of the carrier; smaller numbers are other people's."""


class TwilioGateway:
    """Twilio's API: one deadline for each call, and no retries.

    Its own client asks for what is rare; a message is handed over by a request of our own.

    ``timeout`` is what a whole call takes at most, from the connection to the answer's last byte.
    ``elapsed`` counts seconds and is set by nobody.
    """

    def __init__(
        self,
        account: Account,
        codes: CodeTable,
        timeout: timedelta,
        elapsed: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self.sender = account.sender
        self._codes = codes
        self._elapsed = elapsed
        self._clock = CarrierClock(elapsed)
        self._http = CarrierHttpClient(timeout)
        self._client = Client(account.account_sid, account.auth_token, http_client=self._http)
        if account.api_url:
            self._client.api.base_url = account.api_url
        messages = f"/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        self._address = self._client.get_hostname(f"{self._client.api.base_url}{messages}")
        self._headers = make_headers(basic_auth=f"{account.account_sid}:{account.auth_token}")
        is_service = account.sender.startswith("MG")
        self._from = {"MessagingServiceSid" if is_service else "From": account.sender}

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        wanted = {"To": to, "Body": text, "StatusCallback": callback, **self._from}
        if valid_for is not None:
            seconds = min(max(valid_for, SHORTEST_VALIDITY), LONGEST_VALIDITY).total_seconds()
            wanted["ValidityPeriod"] = str(int(seconds))
        with self._asking():
            try:
                status, answer = self._http.post(self._address, wanted, self._headers)
            except _NEVER_CONNECTED:
                # A proxy's refusal to connect us, too: what it refuses later comes as an answer.
                return RetryLater(None)
            except SSLError as error:
                return RetryLater(None) if _is_untrusted(error) else Unknown("connection lost")
            except HTTPError as error:
                late = isinstance(error, ReadTimeoutError)
                return Unknown("ReadTimeout" if late else "connection lost")
            except Exception as error:
                # Whatever went wrong after the request was on its way: it may have been taken.
                return Unknown(type(error).__name__)
        told = _fields(answer)
        if not 200 <= status < 300:
            # The status in a body may be anybody's.
            return self._refusal(status, told.get("code"))
        message_sid = told.get("sid")
        if not isinstance(message_sid, str) or not message_sid:
            return Unknown("an answer without the message's id")
        return Accepted(message_sid, str(told.get("status")))

    def find(self, to: str) -> Listing:
        """The messages that this account has sent to a number, the newest first."""
        with telling_carrier_errors(), self._asking() as deadline:
            found = self._client.messages.stream(to=to, limit=MOST_LISTED, page_size=MOST_LISTED)
            # The first page is there by now; later ones can only hold older messages. Its own date,
            # not what time it is by now: this process may have stood still since.
            as_of = moment_of_date(deadline.date)
            if as_of is None:
                raise CarrierUnavailableError("the carrier's answer has no Date")
            return Listing(list(_listed(found)), as_of)

    def check(self) -> None:
        """Prove that the account's credentials work; raises as ``find`` does."""
        with telling_carrier_errors(), self._asking():
            self._client.messages.list(limit=1, page_size=1)

    def carrier_time(self) -> datetime | None:
        return self._clock.now()

    @contextmanager
    def _asking(self) -> Iterator[Deadline]:
        """Ask under one deadline, and learn the carrier's time."""
        asked = self._elapsed()
        with self._http.deadline() as deadline:
            try:
                yield deadline
            finally:
                self._clock.learn(deadline.date, asked)

    def _refusal(self, status: int, code: object) -> Outcome:
        if status >= 500:
            return Unknown(f"HTTP {status}")
        # A body that is not the carrier's own leaves the HTTP status in place of a code, or worse.
        # Without a code it is no word of the carrier's, and the table says so.
        known = code if isinstance(code, int) and code in _CODES else None
        meaning = self._codes.find(known, status)
        match meaning.kind:
            case "transient":
                return RetryLater(known)
            case "configuration":
                return Misconfigured(known, meaning.sentence)
            case "in_doubt":
                return Unknown(f"HTTP {status}" if known is None else f"code {known}")
            case _:
                return Refused(known, meaning.sentence, meaning.stop)


def _is_untrusted(error: SSLError) -> bool:
    """Whether it went wrong before the request; of TLS only a refused certificate says so."""
    return bool(error.args) and isinstance(error.args[0], ssl.SSLCertVerificationError)


def _fields(answer: str) -> dict[str, Any]:
    """The fields of an answer in JSON; of anything else none."""
    try:
        told = json.loads(answer)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _listed(messages: Iterable[Any]) -> Iterator[Listed]:
    for message in messages:
        if message.direction == "inbound":
            continue
        code = int(message.error_code) if message.error_code else None
        created = _moment(message.date_created) or _moment(message.date_sent)
        yield Listed(message.sid, str(message.status), message.body or None, created, code)


def _moment(told: object) -> datetime | None:
    """The client gives what it cannot read as a date back as text."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    if not isinstance(told, datetime):
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
