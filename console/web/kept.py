"""The region of a form that tells when what was typed in it was last kept."""

from flask import render_template
from markupsafe import Markup

from backend.staff.drafts import StoredDraft
from console.web.typed import number_typed


def kept_state(
    draft: StoredDraft | None,
    version: int,
    *,
    problem: str = "",
    quiet: bool = False,
    field: str = "draft_version",
) -> Markup:
    """When the draft was kept, and the version that the next save goes on from.

    Without a draft another window has kept something else, which is said, or with ``quiet``
    nothing was kept yet. ``field`` is the name under which the version is sent.
    """
    html = render_template(
        "macros/kept.html",
        draft=draft,
        version=version if draft is None else draft.version,
        problem=problem,
        quiet=quiet,
        field=field,
    )
    return Markup(html)  # noqa: S704 - rendered just above, with escaping


def number_in(value: str | None) -> int:
    """A version from a hidden field; 0 for what is none."""
    return number_typed(value) or 0
