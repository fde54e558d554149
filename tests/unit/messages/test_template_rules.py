"""What a template is refused for, through every disguise, and what looks alike and may pass."""

import time

import pytest

from backend.interface.codes import MessageKind
from messages.content.checks import check_message, check_template
from messages.content.desk_facts import DeskFacts, DeskFactsError
from messages.content.folding import fold, folded
from messages.content.gsm_encoding import soften
from messages.content.render import TemplateError, render, render_with_receipt
from messages.content.shipped import Template, shipped_templates
from tests.support.runs.tables import each_of

DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612382919", "hatralekkezeles@elmu.hu", "hétfő-péntek 8-20")
CONTACTS = "Kérjük, hívja: {desk_phone}, vagy írjon: {desk_email}. "
RECEIPT = "48271936"

REFUSED = {
    "slot": ("{name}", "{company!r}", "{ desk_phone }", "{", "}", "｛név｝", "[NÉV]", "<name>",
             "%s", "{{company}}", "${nev}", "{receipt}"),
    "amount": ("17 635 Ft", "17635Ft", "17.635,-", "HUF", "forint", "f o r i n t", "forіnt", "€",
               "tizenhétezer forint", "tizenhétezer", "kétezer-ötszáz", "három számla", "euró",
               "százötven"),
    "date": ("2026-12-01", "2026. 12. 01.", "12.01.", "december", "d e c e m b e r", "dec. 1",
             "elsejéig", "15-éig", "Márciusban", "tizedikén"),
    "digits": ("1", "4827-1936", "2 0 2 9 3 8 1 1", "１２３４", "٣٤٥", "238 2919",
               "egy kettő három", "+36 1 238 29191", "+36 1 238 3838"),
    "link": ("https://elmu.hu", "www.elmu.hu", "elmu.hu", "elmu . hu", "elmu pont hu", "bit.ly/x",
             "wa.me/x", "еlmu.hu", "masik@elmu.hu", "elmu[.]hu", "bankkártya", "QR",
             "elmu.de", "goo.gl", "elmu。hu", "elmu｡hu", "ELMU.DE", "Elmu.de", "t.me", "elmű.bank",
             "sub.elmu.travel", "e-mail.elmu.de", "1x.bet", "пример.рф"),
    "stem": ("tartozás", "TARTOZAS", "t a r t o z á s", "t.a.r.t.o.z.á.s", "tar-tozás", "tartоzás",
             "tart0zás", "tartooozás", "taаrtozás", "tar\u200btozás", "tarto\u00adzás",
             "ta\u0301rtozás", "tar\0tozás", "ｔａｒｔｏｚás", "hátralék", "hátraIék",
             "díjhátraléka", "adós", "ad0s", "eladósodott", "behajtás", "végrehajtó",
             "kikapcsolás", "kikap csolás",
             "per", "PER", "p e r", "p.e.r", "p3r", "pert", "perrel", "jogi eljárás", "debt",
             "Kiegyenlítetlen", "esedékes", "fennálló", "egyenleg", "rendezetlen", "fizesse",
             "kiegyenlíteni", "kintlévőség", "egyenlítse", "törlesztés", "rendezendő", "csekk",
             "fizetés", "átutalás", "outstanding", "balance", "owed", "due"),
    "threat": ("jogi lépések elkerülése", "következmények", "különben", "k ü l ö n b e n"),
    "urgency": ("azonnal", "Azonnali", "a z o n n a l", "utolsó figyelmeztetés", "határidőre",
                "péntekig", "Hívjon!!", "Hívjon?!", "HÍVJON", "sürgősen", "haladéktalanul"),
}  # fmt: skip

MAY_PASS = (
    "perc", "percek", "személyes", "Perényi", "szuper", "periódus", "számla", "szerelő", "ezért",
    "egy kérdésben", "kiadós", "előadó", "százalék", "következő", "városban", "STOP", "TEVES",
    "SMS", "Jelezze!", "kérjük.Hívja", "{company}", "{desk_hours}", "időpont", "hozzánk", "európai",
    "kb.Az", "pl.ha", "ill.az", "u.n.", "rendezte.Nincs", "összegyűjt", "csekély", "utalok",
    "0612382919", "+36 1/238-2919", "(hatralekkezeles@elmu.hu)", "Elmu-Emasz",
)  # fmt: skip


