"""Every error that staff can meet has a code, and each code is one that somebody raises."""

from cli.support.hints import sentence
from common.error_codes import ErrorCode
from common.errors import CampaignError, RecordsError, UserError
from settings import HERE
from tests.support.project.project_files import calls, python_files, text_of

ROOMS = ("backend", "common", "messages", "sms", "ivr", "menus")
OF_STAFF = {"CampaignError", "TaskError", "NoticeError", "UserError"}
"""These have no usual code: each place names its own."""


def test_an_error_of_staff_names_its_code() -> None:
    raised = list(calls(*ROOMS, of=OF_STAFF))
    assert len(raised) > 20
    for path, call in raised:
        assert "code" in {keyword.arg for keyword in call.keywords}, f"{path}:{call.lineno}"


def test_every_code_is_used_and_no_text_below_the_command_line_tells_what_to_type() -> None:
    sources = {
        path: text_of(path) for path in python_files(*ROOMS) if path.name != "error_codes.py"
    }
    for code in ErrorCode:
        assert any(f"ErrorCode.{code.name}" in text for text in sources.values()), code
    for room in ("backend/staff", "backend/records", "messages"):
        for path, text in sources.items():
            if path.is_relative_to(HERE / room) and path.name != "stop_keys.py":
                assert "zoldszam " not in text, path


def test_the_command_line_adds_what_to_type() -> None:
    unknown = UserError("There is no user.", code=ErrorCode.USER_UNKNOWN, name="a", role="sender")
    assert sentence(unknown).endswith("zoldszam user add a --role sender")
    state = CampaignError(
        "It is paused.", code=ErrorCode.CAMPAIGN_STATE, state="paused", id="B", by="anna"
    )
    assert sentence(state).endswith("zoldszam campaign resume B --by anna")
    assert sentence(RecordsError("Only this.")) == "Only this."
