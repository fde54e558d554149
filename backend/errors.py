"""What can be wrong with the records, each as one sentence that says what to do about it."""


class RecordsError(Exception):
    """Something that a person has to mend; its text is meant for them."""


class DatabaseUnreachableError(RecordsError):
    """The database does not answer, or does not let us in."""


class ConnectionLostError(DatabaseUnreachableError):
    """An open connection was closed by the server; nothing is lost and trying again helps."""


class NotMigratedError(RecordsError):
    """The database's schema is not the one that this program was written for."""


class ConfigurationError(RecordsError):
    """A setting or a configuration file cannot be used."""
