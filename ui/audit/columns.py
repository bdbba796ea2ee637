"""Audit rows as a table: who did what, in words, with the facts as they are recorded."""

import json

from ui.dates import Dates
from ui.widgets.tables import Table
from workstation.app.wording import word
from workstation.core.ports import AuditRow

_SPLIT_BEFORE_CAPITAL = str.isupper


def event_words(name: str) -> str:
    """``PackageAccepted`` as ``Package accepted``."""
    parts: list[str] = []
    for char in name:
        parts.append(f" {char.lower()}" if _SPLIT_BEFORE_CAPITAL(char) and parts else char)
    return "".join(parts)


def facts_text(body_json: str) -> str:
    """``name: value`` pairs; what is empty is left out."""
    body = json.loads(body_json)
    if not isinstance(body, dict):
        return body_json
    pairs = ((name.replace("_", " "), value) for name, value in body.items() if name != "case_id")
    return "; ".join(f"{name}: {_value(value)}" for name, value in pairs if value not in ("", None, [], {}))


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return str(value)


def table(name: str, dates: Dates, *, with_case: bool) -> Table[AuditRow]:
    """Newest first."""
    case = (("Case", lambda row: row.case_id or "-"),) if with_case else ()
    columns = (
        ("Row", lambda row: str(row.seq), lambda row: row.seq),
        ("When", lambda row: dates.moment(row.at), lambda row: (row.at, row.seq)),
        ("Who", lambda row: row.actor_name),
        ("Role", lambda row: word("role", row.role)),
        ("What", lambda row: event_words(row.event)),
        *case,
        ("Facts", lambda row: facts_text(row.body_json)),
    )
    return Table(name, columns, stretch=len(columns) - 1)
