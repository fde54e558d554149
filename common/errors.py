"""What can be wrong with the records, each as one sentence that says what to do about it."""


class RecordsError(Exception):
    """Something that a person has to correct; its text is meant for them."""


class DatabaseUnreachableError(RecordsError):
    """The database does not answer, or does not let us in; the text may go into a log."""

    holds_values = False
    """Of any row: what a caller typed must not get into a log."""


class DatabaseMissingError(DatabaseUnreachableError):
    """There is no database where it is looked for."""


class ConnectionLostError(DatabaseUnreachableError):
    """No connection can be had, or the server has closed it; trying again helps."""


class DatabaseBusyError(DatabaseUnreachableError):
    """Another one holds a lock or every connection, for longer than could be waited for."""


class DiskFullError(DatabaseUnreachableError):
    """The disk of the database is full; the transaction was undone."""


class NotMigratedError(RecordsError):
    """The database's schema is not the one that this program was written for."""


class ConfigurationError(RecordsError):
    """A setting or a configuration file cannot be used."""


class CampaignError(RecordsError):
    """A step that this campaign does not allow now, or that this user may not take."""


class NoSuchCampaignError(CampaignError):
    """No campaign has this id."""


class TemplateRefusedError(RecordsError):
    """A text that may not be sent; names each broken rule and marks its place."""


class UserError(RecordsError):
    """A user that is not there, is there already, or may not do this."""


class RecipientsRefusedError(RecordsError):
    """A file of recipients that cannot be read; lists what is wrong by line."""


class TaskError(RecordsError):
    """A task that is not there, is finished, or cannot end so."""
