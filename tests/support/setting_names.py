"""The names of the variables that the settings are read from."""

from pydantic import AliasChoices

from settings import Settings
from settings_environment import FILE_SUFFIX, SECRETS


def variables() -> list[str]:
    names: list[str] = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias or name.upper()
        names += map(str, alias.choices if isinstance(alias, AliasChoices) else [alias])
    return [*names, *(name + FILE_SUFFIX for name in SECRETS)]
