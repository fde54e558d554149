"""The transactions: one file each, readable aloud; the tree calls them by name."""

from collections.abc import Mapping

from ivr.dialogue.menu import FormCode
from ivr.forms.callback import callback
from ivr.forms.connection_fee import connection_fee
from ivr.forms.e_invoice import e_invoice_request, e_invoice_withdrawal
from ivr.forms.hot_water import hot_water_previous, hot_water_reading
from ivr.forms.meter_reading import meter_reading
from ivr.forms.open_windows import open_windows
from ivr.forms.partial_billing import partial_billing_restart, partial_billing_suspension
from ivr.forms.partial_consumption import partial_consumption
from ivr.forms.payment_day import payment_day
from ivr.forms.receipt_lookup import receipt_lookup
from ivr.forms.resume import resume
from ivr.forms.self_reading_switch import self_reading_switch
from ivr.forms.text_messages import sms_preference, wrong_number

FORMS: Mapping[str, FormCode] = {
    form.__name__: form
    for form in (
        *(callback, connection_fee, e_invoice_request, e_invoice_withdrawal, hot_water_previous),
        *(hot_water_reading, meter_reading, open_windows, partial_billing_restart),
        *(partial_billing_suspension, partial_consumption, payment_day, receipt_lookup, resume),
        *(self_reading_switch, sms_preference, wrong_number),
    )
}