@each_of(("rule", "text"), [(rule, text) for rule, texts in REFUSED.items() for text in texts])
def test_a_refused_text_names_its_rule_and_marks_its_place(rule: str, text: str) -> None:
    template = f"{CONTACTS}Most {text} után"
    findings = [f for f in check_template(template, desk=DESK) if f.rule == rule]
    assert findings
    within = range(len(CONTACTS) + 5, len(CONTACTS) + 5 + len(text) + 1)
    for finding in findings:
        assert finding.start in within
        assert finding.end in within
        assert finding.excerpt == template[finding.start : finding.end] != ""
        assert finding.hint
        assert "C.8" in str(finding)


@each_of("text", MAY_PASS)
def test_a_near_miss_may_pass(text: str) -> None:
    assert check_template(f"{CONTACTS}Most {text} után", desk=DESK) == ()


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("a t a r t o z á s a", "t a r t o z"),
        ("nagy há\u0301tralék van", "há\u0301tralék"),
        ("az 17 635 Ft-ot", "17 635 Ft"),
        ("egy p.e.r lesz", "p.e.r"),
        ("Tisztelt {name}!", "{name}"),
    ],
)
def test_the_mark_covers_the_disguise_and_no_more(text: str, excerpt: str) -> None:
    assert excerpt in [finding.excerpt for finding in check_template(CONTACTS + text)]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Hívja: {desk_phone}", {"missing-email"}),
        ("Írjon: {desk_email}", {"missing-phone"}),
        ("Hívjon minket", {"missing-phone", "missing-email"}),
        ("Hívja: 238 2919, {desk_email}", {"missing-phone", "digits"}),
    ],
)
def test_a_reminder_without_both_contacts_is_refused(text: str, missing: set[str]) -> None:
    assert {finding.rule.value for finding in check_template(text, desk=DESK)} == missing


def test_a_contact_that_is_spelled_out_needs_a_desk_that_has_it() -> None:
    text = "+36 1 238 2919, hatralekkezeles@elmu.hu"
    assert check_template(text, desk=DESK) == ()
    assert {f.rule.value for f in check_template(text)} > {"stem", "link", "digits"}


def test_a_second_line_passes_only_when_it_is_declared() -> None:
    text = f"{CONTACTS} +36 1 238 3577"
    assert check_template(text, desk=DESK, allowed_numbers=["+3612383577"]) == ()
    assert [f.rule.value for f in check_template(text, desk=DESK)] == ["digits"]


@pytest.mark.parametrize("text", ["Az 5-ös gomb", "Leolvasás december 12-ig", "HÍVJON"])
def test_a_service_message_may_name_keys_and_days(text: str) -> None:
    assert check_template(text, kind=MessageKind.SERVICE) == ()


@pytest.mark.parametrize("text", ["20293811", "17 635 Ft", "tartozás", "elmu.hu/x", "{name}"])
def test_a_service_message_is_no_way_around_the_rules(text: str) -> None:
    assert check_template(text, kind=MessageKind.SERVICE)


@each_of("template", shipped_templates().values())
@each_of("spelling", [str, soften, "ascii"])
def test_a_shipped_template_may_be_sent_in_every_spelling(
    template: Template, spelling: object
) -> None:
    assert check_template(template.text, kind=template.kind, allowed_numbers=template.lines) == ()
    message = render_with_receipt(template.text, DESK, RECEIPT, 7)
    spelled = spelling(message) if callable(spelling) else _ascii(message)
    record = ["Minta Ügyfél 1", "1000 Mintaváros, Példa utca 1.", "20293811", "17635", "Ön Kérjük"]
    found = check_message(
        spelled, DESK, record, kind=template.kind, allowed_numbers=template.lines, receipt=RECEIPT
    )
    assert found == ()


