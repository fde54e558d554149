"""Which columns hold what is about a customer or caller, with the headings of a disclosure.

Every column of the records is in one of these; a test over the tables holds them complete, so that
nobody adds one without deciding.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A table with rows about a person: its heading, and those of its columns, in Hungarian.

    ``technical`` are the columns of such a row that tell nothing about the person.
    """

    heading: str
    columns: Mapping[str, str]
    technical: str = ""


ABOUT_PEOPLE: Mapping[str, Disclosed] = {
    "customers": Disclosed(
        "Ügyféladatok",
        {
            "customer_id": "ügyfélazonosító",
            "name": "név",
            "address": "cím",
            "email": "e-mail-cím",
            "phone": "telefonszám",
            "language": "nyelv",
            "direct_debit": "csoportos beszedés",
            "payment_day": "fizetési nap",
            "protected": "védendő fogyasztó",
            "invoice_numbers": "számlák sorszáma",
        },
    ),
    "sites": Disclosed(
        "Felhasználási helyek",
        {
            "site_id": "felhasználási hely azonosítója",
            "customer_id": "ügyfélazonosító",
            "service": "szolgáltatás",
            "address": "cím",
            "billing": "elszámolás módja",
            "partial_kwh_per_month": "részszámla havi mennyisége (kWh)",
            "partial_billing": "részszámlázás",
        },
    ),
    "windows": Disclosed(
        "Leolvasási időszakok",
        {
            "site_id": "felhasználási hely azonosítója",
            "opens": "kezdete",
            "closes": "vége",
        },
    ),
    "meters": Disclosed(
        "Mérők",
        {
            "site_id": "felhasználási hely azonosítója",
            "serial": "gyári szám",
            "register": "számlálómű",
            "label": "megnevezés",
            "digits": "számjegyek",
            "last_value": "utolsó mérőállás",
            "last_read_on": "utolsó leolvasás napja",
            "daily_average": "napi átlagfogyasztás",
            "max_amperes": "legnagyobb áramerősség (A)",
        },
    ),
    "debts": Disclosed(
        "Tartozások ügyei",
        {
            "case_id": "ügy száma",
            "customer_id": "ügyfélazonosító",
            "phone": "telefonszám",
            "status": "állapot",
            "overdue_since": "lejárt ettől a naptól",
        },
    ),
    "requests": Disclosed(
        "Telefonon intézett ügyek",
        {
            "receipt": "visszaigazoló szám",
            "kind": "ügy fajtája",
            "customer_id": "ügyfélazonosító",
            "site_id": "felhasználási hely azonosítója",
            "data": "megadott adatok",
            "effective_from": "hatálya ettől a naptól",
            "channel": "csatorna",
            "created_at": "rögzítés ideje",
            "exported_at": "átadás ideje a háttérrendszernek",
        },
        "number call_sid flags",
    ),
    "readings": Disclosed(
        "Bejelentett mérőállások",
        {
            "receipt": "visszaigazoló szám",
            "site_id": "felhasználási hely azonosítója",
            "serial": "gyári szám",
            "register": "számlálómű",
            "window_opens": "leolvasási időszak kezdete",
            "value": "mérőállás",
            "read_on": "leolvasás napja",
            "superseded_at": "felülírva",
            "superseded_by": "felülíró visszaigazoló szám",
        },
    ),
    "calls": Disclosed(
        "Hívások",
        {
            "reference": "hívásazonosító",
            "dialled": "hívott szám",
            "began_at": "kezdete",
            "agent_at": "ügyintéző kapcsolása",
            "ended_at": "vége",
            "outcome": "kimenetele",
            "desk": "ügyintézői csoport",
        },
        "call_sid caller_key tree_hash",
    ),
    "turns": Disclosed(
        "Hívások menete",
        {"at": "időpont", "place": "hely a menüben", "heard": "megnyomott gombok"},
        "call_sid turn",
    ),
    "callers": Disclosed(
        "Megjegyzett beállítások",
        {
            "language": "nyelv",
            "slow": "lassú beszéd",
            "left_undone": "félbehagyott ügy",
            "left_on": "félbehagyott ügy szolgáltatása",
            "left_at": "félbehagyás ideje",
            "seen_at": "utolsó hívás",
        },
        "caller_key left_at_site",
    ),
    "proven_callers": Disclosed(
        "Sikeres azonosítások", {"at": "időpont"}, "number caller_key site_key"
    ),
    "identification_failures": Disclosed(
        "Sikertelen azonosítások",
        {"at": "időpont"},
        "number call_sid caller_key site_key only_asked cleared",
    ),
    "outbox": Disclosed(
        "Nekünk feladott, Önnek szánt üzenetek",
        {
            "campaign_id": "kampány",
            "case_id": "ügy száma",
            "customer_id": "ügyfélazonosító",
            "phone": "telefonszám",
            "state": "állapot",
            "reason": "kihagyás oka",
            "attempted_at": "küldés ideje",
            "settled_at": "eredmény ideje",
        },
        "number line phone_is_of_case code attempt reference worker lease_until next_attempt_at "
        "message_sid first_asked_at asked_until",
    ),
    "exclusions": Disclosed(
        "Kampányokból kihagyva",
        {"campaign_id": "kampány", "case_id": "ügy száma", "reason": "oka"},
        "line",
    ),
    "inbound_messages": Disclosed(
        "Öntől kapott üzenetek",
        {
            "received_at": "érkezés ideje",
            "phone": "telefonszám",
            "body": "szöveg",
            "meaning": "jelentése",
            "answer": "válaszunk",
            "pictures": "képek száma",
        },
        "message_sid acknowledged counted_parts task_number",
    ),
    "tasks": Disclosed(
        "Ügyintézői feladatok",
        {
            "kind": "fajtája",
            "phone": "telefonszám",
            "subject": "tárgya",
            "opened_at": "kezdete",
            "done_at": "vége",
            "outcome": "eredménye",
        },
        "number outbox_number message_sid taken_at taken_by done_by",
    ),
    "stops": Disclosed(
        "Üzenetküldés letiltása",
        {"reason": "oka", "since": "mikortól", "origin": "honnan"},
        "phone_key",
    ),
}

