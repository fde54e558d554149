"""What staff can do wrong with messages, each as one sentence with its mend."""

from backend.errors import RecordsError


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