def test_the_first_reminder_reads_as_it_was_approved() -> None:
    assert render(shipped_templates()["debt_contact_1"].text, DESK) == (
        "Tisztelt Ügyfelünk! Számlaügyben egyeztetést kérünk: +36 1 238 2919, "
        "hatralekkezeles@elmu.hu. Ha rendezte, nincs teendője. Nem Önt érinti? Jelezze! ELMŰ-ÉMÁSZ"
    )


def test_another_receipt_than_the_confirmed_one_is_refused() -> None:
    message = render_with_receipt("Szám: {receipt}", DESK, RECEIPT)
    assert check_message(message, DESK, kind=MessageKind.SERVICE, receipt=RECEIPT) == ()
    assert check_message(message, DESK, kind=MessageKind.SERVICE, receipt="11111111")
    assert check_message(message, DESK, kind=MessageKind.SERVICE)


@pytest.mark.parametrize("text", ["{name}", "{", "}", "{company", "{{company}}", "{receipt}", "{}"])
def test_a_template_with_another_slot_is_not_rendered(text: str) -> None:
    with pytest.raises(TemplateError, match="at character 1"):
        render(text, DESK)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("company", "Minta 20293811"),
        ("company", " "),
        ("phone", "2382919"),
        ("email", "elmu"),
        ("hours", "2029381"),
    ],
)
def test_a_desk_with_an_unfit_fact_names_it(fact: str, value: str) -> None:
    facts = {"company": "Minta", "phone": "+3612382919", "email": "a@elmu.hu", "hours": ""}
    with pytest.raises(DeskFactsError, match=fact):
        DeskFacts(**{**facts, fact: value})


def test_folding_sees_through_alphabets_and_keeps_places() -> None:
    seen = fold("А\u200bѓ ﬁŐ")
    assert seen.text == "ar fio"
    assert seen.place(3, 5) == (4, 5)
    assert seen.place(5, 6) == (5, 6)


def test_a_long_hostile_text_is_checked_at_once() -> None:
    began = time.perf_counter()
    for filler in ("s", "1 ", "egy", "!", "t a ", "{", "a.", "[", "|"):
        check_message(filler * (1600 // len(filler)), DESK, ["Minta Ügyfél", "20293811"])
    assert time.perf_counter() - began < 10


def _ascii(text: str) -> str:
    plain = folded(text)
    assert plain.isascii()
    return "".join(
        low.upper() if sign.isupper() else low for sign, low in zip(text, plain, strict=True)
    )


@pytest.mark.parametrize("kind", MessageKind)
def test_a_message_that_the_carrier_would_not_take_is_refused(kind: MessageKind) -> None:
    filler = "Kérjük, olvassa el. " * 100
    fitting = f"{CONTACTS}{filler}"[:1580] + "."
    assert [f.rule for f in check_template(fitting, desk=DESK, kind=kind)] == []
    # The slots count as what they are filled with, and places in a longer text still do.
    long = f"{CONTACTS}{filler}"[:1599] + "x"
    for text in (long, long + "x", f"{CONTACTS}{filler * 2}"):
        found = [f for f in check_template(text, desk=DESK, kind=kind) if f.rule == "length"]
        assert len(found) == 1
        assert "the carrier takes 1,600" in found[0].message
    rendered = render(long, DESK)
    assert [f.rule for f in check_message(rendered, DESK, kind=kind)] == ["length"]


def test_of_a_text_that_is_far_too_long_only_that_is_told() -> None:
    assert [f.rule for f in check_template("{desk_hours}" * 300 + "adós")] == ["length"]
    for hostile in ("t " * 500_000, "1" * 500_000, "a." * 500_000, "a@" * 500_000):
        assert [f.rule for f in check_template(hostile, desk=DESK)] == ["length"]
        assert [f.rule for f in check_message(hostile, DESK, ["Minta"])] == ["length"]


@pytest.mark.parametrize(
    "text", ["A fizetési nap módosult. {company}", "Egyenlegét a hívásban mondjuk el. {company}"]
)
def test_a_service_message_may_speak_of_payment(text: str) -> None:
    assert check_template(text, desk=DESK, kind=MessageKind.SERVICE) == ()