MAY_MENTION: Mapping[str, str] = {
    "drafts": "data",
    "jobs": "data result",
    "api_answers": "body",
    "stored_files": "name",
    "stored_file_parts": "content",
    "campaigns": "message name",
}
"""Texts and files that may mention anybody; a disclosure tells how many do."""

OF_STAFF: Mapping[str, str] = {
    "users": "name role password_hash password_is_one_time phone created_at disabled_at language "
    "password_set_at",
    "sessions": "session_key name created_at seen_at proved_at ended_at address way",
    "login_failures": "number kind name_key address_key at",
    "second_factors": "name secret last_step created_at confirmed_at",
    "recovery_codes": "code_key name used_at",
    "passkeys": "passkey_key name label credential_id public_key sign_count created_at used_at",
    "passkey_challenges": "challenge session_key purpose made_at",
    "identities": "issuer subject name linked_at linked_by",
    "acts": "number at by act subject detail session address",
    "form_keys": "form_key by at location",
    "drafts": "draft_id kind by step version created_at updated_at",
    "jobs": "job_id kind by state done total created_at started_at finished_at stage worker "
    "attempts",
    "stored_files": "file_id by created_at",
    "stored_file_parts": "file_id part",
    "templates": "name version kind text lines created_at created_by",
    "notices": "number kind area place_hu place_en begins ends closed_at created_by",
    "desk_closures": "number desk begins ends created_by",
    "extra_windows": "number area opens closes created_by",
    "campaigns": "campaign_id kind template template_version segments state source source_rows "
    "recipients rehearsal_of created_at created_by approved_at approved_by starts_at started_at "
    "ended_at pause_reason reply_to delivered",
    "api_keys": "name key_hash scopes created_at created_by expires_at disabled_at last_used_on "
    "free_at",
    "webhooks": "webhook_id url secret created_at created_by disabled_at failures resting_until",
}

OF_THE_SERVICE: Mapping[str, str] = {
    "api_answers": "answer_key fingerprint status at",
    "webhook_messages": "number webhook_id kind subject at attempts due_at delivered_at",
    "workers": "worker seen_at",
    "recurring_work": "name due_at holder",
    "salts": "name value",
    "pace": "sender free_at",
    "reply_spending": "day parts refused",
}
"""``webhook_messages.subject`` is a receipt or a campaign's id."""
