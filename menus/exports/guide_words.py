"""What the printed guide says besides the words of the tree, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class GuideWords:
    """What the guide says in one language, besides the words of the tree.

    Braces stand for a number, a key or a name of ``menus.written``.
    """

    title: str
    green: str
    other_numbers: str
    prepare: str
    how: str
    keys: str
    operator: str
    language: str
    back: str
    repeat: str
    pace: str
    direct_key: str
    what: str
    press: str
    direct: str
    hours: str
    any_menu: str
    marks: str
    change: str
    messages: str
    write_to: str
    all_topics: str
    one_topic: str
    reading: str
    whatever: str
    as_text: str


HUNGARIAN = GuideWords(
    title="Telefonos ügyintézés: {}",
    green="Zöld számunk (ingyenes)",
    other_numbers="Más számainkon",
    prepare="Hívás előtt tegye maga elé a számláját: több ügyhöz az azonosítóira lesz szükség.",
    how=(
        "Hívja fel számunkat, és nyomja meg egymás után a „gombok” oszlopban álló gombokat: nem "
        "kell megvárnia a mondatok végét. A „közvetlenül” oszlop jeleivel egy lépésben célba ér."
    ),
    keys="Gombok, amelyek minden menüben működnek",
    operator="ügyintéző",
    language="nyelvváltás",
    back="vissza az előző menühöz",
    repeat="ismétlés",
    pace="lassabb beszéd, hosszabb várakozás",
    direct_key="közvetlen választás: a menüpont száma, majd kettőskereszt",
    what="Miben segíthetünk?",
    press="Gombok",
    direct="Közvetlenül",
    hours="Mikor érheti el ügyintézőinket?",
    any_menu="bármely menüben",
    marks=(
        "Ahol „{}” áll, ott az ügyet gépünk a hívás alatt, éjjel-nappal elintézi; ahol „{}”, ott "
        "munkatársunkat kapcsoljuk. A többi menüpont tájékoztatást ad."
    ),
    change="Magyarul: a tárcsázás után nyomja meg a {} gombot.",
    messages="SMS-\u2060ben",
    write_to=(
        "Ha nem hall jól, vagy inkább írna, küldjön SMS-\u2060t erre a számra: {}. Válaszul "
        "ugyanazt írjuk meg, amit telefonon elmondunk. Így írjon:"
    ),
    all_topics="a témák listája",
    one_topic="egy téma, ebben a formában: a „gombok” oszlop számai, ponttal elválasztva",
    reading=(
        "mérőállás: e szó után a felhasználói azonosító, a mérő gyári száma és a mérőállás, "
        "szóközzel elválasztva; két tarifánál a nappali állás elé N, az éjszakai elé E betűt írjon"
    ),
    whatever="Minden más üzenetét munkatársunk olvassa el.",
    as_text=(
        "Ha mobiltelefonról hív, elérhetőségeinket és számlaszámainkat SMS-\u2060ben is elküldjük: "
        "ahol ezt felajánljuk, nyomja meg a {} gombot."
    ),
)

ENGLISH = GuideWords(
    title="Services by telephone: {}",
    green="Green number (free of charge)",
    other_numbers="Our other numbers",
    prepare="Have your bill at hand before you call: many services ask for the numbers on it.",
    how=(
        "Call our number and press the keys in the column “keys” one after the other: you need not "
        "wait for sentences to end. What stands in the column “direct” takes you there in one step."
    ),
    keys="Keys that work in every menu",
    operator="an agent",
    language="change of language",
    back="back to the previous menu",
    repeat="hear it again",
    pace="slower speech, longer waits",
    direct_key="direct choice: the number of the item, then hash",
    what="What can we do for you?",
    press="Keys",
    direct="Direct",
    hours="When are our agents there?",
    any_menu="in any menu",
    marks=(
        "Items marked “{}” are settled by our machine during the call, day and night; “{}” means "
        "that we connect you. All other items give information."
    ),
    change="In English: press {} after dialling.",
    messages="By text message",
    write_to=(
        "If you are hard of hearing, or would rather write, send a text message to this number: "
        "{}. Our reply says what you would hear on the telephone. Write:"
    ),
    all_topics="the list of topics",
    one_topic="one topic, in this form: the numbers in the column “keys”, with dots between them",
    reading=(
        "a meter reading: after this word your user identifier, the meter's serial number and the "
        "reading, with spaces between them; with two tariffs put N before the day reading and E "
        "before the night reading"
    ),
    whatever="Anything else that you write is read by a colleague.",
    as_text=(
        "If you call from a mobile phone, we can also send you our contacts and account numbers as "
        "a text message: where this is offered, press {}."
    ),
)

_LANGUAGES: Mapping[str, GuideWords] = MappingProxyType({"hu": HUNGARIAN, "en": ENGLISH})


def guide_words(language: str) -> GuideWords:
    """The words of a language; English ones for a language that nobody has written here."""
    return _LANGUAGES.get(language, ENGLISH)
