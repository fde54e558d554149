"""Which passwords staff may choose."""

from backend.staff.authentication.password_rules import MOST, PasswordFlaw, password_flaw
from tests.support.runs.tables import each_of

UNFIT = ("anna", "Zöldszám", "zoldszam")


@each_of(
    ("password", "flaw"),
    [
        ("rövid jelszó", PasswordFlaw.TOO_SHORT),
        ("x" * (MOST + 1), PasswordFlaw.TOO_LONG),
        ("Anna-2026-11-29!", PasswordFlaw.NAMES_US),
        ("zöldszám12345678", PasswordFlaw.NAMES_US),
        ("password20262026", PasswordFlaw.COMMON),
        ("123456789012345678", PasswordFlaw.COMMON),
        ("abcabcabcabcabcabc", PasswordFlaw.COMMON),
    ],
)
def test_a_password_that_is_guessed_at_once_is_refused(password: str, flaw: PasswordFlaw) -> None:
    assert password_flaw(password, forced_factor=False, unfit=UNFIT) == flaw


@each_of(
    "password",
    [
        "körte villamos hétfő",
        "🦆 kacsa, 12 híd és egy kék szék " * 3,
        "correct horse battery staple" * 3,
    ],
)
def test_any_long_password_may_be_chosen(password: str) -> None:
    assert password_flaw(password, forced_factor=False, unfit=UNFIT) is None


def test_beside_a_forced_factor_eight_signs_will_do() -> None:
    assert password_flaw("jó körte", forced_factor=True, unfit=UNFIT) is None
    assert password_flaw("körte 1", forced_factor=True, unfit=UNFIT) == PasswordFlaw.TOO_SHORT
