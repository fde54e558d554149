"""The settings, all from environment variables, read and checked once at a process's start."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from backend.context import IdentificationLimits
from backend.db.default_url import DEFAULT_URL
from backend.interface.codes import SecondFactor
from backend.retention.periods import USUAL_PERIODS, Periods
from backend.rules.contact_hours import ContactHours
from backend.staff.authentication.identity_provider import ProviderAccount
from common.errors import SettingsError
from messages.campaigns.policy import ReminderLimit, SendingPolicy
from settings_environment import DESKS, MENU_TREE, SECRETS, read_environment, required
from settings_environment import HERE as HERE
from settings_types import (
    Address,
    Attempts,
    AttemptsWithin,
    Days,
    FailureShare,
    LogFormat,
    Networks,
    above_zero,
    attempts,
    bearer_token,
    delay,
    drain_time,
    hops,
    issuer,
    limits,
    own_address,
    parts,
    second_factor_rule,
    seconds,
    share_and_least,
    text_or_json,
    too_hasty,
    variables_of,
    words,
    written,
    yes_no,
)
from sms.account import Account
from sms.answer_policy import AnswerPolicy
from telemetry.readers import LOOPBACK, Readers

DEFAULT_VOICES = {"hu": "Google.hu-HU-Wavenet-A", "en": "Google.en-GB-Wavenet-A"}
"""Voices of the carrier by language; ``VOICE_HU`` and ``VOICE_EN`` name others."""

USUAL_HOURS = ContactHours.parse("mon-fri 08:00-20:00")
_LIMITS = IdentificationLimits()
_SENDING = SendingPolicy(contact_hours=USUAL_HOURS)


class Settings(BaseSettings):
    """What a deployment decides; docs/settings.md explains every variable.

    A variable is its field's name in capitals, or its ``validation_alias``. ``public_url`` is the
    address under which the carrier calls. The constructor takes values and no environment.
    """

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        arbitrary_types_allowed=True,
        case_sensitive=True,
        enable_decoding=False,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: str = Field(DEFAULT_URL, repr=False)
    public_url: Address = None
    auth_token: str | None = Field(None, repr=False, validation_alias="TWILIO_AUTH_TOKEN")
    previous_auth_token: str | None = Field(
        None, repr=False, validation_alias="TWILIO_AUTH_TOKEN_PREVIOUS"
    )
    secret_key: str | None = Field(None, repr=False)
    menu_tree: Path = MENU_TREE
    lines: Path | None = Field(None, validation_alias=AliasChoices("LINES_FILE", "LINES"))
    recordings: Path | None = None
    desks: Path = DESKS
    calendar: Path = HERE / "calendar.yaml"
    tariffs: Path = HERE / "tariffs.yaml"
    voice_hu: str = DEFAULT_VOICES["hu"]
    voice_en: str = DEFAULT_VOICES["en"]
    attempts_per_call: Annotated[int, written(attempts, "3")] = _LIMITS.per_call
    attempts_per_caller: AttemptsWithin = Attempts(_LIMITS.per_caller, _LIMITS.caller_within)
    attempts_per_site: AttemptsWithin = Attempts(_LIMITS.per_site, _LIMITS.site_within)
    attempts_unproven: AttemptsWithin = Attempts(_LIMITS.unproven, _LIMITS.unproven_within)
    confirmation_delay: Annotated[timedelta, written(delay, "1.0")] = Field(
        timedelta(seconds=1), validation_alias="CONFIRM_AFTER"
    )
    broker_url: str | None = Field(None, repr=False)
    account_sid: str | None = Field(None, validation_alias="TWILIO_ACCOUNT_SID")
    api_url: Address = Field(None, validation_alias="TWILIO_API_URL")
    sms_sender: str | None = Field(
        None, validation_alias=AliasChoices("SMS_MESSAGING_SERVICE_SID", "SMS_FROM")
    )
    carrier_codes: Path | None = None
    reply_budget: Annotated[int, written(parts, "1000")] = AnswerPolicy().parts_a_day
    contact_hours: Annotated[ContactHours, written(ContactHours.parse)] = USUAL_HOURS
    send_pace: Annotated[float, written(above_zero, "10")] = _SENDING.pace
    send_timeout: Annotated[timedelta, written(seconds, "10")] = _SENDING.send_timeout
    claim_lease: Annotated[timedelta, written(seconds, "60")] = _SENDING.claim_lease
    reconcile_after: Annotated[timedelta, written(seconds, "300")] = _SENDING.reconcile_after
    reminder_limits: Annotated[tuple[ReminderLimit, ...], written(limits, "1/7 2/30")] = (
        _SENDING.limits
    )
    failure_share: Annotated[FailureShare, written(share_and_least, "20%/20")] = FailureShare(
        _SENDING.failure_share, _SENDING.least_attempts
    )
    voip_numbers: Annotated[bool, written(yes_no, "no")] = _SENDING.voip_allowed
    second_factor: Annotated[SecondFactor, written(second_factor_rule, "required")] = "required"
    web_phone: Address = None
    console_proxies: Annotated[int, written(hops, "0")] = 0
    console_url: Annotated[str | None, written(own_address, "https://desk.example.hu")] = None
    passkeys: Annotated[bool, written(yes_no, "no")] = False
    oidc_issuer: Annotated[str | None, written(issuer, "https://login.example.hu")] = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(None, repr=False)
    oidc_acr: Annotated[frozenset[str], written(words)] = frozenset()
    metrics_folder: Path | None = Field(None, validation_alias="PROMETHEUS_MULTIPROC_DIR")
    traces_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    traces_service: str | None = Field(None, validation_alias="OTEL_SERVICE_NAME")
    metrics_networks: Networks = LOOPBACK
    metrics_token: Annotated[str | None, written(bearer_token)] = Field(None, repr=False)
    log_format: Annotated[LogFormat, written(text_or_json, "json")] = "text"
    drain: Annotated[timedelta, written(drain_time, "5")] = Field(
        timedelta(seconds=5), validation_alias="DRAIN_SECONDS"
    )
    keep_replies: Days = USUAL_PERIODS.replies
    keep_tasks: Days = USUAL_PERIODS.tasks
    keep_topics: Days = USUAL_PERIODS.topics
    keep_callers: Days = USUAL_PERIODS.callers
    keep_calls: Days = USUAL_PERIODS.calls

    @classmethod
    def settings_customise_sources(
        cls, *_: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values that are handed over; ``from_environment`` hands over those of the variables."""
        return (sources["init_settings"],)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check every setting; an empty variable counts as not set.

        Raises ``SettingsError`` with a line for each setting that cannot be used.
        """
        given, flaws = read_environment(environment)
        values: dict[str, Any] = {name: given[name] for name in variables_of(cls) & given.keys()}
        try:
            settings = cls(**values)
        except ValidationError as error:
            flaws += (
                f"{flaw['loc'][0]}{_shown(flaw)} cannot be used: "
                f"{flaw['msg'].removeprefix('Value error, ')}"
                for flaw in error.errors()
            )
        else:
            flaws += too_hasty(settings.reconcile_after) if settings.api_url is None else []
        if flaws:
            raise SettingsError("\n".join(flaws))
        return settings

    @property
    def voices(self) -> Mapping[str, str]:
        return {"hu": self.voice_hu, "en": self.voice_en}

    @property
    def caller_secret(self) -> bytes:
        """The key under which callers and sites are hashed for the lock-out.

        Made from ``SECRET_KEY``, else from the carrier's token, so that all workers share it.
        """
        source = self.secret_key or self.auth_token or "no secret is configured"
        return hashlib.sha256(f"callers:{source}".encode()).digest()

    @property
    def identification_limits(self) -> IdentificationLimits:
        return IdentificationLimits(
            self.attempts_per_call,
            *self.attempts_per_caller,
            *self.attempts_per_site,
            *self.attempts_unproven,
        )

    @property
    def account(self) -> Account:
        """The account that messages are sent from. Raises ``SettingsError`` for what is missing."""
        needed = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "SMS_FROM": self.sms_sender,
        }
        hint = (
            "Set them; SMS_FROM is a number of the account, and SMS_MESSAGING_SERVICE_SID may take "
            "its place."
        )
        account_sid, token, sender = required(needed, "Messages cannot be sent", hint)
        return Account(account_sid, token, sender, self.api_url)

    @property
    def callback_url(self) -> str:
        """The public address, for who cannot do without. Raises ``SettingsError``."""
        if self.public_url is None:
            raise SettingsError(
                "PUBLIC_URL is not set, so the carrier could not report what becomes of a message. "
                "Set it to the address under which the carrier reaches this service."
            )
        return self.public_url

    @property
    def provider_account(self) -> ProviderAccount | None:
        """The console's account at a provider, if any. Raises ``SettingsError`` if incomplete."""
        needed = {
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET (or OIDC_CLIENT_SECRET_FILE)": self.oidc_client_secret,
        }
        if not any(needed.values()):
            return None
        needed["CONSOLE_URL"] = self.console_url
        provider, client_id, secret, console_url = required(
            needed,
            "Nobody can log in by an identity provider",
            "Set them, or none of those that begin with OIDC.",
        )
        callback = f"{console_url}/login/oidc/callback"
        return ProviderAccount(provider, client_id, secret, callback, self.oidc_acr)

    @property
    def passkey_origin(self) -> str | None:
        """For which address passkeys are good, where they are offered. Raises ``SettingsError``."""
        if not self.passkeys:
            return None
        host = urlsplit(self.console_url or "").hostname or ""
        if not host.strip(".0123456789") or ":" in host:
            raise SettingsError(
                "PASSKEYS needs CONSOLE_URL, with a name in it: passkeys are kept for a name, not "
                "for an IP address."
            )
        return self.console_url

    @property
    def sends_messages(self) -> bool:
        return bool(self.account_sid and self.auth_token and self.sms_sender)

    @property
    def answer_policy(self) -> AnswerPolicy:
        """Whom answers to messages go to, and what they may cost."""
        own = {self.sms_sender} if self.sms_sender else set()
        return AnswerPolicy(self.reply_budget, frozenset(own))

    @property
    def sending_policy(self) -> SendingPolicy:
        return SendingPolicy(
            contact_hours=self.contact_hours,
            pace=self.send_pace,
            send_timeout=self.send_timeout,
            claim_lease=self.claim_lease,
            reconcile_after=self.reconcile_after,
            limits=self.reminder_limits,
            failure_share=self.failure_share.share,
            least_attempts=self.failure_share.least,
            voip_allowed=self.voip_numbers,
        )

    @property
    def metrics_readers(self) -> Readers:
        return Readers(self.metrics_networks, self.metrics_token)

    @property
    def periods(self) -> Periods:
        return Periods(
            self.keep_replies, self.keep_tasks, self.keep_topics, self.keep_callers, self.keep_calls
        )


def _shown(flaw: ErrorDetails) -> str:
    """The value that was given, unless it is a secret."""
    return "" if flaw["loc"][0] in SECRETS else f' is "{flaw["input"]}", which'
