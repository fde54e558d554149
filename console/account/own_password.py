"""A password of one's own: at the first login, and at any time after."""

from wtforms import PasswordField

from backend.staff.authentication.login import choose_password
from backend.staff.authentication.password_rules import PasswordFlaw, least_length
from console.account.held_session import hold
from console.permissions import WITH_FACTOR
from console.web.access import signed
from console.web.forms import Form, required
from console.web.parts import acting, parts
from console.web.words import N_, _


class NewPasswordForm(Form):
    """A password of one's own."""

    new_password = PasswordField(N_("New password"), [required(N_("Enter a new password."))])


def set_password(form: NewPasswordForm) -> bool:
    """Choose this password; what is wrong with it becomes an error of the field."""
    with acting():
        result = choose_password(
            parts().login_desk,
            signed(),
            form.new_password.data or "",
            forced_factor=_factor_is_forced(),
            company=parts().company,
        )
    if isinstance(result, PasswordFlaw):
        form.new_password.errors = [_flaw(result)]
        return False
    hold(result)
    return True


def least() -> int:
    """How many signs a new password of this user needs."""
    return least_length(forced_factor=_factor_is_forced())


def _factor_is_forced() -> bool:
    return parts().second_factor == "required" and signed().role in WITH_FACTOR


def _flaw(flaw: PasswordFlaw) -> str:
    return {
        PasswordFlaw.TOO_SHORT: _("It is too short. Use at least %(n)s characters.", n=least()),
        PasswordFlaw.TOO_LONG: _("It is too long. Use at most 1000 characters."),
        PasswordFlaw.COMMON: _("It is easy to guess. Put several unrelated words together."),
        PasswordFlaw.NAMES_US: _("It is mostly your name or ours. Choose something else."),
    }[flaw]
