"""Gateway to Twilio's Messages API: each answer becomes one of five outcomes.

Twilio has no key that would make a repeated request harmless (its page on error 20500 says so).
"""

import ssl
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, ProxyError
from twilio.base.exceptions import (
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError

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
from sms.carrier_clock import CarrierClock, seconds_since_boot
from sms.carrier_errors import telling_carrier_errors
from sms.carrier_http import CarrierHttpClient
from sms.error_codes import CodeTable

LONGEST_VALIDITY = timedelta(seconds=36_000)
MOST_LISTED = 200
"""Messages to one number that are looked through for a lost one."""
_CODES = range(10_000, 1_000_000)
"""All that can be a code of the carrier; smaller numbers are other people's."""


class TwilioGateway:
    """Twilio through its own client: one deadline for each call, and no retries.

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
        self._clock = CarrierClock(elapsed)
        self._http = CarrierHttpClient(timeout, self._clock.learn)
        self._client = Client(account.account_sid, account.auth_token, http_client=self._http)
        if account.api_url:
            self._client.api.base_url = account.api_url
        is_service = account.sender.startswith("MG")
        self._from = {"messaging_service_sid" if is_service else "from_": account.sender}

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        """Hand one message over. Never raises and never tries twice."""
        wanted: dict[str, Any] = {"to": to, "body": text, "status_callback": callback, **self._from}
        if valid_for is not None:
            seconds = min(max(valid_for, SHORTEST_VALIDITY), LONGEST_VALIDITY).total_seconds()
            wanted["validity_period"] = int(seconds)
        with self._http.deadline() as deadline:
            try:
                message = self._client.messages.create(**wanted)
            except (TwilioRestException, TwilioServiceException) as error:
                # The status in a body may be anybody's.
                return self._refusal(deadline.status, error.code)
            except (ConnectTimeout, ProxyError):
                # A proxy's refusal to connect us: what it refuses later comes as an answer.
                return RetryLater(None)
            except RequestsConnectionError as error:
                return RetryLater(None) if _never_connected(error) else Unknown("connection lost")
            except Exception as error:
                # Whatever went wrong after the request was on its way: it may have been taken.
                return Unknown(type(error).__name__)
        if not message.sid:
            return Unknown("an answer without the message's id")
        return Accepted(message.sid, str(message.status))

    def find(self, to: str) -> Listing:
        """The messages that this account has sent to a number, the newest first."""
        with telling_carrier_errors(), self._http.deadline():
            found = self._client.messages.stream(to=to, limit=MOST_LISTED, page_size=MOST_LISTED)
            # The first page is there by now; later ones can only hold older messages.
            as_of = self._clock.now()
            if as_of is None:
                raise CarrierUnavailableError("the carrier's answer has no Date")
            return Listing(list(_listed(found)), as_of)

    def check(self) -> None:
        """Prove that the account's credentials work; raises as ``find`` does."""
        with telling_carrier_errors(), self._http.deadline():
            self._client.messages.list(limit=1, page_size=1)

    def carrier_time(self) -> datetime | None:
        """What time it is at the carrier, by its own clock; ``None`` before its first answer."""
        return self._clock.now()

    def _refusal(self, status: int | None, code: object) -> Outcome:
        if status is None or status >= 500:
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


def _never_connected(error: RequestsConnectionError) -> bool:
    """Whether it went wrong before the request; of TLS only a refused certificate says so."""
    reason: object = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, SSLError) and reason.args:
        reason = reason.args[0]
    never = NewConnectionError | NameResolutionError | ssl.SSLCertVerificationError
    return isinstance(reason, never)


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
