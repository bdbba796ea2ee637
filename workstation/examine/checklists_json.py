"""CKLB: the JSON checklist of STIG Viewer 3."""

import json
from typing import Any

from workstation.examine.checklists_report import Checklist, Report, invalid
from workstation.examine.documents import plain
from workstation.examine.documents.json_scan import NotJson, scan
from workstation.examine.reader import Notes, Source, Unreadable

MAX_BYTES = 48 << 20
STATUSES = frozenset({"not_reviewed", "not_a_finding", "not_applicable", "open"})


def examine(source: Source, notes: Notes) -> None:
    """Read a CKLB file.

    Raises:
        Unreadable: CHECKLIST_INVALID when it is none.
    """
    if source.size_bytes > MAX_BYTES:
        notes.incomplete("CHECKLIST_TOO_LARGE", f"{source.size_bytes} bytes, read up to {MAX_BYTES}")
        return
    text = "".join(plain.decoded(source, plain.scan(source, notes)))
    try:
        content = _loaded(text, notes)
        _read(content, notes)
    except Unreadable as reason:
        notes.facts["error"] = reason.detail
        raise


def _loaded(text: str, notes: Notes) -> Any:
    try:
        facts = scan(text)
        content = json.loads(text)
    except (NotJson, ValueError, RecursionError) as error:
        raise invalid("Cannot parse as JSON") from error
    if facts.duplicates:
        notes.caution("JSON_DUPLICATE_NAME", ", ".join(plain.visible(n) for n in facts.duplicates))
    return content


def _read(content: Any, notes: Notes) -> None:
    target = content.get("target_data") if isinstance(content, dict) else None
    if not isinstance(target, dict) or not isinstance(target.get("host_name"), str | int):
        raise invalid("Invalid CKLB object: No target_data.host_name found")
    stigs = content.get("stigs")
    if not isinstance(stigs, list):
        raise invalid("Invalid CKLB object: No stigs array found")
    if not stigs:
        raise invalid("stigs array is empty")
    report = Report(STATUSES)
    report.host(_text(target, "host_name"), _text(target, "ip_address"), _text(target, "mac_address"), notes)
    for stig in stigs:
        rules = stig.get("rules") if isinstance(stig, dict) else None
        if not isinstance(rules, list) or not _text(stig, "stig_id"):
            raise invalid("a checklist without stig_id or rules")
        report.checklists.append(
            Checklist(
                benchmark=_text(stig, "stig_id"),
                version=_text(stig, "version"),
                release=_text(stig, "release_info"),
            )
        )
        for rule in rules:
            if not isinstance(rule, dict):
                raise invalid("a rule that is no object")
            report.result(_text(rule, "rule_id_src") or _text(rule, "rule_id"), _text(rule, "status"))
    report.finish(notes)


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
