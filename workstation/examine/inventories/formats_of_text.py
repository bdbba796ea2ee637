"""Texts that must have a form (RFC 3339, 3987), judged in one pass.

The validators that come with the schema library parse by grammar and take minutes on a hostile address.
"""

import re
from datetime import date

_DATE_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_IRI_CHARACTERS = re.compile(
    '[^\\x00-\\x20\\x7f-\\x9f"<>\\\\^`{|}%\ud800-\udfff]*+'
    '(?:%[0-9A-Fa-f]{2}[^\\x00-\\x20\\x7f-\\x9f"<>\\\\^`{|}%\ud800-\udfff]*+)*+'
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_AUTHORITY = re.compile(r"//[^/?#]*")


def is_date_time(value: object) -> bool:
    """RFC 3339 date-time; what is no text passes, as in JSON Schema."""
    if not isinstance(value, str):
        return True
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def is_iri_reference(value: object) -> bool:
    """RFC 3987 IRI or relative reference."""
    if not isinstance(value, str):
        return True
    if not _IRI_CHARACTERS.fullmatch(value) or value.count("#") > 1:
        return False
    scheme = _SCHEME.match(value)
    rest = value[scheme.end() :] if scheme else value
    if not scheme and ":" in re.split("[/?#]", rest, maxsplit=1)[0]:
        return False
    authority = _AUTHORITY.match(rest)
    path = rest[authority.end() :] if authority else rest
    return "[" not in path and "]" not in path


def is_iri(value: object) -> bool:
    """An IRI with its scheme."""
    return not isinstance(value, str) or (_SCHEME.match(value) is not None and is_iri_reference(value))


def is_email(value: object) -> bool:
    """Something with an at sign, which is all JSON Schema validators ask in practice."""
    return not isinstance(value, str) or "@" in value
