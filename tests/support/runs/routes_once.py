"""What builds the address of a route, compiled once a run: each service of a test has the same."""

from typing import Any

import pytest
from werkzeug.routing import Rule


def keep_routes(patch: pytest.MonkeyPatch) -> None:
    """Compile the builder of each rule once: it reads the rule that it is called on."""
    compile_builder = Rule._compile_builder
    kept: dict[object, Any] = {}

    def compile_once(self: Rule, append_unknown: bool = True) -> Any:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(self, append_unknown)
        return kept[key]

    patch.setattr(Rule, "_compile_builder", compile_once)
