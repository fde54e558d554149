"""Tables of many small examples, each table one test: as such they cost what they do themselves."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

Test = Callable[..., None]


def each_of(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test for each case, as ``pytest.mark.parametrize`` would, and tell all that fail.

    For cases that share what the test is given besides; each is named by its values.
    """
    keys = (names,) if isinstance(names, str) else names
    table = [(case,) if isinstance(names, str) else tuple(case) for case in cases]
    assert table

    def over(test: Test) -> Test:
        @wraps(test)
        def run(**given: Any) -> None:
            failed: list[Exception] = []
            for case in table:
                try:
                    test(**given, **dict(zip(keys, case, strict=True)))
                except Exception as problem:
                    problem.add_note(f"for {', '.join(map(repr, case))}")
                    failed.append(problem)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(table)} cases", failed)

        signature = inspect.signature(test)
        rest = [each for name, each in signature.parameters.items() if name not in keys]
        run.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return run

    return over
