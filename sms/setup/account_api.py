"""What the carrier's API tells of our account, its numbers and its messaging service."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from sms.carrier_errors import telling_carrier_errors
from sms.carrier_http import CarrierHttpClient
from sms.setup.addresses import NumberSetup

MOST_NUMBERS = 1000
"""Numbers of an account, or of a messaging service, that are looked at."""
ASKING_SECONDS = timedelta(seconds=20)
"""What one question takes at most, its further pages included."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """``status`` is ``active``, ``suspended`` or ``closed``; ``kind`` is ``Trial`` or ``Full``."""

    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class ServiceSetup:
    """A messaging service; ``numbers`` (E.164) and ``names`` are what it sends from.

    ``inbound_url`` is where replies go, unless ``leaves_replies_to_numbers``.
    """

    inbound_url: str
    inbound_method: str
    leaves_replies_to_numbers: bool
    numbers: tuple[str, ...]
    names: tuple[str, ...]


class AccountApi:
    """Asks one account by Twilio's own client; only ``connect`` changes anything.

    Every method raises ``CarrierRefusesError`` where the credentials are refused and
    ``CarrierUnavailableError`` where there is no answer, or none that can be read.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_url: str | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._account_sid = account_sid
        self._now = now
        self._http = CarrierHttpClient(ASKING_SECONDS)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        if api_url:
            self._client.api.base_url = api_url
            self._client.messaging.base_url = api_url
        self.clock_skew: timedelta | None = None
        """How far our clock is ahead of the carrier's, by its last answer; exact to a second."""

    def account(self) -> AccountState:
        with self._asking():
            found = self._client.api.accounts(self._account_sid).fetch()
            return AccountState(str(found.status), str(found.type))

    def numbers(self) -> list[NumberSetup]:
        """The account's numbers, ``MOST_NUMBERS`` at most."""
        with self._asking():
            listed = self._client.incoming_phone_numbers.stream(
                limit=MOST_NUMBERS, page_size=MOST_NUMBERS
            )
            return [_number(each) for each in listed]

    def number(self, number: str) -> NumberSetup | None:
        """One number (E.164) of the account; ``None`` where it is not one of them."""
        with self._asking():
            found = self._client.incoming_phone_numbers.list(phone_number=number, limit=20)
            return next((_number(each) for each in found if each.phone_number == number), None)

    def service(self, sid: str) -> ServiceSetup | None:
        """A messaging service with its senders; ``None`` where the account has none of that id."""
        with self._asking():
            service = self._client.messaging.v1.services(sid)
            try:
                found = service.fetch()
            except TwilioRestException as error:
                if error.status == 404:
                    return None
                raise
            numbers = service.phone_numbers.stream(limit=MOST_NUMBERS)
            names = service.alpha_senders.stream(limit=MOST_NUMBERS)
            return ServiceSetup(
                found.inbound_request_url or "",
                found.inbound_method or "POST",
                bool(found.use_inbound_webhook_on_number),
                tuple(str(each.phone_number) for each in numbers),
                tuple(str(each.alpha_sender) for each in names),
            )

    def connect(self, sid: str, changes: dict[str, str]) -> NumberSetup:
        """Set these fields of a number; gives it as the carrier has it afterwards."""
        with self._asking():
            return _number(self._client.incoming_phone_numbers(sid).update(**changes))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with telling_carrier_errors(), self._http.deadline() as deadline:
            try:
                yield
            finally:
                self._learn(deadline.date)

    def _learn(self, date: str | None) -> None:
        if date is None:
            return
        try:
            self.clock_skew = self._now() - parsedate_to_datetime(date).astimezone(UTC)
        except ValueError:
            self.clock_skew = None


def _number(found: Any) -> NumberSetup:
    can: dict[str, object] = found.capabilities or {}
    return NumberSetup(
        sid=str(found.sid),
        number=str(found.phone_number),
        takes_calls=bool(can.get("voice")),
        takes_messages=bool(can.get("sms") or can.get("SMS")),
        trunk_sid=found.trunk_sid or "",
        fields={
            "voice_url": found.voice_url or "",
            "voice_method": found.voice_method or "POST",
            "voice_fallback_url": found.voice_fallback_url or "",
            "voice_fallback_method": found.voice_fallback_method or "POST",
            "status_callback": found.status_callback or "",
            "status_callback_method": found.status_callback_method or "POST",
            "voice_application_sid": found.voice_application_sid or "",
            "sms_url": found.sms_url or "",
            "sms_method": found.sms_method or "POST",
            "sms_application_sid": found.sms_application_sid or "",
        },
    )
