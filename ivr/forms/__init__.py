"""The transactions: one file each, readable aloud; the tree calls them by name."""

from collections.abc import Mapping

from ivr.dialogue.menu import FormCode
from ivr.forms.meter_reading import meter_reading
from ivr.forms.partial_billing import partial_billing_restart, partial_billing_suspension
from ivr.forms.partial_consumption import partial_consumption
from ivr.forms.payment_day import payment_day
from ivr.forms.self_reading_switch import self_reading_switch

FORMS: Mapping[str, FormCode] = {
    "meter_reading": meter_reading,
    "partial_billing_restart": partial_billing_restart,
    "partial_billing_suspension": partial_billing_suspension,
    "partial_consumption": partial_consumption,
    "payment_day": payment_day,
    "self_reading_switch": self_reading_switch,
}
