"""The names of the variables that the settings are read from."""

from settings import Settings
from settings_environment import FILE_SUFFIX, SECRETS
from settings_types import variables_of


def variables() -> list[str]:
    return [*sorted(variables_of(Settings)), *(name + FILE_SUFFIX for name in SECRETS)]
