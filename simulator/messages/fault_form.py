"""What the message page says of each fault."""

from typing import Literal, NamedTuple

Detail = Literal["", "seconds", "code", "status"]


class FaultLabel(NamedTuple):
    """A fault by its name in ``Faults``, in the page's words, and the setting that it has."""

    name: str
    label: str
    detail: Detail = ""


FAULT_GROUPS: tuple[tuple[str, tuple[FaultLabel, ...]], ...] = (
    (
        "Az üzenet nem jön létre",
        (
            FaultLabel("too_many", "Túl sok kérés (429)"),
            FaultLabel("error_before", "Kiszolgálóhiba", "status"),
            FaultLabel("cut_before", "Megszakadó kapcsolat"),
            FaultLabel("refuse", "Elutasítás", "code"),
        ),
    ),
    (
        "Az üzenet létrejön",
        (
            FaultLabel("slow", "Lassú válasz", "seconds"),
            FaultLabel("error_after", "Mégis kiszolgálóhiba (500)"),
            FaultLabel("cut_after", "Mégis megszakadó kapcsolat"),
            FaultLabel("accept_and_never_answer", "Nincs válasz", "seconds"),
        ),
    ),
    (
        "Kézbesítés",
        (
            FaultLabel("fail_delivery", "Kézbesítési hiba", "code"),
            FaultLabel("stuck_in_sent", "Nem derül ki, megérkezett-e"),
        ),
    ),
    (
        "Visszajelzés a szolgáltatásnak",
        (
            FaultLabel("receipts_late", "Késik", "seconds"),
            FaultLabel("receipts_doubled", "Kétszer érkezik"),
            FaultLabel("receipts_reordered", "Fordított sorrendben érkezik"),
            FaultLabel("receipts_lost", "Elvész"),
        ),
    ),
)
