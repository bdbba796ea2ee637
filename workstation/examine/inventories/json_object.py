"""A bill of material in JSON, built whole and strictly."""

import json
from typing import Any

from workstation.examine.inventories.inventory import invalid, text
from workstation.examine.reader import Notes

MAX_INTEGER_DIGITS = 400


def load(raw: bytes, notes: Notes) -> dict[str, Any]:
    """The object; names written twice are a caution, because two readers may see two inventories.

    Raises:
        Unreadable: SBOM_INVALID, it is no JSON object.
    """
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs) and len(repeated) < 10:  # noqa: PLR2004 - enough to show
            names = [name for name, _value in pairs]
            repeated.extend(sorted({name for name in names if names.count(name) > 1})[:10])
        return found

    try:
        value = json.loads(raw, object_pairs_hook=collect, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise invalid(f"no JSON: {error}") from None
    if not isinstance(value, dict):
        raise invalid("no JSON object")
    if repeated:
        notes.caution("SBOM_AMBIGUOUS", ", ".join(text(name, 60) for name in repeated))
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise ValueError("number too long")
    return int(digits)
