"""Where a finding may begin: what the examination noted, and what a tool's report in the package says.

Nothing is recorded here. A person takes one of these, finishes it, and another person judges it.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from workstation.app import reasons
from workstation.app.findings import NewFinding, visible_of
from workstation.app.services import Session
from workstation.app.wording import visible
from workstation.core import examination
from workstation.core.findings import (
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    FindingText,
    Origin,
    OriginKind,
    fingerprint,
)
from workstation.core.packages import PackageFile
from workstation.core.values import CaseId, EvidenceLink, FindingId, PackageId

_TOOL_KINDS = frozenset({"sarif"})


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """One result of a tool's report, by its number; ``known`` is a finding begun from it already."""

    number: int
    level: str
    new: NewFinding
    known: FindingId | None = None


def from_examination(package_id: PackageId, found: examination.Finding) -> NewFinding:
    """What this workstation's own examination noted, as the beginning of a finding that a person finishes."""
    words = reasons.reason(found.code)
    detail = f"{words.what}\n\n{found.detail}".strip()[:MAX_TEXT_CHARS]
    links = (EvidenceLink(package_id=package_id, untrusted_path=found.path),) if found.path else ()
    text = FindingText(
        title=words.title[:MAX_TITLE_CHARS],
        description=detail,
        component=visible(found.path, lines=False)[:MAX_TITLE_CHARS] or "-",
        portion_marking="(U)",
        evidence=links,
    )
    return NewFinding(text=text, origin=Origin(kind=OriginKind.EXAMINATION, rule=found.code))


def reports(session: Session, package_id: PackageId) -> tuple[str, ...]:
    """Paths of the tools' reports in a package, in order."""
    with session.look() as work:
        return tuple(file.untrusted_path for file in work.benchmarks.files(package_id, _TOOL_KINDS))


def of_tool(session: Session, case_id: CaseId, package_id: PackageId, path: str) -> tuple[ToolResult, ...]:
    """What a tool's report in the package lists, as beginnings of findings; empty for other files.

    Raises:
        RecordUnknown: no such file.
    """
    with session.look() as work:
        file = work.packages.file(package_id, path)
        mine = visible_of(work, case_id, session.person.person_id)
    if file.kind not in _TOOL_KINDS:
        return ()
    facts = msgspec.json.decode(file.facts_json or "{}", type=dict[str, Any])
    tool = ", ".join(str(one) for one in _list(facts.get("tools")))[:MAX_TITLE_CHARS]
    known = {one: finding.finding_id for finding in mine for one in finding.text.fingerprints}
    found = []
    for number, listed in enumerate(_list(facts.get("result_list"))):
        if isinstance(listed, dict):
            new = _of_result(file, tool, number, listed)
            told = fingerprint(file.sha384, new.origin.rule or new.text.title, new.text.evidence[0].anchor)
            found.append(
                ToolResult(number=number, level=str(listed.get("level", "")), new=new, known=known.get(told))
            )
    return tuple(found)


def _of_result(file: PackageFile, tool: str, number: int, listed: dict[str, Any]) -> NewFinding:
    rule, said = str(listed.get("rule", "")), str(listed.get("text", ""))
    link = EvidenceLink(
        package_id=file.package_id, untrusted_path=file.untrusted_path, anchor=f"result={number}"
    )
    text = FindingText(
        title=(said or rule or "A tool's result")[:MAX_TITLE_CHARS],
        description=f"{said}\n\nRule {rule or 'not named'}, by {tool or 'a tool that is not named'}.".strip(),
        component=visible(file.untrusted_path, lines=False)[:MAX_TITLE_CHARS],
        portion_marking="(U)",
        evidence=(link,),
    )
    return NewFinding(text=text, origin=Origin(kind=OriginKind.TOOL, tool=tool, rule=rule))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
