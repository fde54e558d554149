"""Who sends at the carrier."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the carrier; ``sender`` is a number, a name or a messaging service's id."""

    account_sid: str
    auth_token: str
    sender: str
    api_url: str | None = None
