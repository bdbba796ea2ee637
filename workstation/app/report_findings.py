"""What the determination report says of findings: by state, portion-marked; never of enforcement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.app.wording import word
from workstation.core.findings import Finding, FindingState
from workstation.core.report import Block, Column, Heading, Paragraph, Row, Table

if TYPE_CHECKING:
    from workstation.app.reporting import Material

_NOTE = "What reviewers noted as flaws, or as defensive tools worth passing on. None of it decides anything."


def blocks(material: Material) -> list[Block]:
    """A heading, and a table for each state that occurs."""
    found: list[Block] = [Heading(text="Findings of the review"), Paragraph(text=_NOTE, portion="(U)")]
    if not material.findings:
        return [*found, Paragraph(text="No finding was recorded.", portion="(U)")]
    columns = (
        Column(header="Finding", share=1.6, is_row_header=True),
        Column(header="What", share=2.2),
        Column(header="CVSS", share=1.0),
        Column(header="Reported by", share=1.0),
        Column(header="Judged by", share=1.0),
    )
    for state in FindingState:
        of_state = [one for one in material.findings if one.state is state]
        if of_state:
            rows = tuple(_row(material, one) for one in of_state)
            caption = f"{word('finding-state', state)} ({len(rows)})"
            found.append(Table(columns=columns, rows=rows, caption=caption, portion="(U)"))
    return found


def _row(material: Material, one: Finding) -> Row:
    worst = one.worst
    what = f"{word('finding-kind', one.kind)}: {one.text.title}"
    if one.duplicate_of:
        what += f" (told by {one.duplicate_of})"
    if one.embargo:
        what += f" (embargo until {one.embargo.until}, UTC)"
    scored = f"{worst.base:.1f} {word('cvss-severity', worst.severity)}" if worst else "-"
    cells = (one.finding_id, what, scored, material.name(one.reported_by), material.name(one.judged_by))
    return Row(cells=cells, portion=one.text.portion_marking)


def facts(material: Material) -> list[dict[str, Any]]:
    """The same for ``determination.json``."""
    return [
        {
            "finding_id": one.finding_id,
            "kind": str(one.kind),
            "state": str(one.state),
            "portion": one.text.portion_marking,
            "title": one.text.title,
            "duplicate_of": one.duplicate_of,
        }
        for one in material.findings
    ]
