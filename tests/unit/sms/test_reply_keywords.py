"""What people write back, and what it is taken for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.interface.codes import ReplyMeaning
from messages.content.gsm_encoding import soften
from sms.keywords import is_english_help, meaning, meaning_of_opt_out_type
from tests.support.runs.tables import each_of

SAID: dict[ReplyMeaning, str] = {
    "opt_out": """
        STOP | stop | Stop. | "STOP" | „STOP” | 'stop' | STOP!!! | ＳＴＯＰ | s.t.o.p. | S T O P
        STOPALL | stop all | UNSUBSCRIBE | END | QUIT | REVOKE | OPTOUT | opt-out | CANCEL
        STOP STOP | STOP SMS | sms stop | STOP sms-t | Stop 🙏 | stop küldeni | stop it now please
        stopp | please stop | please stop texting me | Kérem STOP! | Stop. Köszönöm.
        just stop already | LEIRATKOZÁS | LEIRATKOZOM | leiratkozni szeretnék
        Le akarok iratkozni. | iratkozzanak le | LEMONDOM | lemondom az sms-eket | TILTÁS
        letiltom | VÉGE | vege | tiltsák le a számomat | NE KÜLDJENEK TÖBBET
        ne küldjenek több sms-t | Kérem, többet ne küldjenek üzenetet! | NE ÍRJANAK
        ne irjanak tobbet erre a szamra | Ne írjon nekem! | többé ne írjanak ide | ne zaklassanak
        Ne zaklassanak már! | ne zaklassatok | hagyjanak békén | Hagyjon már békén!
        nem kérek több sms-t | Nem kérek több üzenetet, köszönöm | töröljenek
        Töröljék a számomat! | leave me alone | do not text me | Don't text me anymore
        don’t send messages | no more sms | ne küldjenek több hülyeséget
        STOP ne küldjenek többet
        STOP nem akarok ilyet | Stop! Nem tudom, kik maguk | unsubscribe, not interested
    """,
    "wrong_addressee": """
        TEVES | téves | TÉVES | Téves! | teves szam | Teves szam! | téves szám | Téves telefonszám
        téves szám, nem én vagyok | TEVES nem engem keresnek | Téves hívás | teves sms | „téves”
        nem én | Nem én! | nem én vagyok | nem en vagyok az | Nem engem keresnek.
        nem engem keresnek | nem engem érint | Nem érint! | nem érint engem | Nem nekem szól
        rossz szám | Rossz számot írtak | Rossz szám, ne írjanak többet | Téves szám! STOP
        Jó napot! Téves szám, köszönöm. | wrong number | Sorry, wrong number
        You have the wrong number | not me | It's not me | wrong person
        téves, itt nincs ilyen ember | TEVES szam Minta Bt | rossz helyre küldték ezt az üzenetet
    """,
    "opt_in": "START | start! | Unstop | FELIRATKOZÁS | Kérem START",
    "help": "HELP | help? | Info | SEGÍTSÉG | segitseg! | Segítséget kérek | információt kérek",
    "other": """
        YES | IGEN | igen | OK | nem | NEM | no | köszönöm | Jó napot! | már befizettem
        Már rendeztem! | nem én fizettem rosszul, hanem a bank | nem én, hanem a férjem
        Nem én vagyok a tulajdonos? | Téves a számla | teves szamla | téves a mérőállás
        Téves összeget kértek | rossz számlát kaptam | téves telefonszámla
        TEVES adatok vannak a rendszerben | nem téves | téves?! mi ez | ne küldjenek papír számlát
        Ne írják fel a mérőállást | STOP a fizetésnek | stop fizetek | nonstop | non-stop
        non stop | nem akarok leiratkozni | nem kérek leiratkozást | nem stop | mi az a STOP?
        Hol kell leiratkozni? | don't stop | end of the month | cancel my contract
        vége a hónapnak | lemondom a szerződést | töröljék a tartozásomat | start a szerződés
        START STOP | hívjanak vissza | Mikor fizessek? | segítsenek kifizetni | info a számláról
        Kérem, hívjanak fel holnap délután, mert nem értem, miért kellene bármit is fizetnem, stop
        12345 | . | 🙂 | ? | a az ez | kérem
    """,
}
EXAMPLES = [
    (said.strip(), expected)
    for expected, table in SAID.items()
    for said in table.replace("\n", "|").split("|")
    if said.strip()
]


@each_of(("said", "expected"), EXAMPLES)
def test_a_reply_is_taken_for_what_it_says_with_and_without_accents(
    said: str, expected: str
) -> None:
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", said)
        if unicodedata.category(letter) != "Mn"
    )
    for written in (said, soften(said), bare, said.upper(), said.lower(), f"  {said}\n"):
        assert meaning(written) == expected, written


AT_THE_BEGINNING: dict[ReplyMeaning, tuple[str, ...]] = {
    "opt_out": (
        "STOP - Nagy Ilona, Vác, Széchenyi u. 5.",
        "STOP – Nagy Ilona, Vác, Széchenyi u. 5.",
        "STOP! Honnan tudják a számomat?",
        "Stop. A számlámat már régen kifizettem, nem értem, mit akarnak.",
        "STOP: ezt a számot a gyerekem használja, aki még iskolás.",
        "STOP, Nagy Ilona vagyok Vácról, a Széchenyi utca ötből",
        "STOP\nNagy Ilona\nVác, Széchenyi u. 5.",
        "Jó napot! STOP! Honnan tudják egyáltalán a számomat?",
        "Tisztelt Ügyfélszolgálat! STOP. Üdvözlettel: Nagy Ilona, Vác, Széchenyi u. 5.",
        "Kérem, ne küldjenek több SMS-t! Honnan tudják egyáltalán a számomat?",
        "Leiratkozom. Nagy Ilona, Vác, Széchenyi utca 5., felhasználó vagyok.",
        "LEMONDOM az SMS-eket, köszönöm\nNagy Ilona, 2600 Vác, Széchenyi u. 5.",
        "STOP\n\n-----Eredeti üzenet-----\nFeladó: ELMŰ\nNem Önt érinti? Jelezze!",
        "STOP\n\nKüldve az iPhone-omról",
        "STOP\nSamsung Galaxy okostelefonról küldve.",
        "Ne írjanak, hívjanak!",
    ),
    "wrong_addressee": (
        "TÉVES! Kik maguk?",
        "Téves szám. Én Nagy Ilona vagyok Vácról, és nem ismerek ilyen nevű embert.",
        "TEVES - Nagy Ilona, Vác, Széchenyi u. 5.",
        "Téves telefonszámra küldve! Kérem, nézzék meg jobban, hogy kinek írnak.",
        "Tisztelt Cím! Téves szám. Kérem, hogy a nyilvántartásukat javítsák ki mielőbb!",
        "Rossz szám! A fiam régi telefonja ez, és ő már nem itt lakik, hanem külföldön.",
        "TÉVES\n> Tisztelt Ügyfelünk! Számlaügyben egyeztetést kérünk.",
    ),
    "other": (
        "Ne hívjanak, írjanak SMS-t!",
        "Ne hívjanak! Írjanak SMS-t, köszönöm.",
        "Ne hívjanak! Napközben dolgozom, este viszont bármikor elérnek ezen a számon.",
        "Inkább SMS-t küldjenek, ne hívjanak!",
        "Nem én, hanem a férjem fizeti a számlákat évek óta.",
        "nem én - hanem a férjem fizeti mindig ezeket a számlákat",
        "Téves: a mérőállás, amit a számlán feltüntettek, nem egyezik a mérővel.",
        "Lemondom: a szerződést, amit a múlt hónapban kötöttünk Önökkel.",
        "STOP? Mit jelent ez, és mi történik, ha most ezt írom vissza Önöknek?",
        "STOP a fizetésnek! Elegem van belőle, hogy mindig csak fizetni kell.",
        "Mikor hívhatom Önöket?\n> STOP",
        "> STOP",
        "--\nSTOP",
        "Köszönöm, rendben.\nOn Sat, 28 Nov 2026 at 10:15, ELMŰ wrote:\nSTOP",
    ),
}


@each_of(
    ("said", "expected"),
    [(said, expected) for expected, table in AT_THE_BEGINNING.items() for said in table],
)
def test_a_keyword_in_the_first_line_or_sentence_holds_whatever_follows(
    said: str, expected: ReplyMeaning
) -> None:
    for written in (said, soften(said), said.replace("\n", "\r\n"), f"\n {said}"):
        assert meaning(written) == expected, written


@given(st.text(max_size=300))
def test_a_stop_in_the_first_line_holds_whatever_is_below(rest: str) -> None:
    assert meaning(f"STOP!\nKik maguk?\n{rest}") == "opt_out"


def test_an_empty_reply_is_for_people() -> None:
    assert meaning("") == "other"
    assert meaning(" \n\t") == "other"


@given(st.text(max_size=1600))
def test_any_text_has_a_meaning(text: str) -> None:
    assert meaning(text) in SAID


@given(
    st.lists(
        st.sampled_from(["a", "bank", "tegnap", "miért", "hölgy", "kedden"]),
        min_size=6,
        max_size=30,
    ),
    st.sampled_from(["STOP", "TEVES", "nem én", "ne írjanak", "HELP", "START"]),
    st.data(),
)
def test_a_long_sentence_that_has_a_keyword_in_it_is_for_people(
    words: list[str], keyword: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words)))
    sentence = " ".join([*words[:place], keyword, *words[place:]])
    if set(words) != {"a"}:
        assert meaning(sentence) == "other"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("STOP", "opt_out"),
        ("stop", "opt_out"),
        ("START", "opt_in"),
        ("HELP", "help"),
        ("", None),
        (None, None),
        ("PAUSE", None),
    ],
)
def test_the_carriers_own_reading_has_three_words(word: str | None, expected: str | None) -> None:
    assert meaning_of_opt_out_type(word) == expected


@pytest.mark.parametrize("body", ["help", "HELP?", "Please help!", "H E L P", "help kérem"])
def test_help_is_a_call_in_english(body: str) -> None:
    assert meaning(body) == "help"
    assert is_english_help(body)


@pytest.mark.parametrize("body", ["INFO", "segítség", "Segítség! Help!", "info please", "súgó"])
def test_any_other_word_for_help_is_a_call_in_hungarian(body: str) -> None:
    assert meaning(body) == "help"
    assert not is_english_help(body)
