"""What a register is called where a person is told of it."""

from typing import Literal

from backend.interface.answers import Meter, Register

RegisterName = Literal["single", "day", "night", "controlled"]

_NAMES: dict[str, RegisterName] = {"1.8.0": "single", "1.8.1": "day", "1.8.2": "night"}
_CONTROLLED = ("vezérelt", "controlled")


def register_name(meter: Meter, register: Register) -> RegisterName:
    """The name under which prompts and templates know the register.

    A meter with one register is the controlled one when its label says so.
    """
    label = meter.label.casefold()
    if len(meter.registers) == 1 and any(word in label for word in _CONTROLLED):
        return "controlled"
    return _NAMES.get(register.register, "single")
