"""What goes wrong when the carrier's API is asked, without a word of what it was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.response import Response

from messages.delivery.gateway import CarrierRefusesError, CarrierUnavailableError


@contextmanager
def telling_carrier_errors() -> Iterator[None]:
    """Raise ``CarrierRefusesError`` for refused credentials, else ``CarrierUnavailableError``.

    The client's errors hold the number that was asked for, so none of them is chained.
    """
    try:
        yield
    except TwilioException as error:
        status = status_of(error)
        if status in (401, 403):
            raise CarrierRefusesError(
                f"The carrier refuses our credentials (HTTP {status}). Check "
                "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; the token may have been revoked."
            ) from None
        told = "what cannot be read" if status is None else f"HTTP {status}"
        raise CarrierUnavailableError(f"the carrier answered {told}") from None
    except requests.RequestException as error:
        raise CarrierUnavailableError(type(error).__name__) from None
    except (ValueError, TypeError, AttributeError, LookupError):
        raise CarrierUnavailableError("the carrier answered what cannot be read") from None


def status_of(error: TwilioException) -> int | None:
    """The HTTP status of the answer; the client's list gives the answer itself."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        status: object = error.status
        return status if isinstance(status, int) else None
    answers = (part for part in error.args if isinstance(part, Response))
    return next((int(answer.status_code) for answer in answers), None)
