"""How the meters of one site are told apart aloud, without their serials."""

from menus.slots import Words

NAMED_ORDINALS = 6
"""Ordinals that the phrasebooks have words for; beyond them it is "the next meter"."""


def nth_meter(place: int) -> Words:
    """Return "first meter", "second meter" and so on; places begin with 1."""
    return Words(f"ordinal.{place}" if place <= NAMED_ORDINALS else "ordinal.next")
