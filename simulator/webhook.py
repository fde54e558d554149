"""One signed webhook: attempts, time allowed, and the redirects in between.

Follows Twilio's connection overrides: the URL's fragment (``#rc=2&rp=ct,5xx``) sets how often and
for what an attempt is repeated; by default once, and only when no connection came about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from simulator.signature import signature, signed_url
from simulator.transport import (
    Form,
    NoAnswerError,
    Response,
    Timeout,
    TimeUsedUpError,
    Transport,
    TransportError,
)

MAXIMUM_REDIRECTS = 10
CEILING_SECONDS = 15.0
"""No webhook that steers a call may take longer, whatever its URL's fragment says."""
DEFAULT_TIMEOUT = Timeout(5.0, CEILING_SECONDS, CEILING_SECONDS)


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt exactly as it was sent, so that it can be sent again."""

    method: str
    url: str
    form: Form
    headers: dict[str, str]


class Answer(NamedTuple):
    """The final response and the address that gave it, without fragment."""

    response: Response
    url: str


class WebhookError(Exception):
    """The carrier's verdict on a webhook that cannot steer the call.

    ``code`` is from the carrier's dictionary, ``status`` the HTTP status if there was one, and
    ``seconds`` what the failure cost the caller in virtual time.
    """

    def __init__(
        self, code: int, text: str, url: str, status: int | None = None, seconds: float = 0.0
    ) -> None:
        super().__init__(f"{code}: {text} ({url})")
        self.code = code
        self.text = text
        self.url = url
        self.status = status
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a URL's fragment may change about the connection."""

    timeout: Timeout = DEFAULT_TIMEOUT
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, fragment: str) -> Self:
        """Read ``rc``, ``rp``, ``ct``, ``rt``, ``tt``; what is out of range keeps its default."""
        values = dict(parse_qsl(fragment))
        default = cls()
        return cls(
            Timeout(
                _number(values, "ct", 100, 10_000, default.timeout.connect * 1000) / 1000,
                _number(values, "rt", 100, 15_000, default.timeout.read * 1000) / 1000,
                _number(values, "tt", 100, 15_000, default.timeout.total * 1000) / 1000,
            ),
            int(_number(values, "rc", 0, 5, default.retries)),
            frozenset(values["rp"].split(",")) if values.get("rp") else default.retry_on,
        )

    def repeats(self, retry_class: str) -> bool:
        return retry_class != "" and bool(self.retry_on & {retry_class, "all"})


def _number(values: dict[str, str], name: str, least: float, most: float, default: float) -> float:
    text = values.get(name, "")
    return float(text) if text.isdecimal() and least <= int(text) <= most else default


def is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def resolve(base: str, target: str) -> str:
    """``target`` as seen from the document at ``base``; what cannot be read stays as it is."""
    try:
        return urljoin(base, target)
    except ValueError:
        return target


class Webhooks:
    """Sends the webhooks of a call, or of messages, and reports every attempt to ``record``.

    ``keep_port`` is how the webhooks of messages are signed; see ``signed_url``. Safe to use from
    several threads when ``record`` is.
    """

    def __init__(
        self,
        transport: Transport,
        auth_token: str,
        rng: Random,
        record: Callable[[Request], None],
        clock: Callable[[], float] = monotonic,
        *,
        keep_port: bool = False,
    ) -> None:
        self._keep_port = keep_port
        self._transport = transport
        self._auth_token = auth_token
        self._rng = rng
        self._record = record
        self._clock = clock

    def send(self, url: str, method: str, standard: Form, extra: Form) -> Answer:
        """Deliver, following at most ten HTTP redirects.

        A redirect is followed with the ``standard`` fields alone: ``extra`` (the digits) is lost,
        as it is at the real carrier. Raises ``WebhookError``.
        """
        token = f"{self._rng.getrandbits(128):032x}"
        form = [*standard, *extra]
        for _ in range(MAXIMUM_REDIRECTS + 1):
            response = self._deliver(url, method, form, token)
            target = response.header("Location")
            if not 300 <= response.status < 400 or not target:
                return Answer(response, urldefrag(url).url)
            url = resolve(url, target)
            form = standard
            if response.status not in (307, 308):
                method = "GET"
        raise WebhookError(11215, f"more than {MAXIMUM_REDIRECTS} HTTP redirects", url)

    def resend(self, request: Request) -> Response:
        """Send a recorded attempt again, byte for byte."""
        return self._send(request, DEFAULT_TIMEOUT)

    def _deliver(self, url: str, method: str, form: Form, token: str) -> Response:
        address, fragment = urldefrag(url)
        overrides = Overrides.of(fragment)
        request = self._request(address, method, form, token)
        began = self._clock()
        for attempt in range(overrides.retries + 1):
            left = overrides.timeout.total - (self._clock() - began)
            outcome = self._attempt(request, overrides.timeout, left)
            last = attempt == overrides.retries
            if isinstance(outcome, Response):
                if outcome.status < 400:
                    return outcome
                if last or not overrides.repeats(f"{outcome.status // 100}xx"):
                    text = f"the service answered with HTTP status {outcome.status}"
                    raise WebhookError(11200, text, address, outcome.status)
            elif last or not overrides.repeats(outcome.retry_class):
                waited = overrides.timeout.total if isinstance(outcome, NoAnswerError) else 0.0
                raise WebhookError(outcome.code, str(outcome), address, None, waited)
        raise AssertionError("the last attempt either answers or raises")

    def _attempt(
        self, request: Request, timeout: Timeout, left: float
    ) -> Response | TransportError:
        if left <= 0:
            return TimeUsedUpError("the time for all attempts is used up")
        self._record(request)
        allowed = Timeout(min(timeout.connect, left), min(timeout.read, left), left)
        try:
            return self._send(request, allowed)
        except TransportError as failure:
            return failure

    def _send(self, request: Request, timeout: Timeout) -> Response:
        return self._transport.send(
            request.method, request.url, request.form, request.headers, timeout
        )

    def _request(self, url: str, method: str, form: Form, token: str) -> Request:
        if not is_address(url):
            raise WebhookError(11100, "not an absolute http(s) address", url)
        headers = {
            "Accept": "text/xml, application/xml, text/html",
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
        }
        form = sorted(form)
        if method == "GET":
            if form:
                url += ("&" if urlsplit(url).query else "?") + urlencode(form)
            form = []
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        headers["X-Twilio-Signature"] = signature(
            signed_url(url, keep_port=self._keep_port), form, self._auth_token
        )
        return Request(method, url, form, headers)
