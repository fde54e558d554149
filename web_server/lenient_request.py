"""A request whose query string may be any bytes."""

from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

_INVALID_BECOMES_ESCAPED = "werkzeug.url_quote"


class LenientRequest(Request):
    """Reads a query string that is no UTF-8 as Werkzeug reads an escape that is none.

    Werkzeug itself raises ``UnicodeDecodeError`` for such bytes when they are not escaped, and any
    stranger can send them. https://url.spec.whatwg.org/#urlencoded-parsing
    """

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The fields of the query string; a byte that is no UTF-8 becomes its escape."""
        text = self.query_string.decode(errors=_INVALID_BECOMES_ESCAPED)
        fields = parse_qsl(text, keep_blank_values=True, errors=_INVALID_BECOMES_ESCAPED)
        return self.parameter_storage_class(fields)
