"""JSON, JSON lines and notebooks."""

import json

from workstation.examine.documents import plain
from workstation.examine.documents.json_scan import JsonFacts, NotJson, scan
from workstation.examine.reader import Notes, Source

MAX_BYTES = 64 << 20
MAX_BAD_LINES = 5
_ACTIVE_OUTPUTS = (
    "text/html",
    "application/javascript",
    "image/svg+xml",
    "application/vnd.jupyter.widget-view+json",
)


def examine(source: Source, notes: Notes) -> None:
    """Check JSON, JSON lines or a notebook; everything is read, nothing is built but a notebook."""
    encoding = plain.scan(source, notes)
    text = plain.whole(source, encoding, MAX_BYTES)
    if text is None:
        notes.incomplete("JSON_TOO_LARGE", f"{source.size_bytes} bytes, read up to {MAX_BYTES}")
        return
    if notes.kind == "json-lines":
        _lines(text, notes)
        return
    try:
        facts = scan(text)
    except NotJson as reason:
        if _is_lines(text, reason):
            notes.kind = "json-lines"
            _lines(text, notes)
        else:
            notes.incomplete("JSON_INVALID", f"character {reason.at}: {reason.why}")
        return
    notes.facts["json_depth"] = facts.depth
    _report(facts, notes)
    if notes.kind == "notebook":
        _notebook(text, notes)


def _is_lines(text: str, reason: NotJson) -> bool:
    """Whether a text is one JSON value a line: the first line is whole and another one follows."""
    return reason.why == "text after the value" and "\n" in text[: reason.at]


def _lines(text: str, notes: Notes) -> None:
    total, bad, at, number = JsonFacts(), 0, 0, 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        number += 1
        if text[at:end].strip():
            try:
                facts = scan(text, at, end)
            except NotJson as reason:
                bad += 1
                if bad <= MAX_BAD_LINES:
                    notes.incomplete(
                        "JSON_INVALID", f"line {number}, column {reason.at - at + 1}: {reason.why}"
                    )
            else:
                _add(total, facts)
        at = end + 1
    notes.facts["json_lines"] = number
    _report(total, notes)


def _add(total: JsonFacts, facts: JsonFacts) -> None:
    total.depth = max(total.depth, facts.depth)
    total.duplicates.extend(facts.duplicates[: 20 - len(total.duplicates)])
    total.not_numbers += facts.not_numbers
    total.long_numbers += facts.long_numbers
    total.lone_surrogates += facts.lone_surrogates


def _report(facts: JsonFacts, notes: Notes) -> None:
    if facts.duplicates:
        notes.caution("JSON_DUPLICATE_NAME", ", ".join(plain.visible(n) for n in facts.duplicates))
    odd = {
        "NaN or Infinity": facts.not_numbers,
        "numbers too long": facts.long_numbers,
        "lone surrogates": facts.lone_surrogates,
    }
    found = [f"{count} {name}" for name, count in odd.items() if count]
    if found:
        notes.note("JSON_UNUSUAL", ", ".join(found))


def _notebook(text: str, notes: Notes) -> None:
    content = json.loads(text)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        notes.incomplete("NOTEBOOK_INVALID", "no list of cells")
        return
    kinds: dict[str, int] = {}
    active: dict[str, int] = {}
    for cell in cells:
        kind = str(cell.get("cell_type"))[:20] if isinstance(cell, dict) else "invalid"
        if kind in kinds or len(kinds) < 20:  # noqa: PLR2004 - hostile cell types must not grow the facts
            kinds[kind] = kinds.get(kind, 0) + 1
        for mime in _output_types(cell):
            if mime in _ACTIVE_OUTPUTS:
                active[mime] = active.get(mime, 0) + 1
    notes.facts["cells"] = dict(kinds)
    if kinds.get("code"):
        notes.note("TEXT_CODE", f"{kinds['code']} code cells; shown, never run")
    if active:
        notes.caution("NOTEBOOK_ACTIVE", ", ".join(f"{count} {mime}" for mime, count in active.items()))


def _output_types(cell: object) -> list[str]:
    outputs = cell.get("outputs") if isinstance(cell, dict) else None
    if not isinstance(outputs, list):
        return []
    types: list[str] = []
    for output in outputs:
        data = output.get("data") if isinstance(output, dict) else None
        if isinstance(data, dict):
            types.extend(str(mime) for mime in data)
    return types
