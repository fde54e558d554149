"""Forbidden words of messages, folded (C.8), and related words.

``stems`` are refused anywhere in a word, ``beginnings`` where a word begins, ``whole`` as whole
words only: "per" is a lawsuit, "perc" a minute, "személyes" personal.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Folded words by how much of a word must match."""

    stems: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    def __or__(self, other: "Words") -> "Words":
        return Words(
            self.stems + other.stems,
            self.beginnings + other.beginnings,
            self.whole + other.whole,
        )


def _words(stems: str = "", beginnings: str = "", whole: str = "") -> Words:
    """From lists with commas, because some entries are two words."""
    lists = (
        tuple(" ".join(word.split()) for word in words.split(",") if word.strip())
        for words in (stems, beginnings, whole)
    )
    return Words(*lists)


DEBT = _words(
    stems="""tartoz, hatralek, eladosod, behajt, vegrehajt, kikapcs, lekapcs, kikorlatoz,
        felszolit, kovetel, kesedel, lejart, elmarad, rendezetlen, fizetetlen, nemfizet, befizet,
        nem fizet, kamat, reszletfiz, inkassz, jogi eljar, eljarast indit, birosag, meghagyas,
        fizetesi felsz, arveres, ugyved, perindit, perkoltseg, beperel, beperl, szerzodesbont,
        felmond, kiegyenlitetlen, kifizetetlen, kintlevo, nem rendezett,
        nem egyenlitett, overdue, arrears, unpaid, disconnect, lawsuit, legal action,
        enforcement""",
    beginnings="ados, csodelj, debt",
    whole="""per, pert, pere, perek, pereket, perbe, perben, perre, perrel, pernek, peres, peren,
        perel, perelni, pereli, pereljuk, perli, perlik, perlunk, jogi, csod, csodbe, csodot""",
)

PAYMENT = _words(
    stems="""fizet, fizess, esedekes, fennall, egyenleg, kiegyenlit, egyenlits, torleszt, rendezend,
        atutal, csekk, jovairas, outstanding, past due, balance, payable""",
    beginnings="utalj, utalas, utaln, osszeget, osszege, osszegu, osszegr, osszegb",
    whole="""osszeg, pay, paid, payment, payments, owe, owed, owes, owing, due""",
)
"""What is said of money and of bills that wait: neutral in a service message, never in a reminder.

Whoever reads that somebody is to pay, settle or transfer knows that they owe something.
"""

THREAT = _words(
    stems="""elkerules, kovetkezmeny, kulonben, ellenkezo eset, kenytelen, feljelent, szankcio,
        buntet, jogi lepes, levalaszt, megszuntet""",
)

URGENCY = _words(
    stems="""azonnal, haladek, figyelmezt, hatarid, hatarnap, mielobb, minel elobb, legkesobb,
        napon belul, oran belul, heten belul, visszahivasat, urgent, immediately, deadline,
        final notice""",
    beginnings="surgos, utolso, holnap, asap",
    whole="""hetfoig, keddig, szerdaig, csutortokig, pentekig, szombatig, vasarnapig, honap vegeig,
        het vegeig, ev vegeig, meg ma""",
)

CARDS = _words(stems="bankkartya, kartyaszam, kartyaadat, qr kod, jelszo", whole="qr, cvc, cvv")
