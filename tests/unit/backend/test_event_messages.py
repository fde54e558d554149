"""Events for other systems: the signature of a message, and addresses that cannot be one."""

import base64
from datetime import UTC, datetime

import pytest

from backend.hooks.addresses import checked_url
from backend.hooks.signing import signed_headers
from common.errors import RecordsError
from tests.support.runs.tables import each_of


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks libraries.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signed_headers(
        secret,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@each_of(
    "url",
    [
        "ftp://erp.example.hu/",
        "http://erp.example.hu/",
        "http://192.168.1.10/",
        "https://anna:jelszo@erp.example.hu/",
        "https://erp.example.hu/#x",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://erp.example.hu:99999/",
        "https://erp example.hu/",
        "https://erp.example.hu/" + "x" * 500,
        "https://",
        "erp.example.hu",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(RecordsError, match="Events cannot be sent there"):
        checked_url(url)
