"""Errors that a person can correct: a code, its parameters, and a sentence in English.

The sentence says what is wrong and what to do, but not what to type or where to press: each front
end adds that by the code (``cli/support/hints.py``).
"""

from typing import ClassVar

from common.error_codes import ErrorCode


class RecordsError(Exception):
    """Something that a person has to correct; its text is meant for them.

    ``code`` tells programs what it is, ``parameters`` the values that the text names. Neither
    text nor parameters hold a telephone number, unless the person has just typed it.
    """

    usual_code: ClassVar[ErrorCode] = ErrorCode.INVALID

    def __init__(self, text: str, *, code: ErrorCode | None = None, **parameters: object) -> None:
        super().__init__(text)
        self.code = code or self.usual_code
        self.parameters = parameters


class SettingsError(Exception):
    """A setting that cannot be used; names the variable, its value and the hint."""


class DatabaseUnreachableError(RecordsError):
    """The database does not answer, or does not let us in; the text may go into a log."""

    usual_code = ErrorCode.DATABASE_UNREACHABLE
    holds_values = False
    """Of any row: what a caller typed must not get into a log."""


class DatabaseMissingError(DatabaseUnreachableError):
    """There is no database where it is looked for."""

    usual_code = ErrorCode.DATABASE_MISSING


class ConnectionLostError(DatabaseUnreachableError):
    """No connection can be had, or the server has closed it; trying again helps."""

    usual_code = ErrorCode.CONNECTION_LOST


class DatabaseBusyError(DatabaseUnreachableError):
    """Another one holds a lock or every connection, for longer than could be waited for."""

    usual_code = ErrorCode.DATABASE_BUSY


class DiskFullError(DatabaseUnreachableError):
    """The disk of the database is full; the transaction was undone."""

    usual_code = ErrorCode.DISK_FULL


class NotMigratedError(RecordsError):
    """The database's schema is not the one that this program was written for."""

    usual_code = ErrorCode.NOT_MIGRATED


class ConfigurationError(RecordsError):
    """A setting or a configuration file cannot be used."""

    usual_code = ErrorCode.CONFIGURATION


class CampaignError(RecordsError):
    """A step that this campaign does not allow now, or that this user may not take."""


class NoSuchCampaignError(CampaignError):
    """No campaign has this id."""

    usual_code = ErrorCode.CAMPAIGN_UNKNOWN


class TemplateRefusedError(RecordsError):
    """A text that may not be sent; names each broken rule and marks its place."""

    usual_code = ErrorCode.TEMPLATE_REFUSED


class UserError(RecordsError):
    """A user that is not there, is there already, or may not do this."""


class RecipientsRefusedError(RecordsError):
    """A file of recipients that cannot be read; lists what is wrong by line."""

    usual_code = ErrorCode.RECIPIENTS_REFUSED


class DownloadError(RecordsError):
    """A list that this user cannot have now: they have asked for many lately."""


class TaskError(RecordsError):
    """A task that is not there, is finished, or cannot end so."""


class NoticeError(RecordsError):
    """A notice, closure or window that cannot be; says why and how to write it."""
