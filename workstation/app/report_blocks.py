"""What the determination report says, block by block."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from workstation.app import report_findings, report_readings
from workstation.app.left_out import NOTHING_LEFT_OUT, counted, not_conclusive, not_opened
from workstation.app.wording import moment, size, visible, walls, word
from workstation.core.checklists import TAILORED_OUT, UNANSWERED, Answer, Result
from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    CalloutTone,
    Chart,
    Column,
    Contents,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    Row,
    SignatureBlock,
    Table,
    TextStyle,
)
from workstation.core.report_charts import CoverageMap, CoverageRow, TimelineMark, WindowTimeline
from workstation.core.values import CriterionId, EvidenceLink
from workstation.core.window import Window, earliest_start

if TYPE_CHECKING:
    from workstation.app.reporting import Material

VOLUNTARY = (
    "Participation is voluntary. Section 3(c) of Executive Order 14409 makes nothing in this review "
    "mandatory; nothing in this report is a condition for releasing a model."
)


def day(on: date) -> str:
    """A date as the field writes it: ``23 NOV 2026``."""
    return f"{on:%d %b %Y}".upper()


def subject(ai_name: str) -> str:
    """What is reviewed, by the name that the office uses."""
    return f"A frontier model: {ai_name}"


def key_facts(material: Material) -> KeyFacts:
    """The box read at arm's length."""
    case, determination = material.case, material.case.determination
    assert determination is not None  # noqa: S101 - ``compose`` refuses a case without one
    facts = [
        Fact(label="Case", value=f"{case.case_id}, {word('case-type', case.case_type)}"),
        Fact(label="Developer", value=case.developer),
        Fact(label="Model", value=f"{case.model}, checkpoint {case.checkpoint}"),
        Fact(label="Subject", value=subject(material.ai_name)),
    ]
    if case.window:
        facts.append(
            Fact(
                label="Access window",
                value=f"{day(case.window.start_on)} to {day(case.window.planned_release_on)}, "
                f"{case.window.total_days} days",
            )
        )
    facts += [
        Fact(label="Determined by", value=material.name(determination.determined_by)),
        Fact(label="Determined at", value=moment(determination.determined_at)),
    ]
    headline = Fact(label="Determination", value=word("conclusion", determination.conclusion))
    return KeyFacts(headline=headline, facts=tuple(facts))


def blocks(material: Material) -> tuple[Block, ...]:
    """The whole report in reading order."""
    return (
        Paragraph(text=VOLUNTARY, portion="(U)"),
        Contents(),
        *_determination(material),
        *_not_examined(material),
        *_window(material),
        *_package(material),
        *_opinions(material),
        *_checklist(material),
        *report_readings.blocks(material),
        *report_findings.blocks(material),
        *_record(material),
        PageBreak(),
        *_signatures(),
    )


def _determination(material: Material) -> list[Block]:
    case, determination = material.case, material.case.determination
    assert determination is not None  # noqa: S101 - as above
    found: list[Block] = [
        Heading(text="Determination"),
        Paragraph(
            text=f"The determination official determined: {word('conclusion', determination.conclusion)}.",
            portion=material.portion,
        ),
        Paragraph(text=determination.reasons, portion=material.portion),
    ]
    if determination.supersedes is not None:
        found.append(
            Callout(
                title=f"Supersedes determination {determination.supersedes}",
                text="The earlier determination stays on record.",
                portion="(U)",
            )
        )
    if determination.gaps:
        found += [
            Heading(text="Gaps named", level=2),
            Bullets(items=determination.gaps, portions=(material.portion,) * len(determination.gaps)),
        ]
    if case.recommendation:
        recommendation = case.recommendation
        found += [
            Heading(text="Recommendation it rests on", level=2),
            KeyValues.of(
                (
                    ("Recommended", word("conclusion", recommendation.conclusion)),
                    ("By", material.name(recommendation.recommended_by)),
                    ("At", moment(recommendation.recommended_at)),
                )
            ),
            Paragraph(text=recommendation.reasons, portion=material.portion),
        ]
    return found


_ALL_EXAMINED = f"{NOTHING_LEFT_OUT} Every criterion has an agreed answer, and none could not be told."


def _not_examined(material: Material) -> list[Block]:
    coverage, tally = material.coverage, material.checklist.tally()
    unopened = max(0, sum(v for k, v in coverage.items() if k != "opened") - coverage.get("opened", 0))
    unseen = "that no reader and no person has looked at"
    unanswered, untold = "without an agreed answer", "that could not be told"
    items = counted(
        (coverage.get("unseen", 0), f"file {unseen}", f"files {unseen}"),
        *not_conclusive(coverage, dangerous="found dangerous"),
        *not_opened(unopened),
        (tally["unanswered"], f"criterion {unanswered}", f"criteria {unanswered}"),
        (tally[Result.CANNOT_TELL], f"criterion {untold}", f"criteria {untold}"),
    )
    title = "What was not examined"
    if not items:
        return [Callout(title=title, text=_ALL_EXAMINED, portion="(U)")]
    text = (
        "The determination rests on the rest of the submission. These parts were not, or not fully, examined:"
    )
    return [Callout(title=title, text=text, items=items, portion="(U)", tone=CalloutTone.CAUTION)]


def _window(material: Material) -> list[Block]:
    case = material.case
    if case.window is None:
        text = "A designation inquiry concerns a model under development; no access window runs."
        return [Heading(text="How the window ran"), Paragraph(text=text, portion="(U)")]
    rows = [
        (str(r.version), day(r.planned_release_on), day(r.stated_on), r.reason or "-")
        for r in case.release_dates
    ]
    dates = Table.of(
        ("Version", "Planned release", "Stated on", "Reason"),
        rows,
        caption="Release dates as the developer stated them",
        portion="(U)",
        row_portion=material.portion,
    )
    chart = _window_chart(material, case.window)
    rule = (
        "Counted back from the planned release to other trusted partners, a ceiling of 30 calendar days, the "
        f"first day excluded. Rule {case.window.rule_id}."
    )
    return [
        Heading(text="How the window ran"),
        Paragraph(text=chart.alternative, portion="(U)"),
        chart,
        Paragraph(text=rule, portion="(U)"),
        dates,
    ]


def _window_chart(material: Material, window: Window) -> Chart:
    case, determination = material.case, material.case.determination
    as_of = determination.determined_at.date() if determination else window.start_on
    marks = tuple(
        TimelineMark(day=at.date(), label=f"{material.name(who)} submitted")
        for who, at in case.submissions.items()
    )
    if determination:
        marks += (TimelineMark(day=as_of, label="determined"),)
    alternative = (
        f"Access began on {day(window.start_on)}, day {window.day_number(as_of)} of {window.total_days} when "
        f"determined; planned release to other trusted partners on {day(window.planned_release_on)}."
    )
    timeline = WindowTimeline(
        earliest=earliest_start(window.planned_release_on),
        opened=window.start_on,
        as_of=as_of,
        planned_release=window.planned_release_on,
        marks=marks,
    )
    return Chart(data=timeline, caption="The access window", alternative=alternative, portion="(U)")


def _package(material: Material) -> list[Block]:
    package = material.package
    if package is None:
        return []
    facts = [
        ("Package", package.package_id),
        ("Received by", material.name(package.received_by)),
        ("Received at", moment(package.received_at) if package.received_at else "-"),
        ("Accepted by", material.name(package.decided_by)),
        ("Reason stated", package.decision_reason or "-"),
        ("Form", package.kind),
        ("Files", f"{package.file_count:,}"),
        ("Size", size(package.total_bytes)),
        ("Examined under", walls(package.isolation)),
    ]
    digests = [Fact(label="Package digest (SHA-384)", value=package.digest_sha384, style=TextStyle.DIGEST)]
    if package.container_sha384:
        digests.append(
            Fact(label="Container digest (SHA-384)", value=package.container_sha384, style=TextStyle.DIGEST)
        )
    rows = tuple(
        Row(cells=(f.code, word("severity", f.severity), f.path or "-", f.detail or "-"))
        for f in package.findings[:200]
    )
    findings = Table(
        columns=(
            Column(header="Code", share=1.4),
            Column(header="Weight", share=0.9),
            Column(header="File", share=2.2, style=TextStyle.DIGEST),
            Column(header="Detail", share=2.2),
        ),
        rows=rows,
        caption=f"Findings of the static examination ({len(package.findings)})",
        empty_text="Nothing was found by the readers that claimed a file; that says nothing about the rest.",
    )
    return [
        Heading(text="Submission package"),
        KeyValues.of(facts),
        KeyValues(facts=tuple(digests)),
        findings,
    ]


def _opinions(material: Material) -> list[Block]:
    case = material.case
    found: list[Block] = [Heading(text="Opinions and consultations")]
    for opinion in case.opinions:
        dissent = ", in dissent" if opinion.dissents else ""
        found += [
            Heading(text=f"{material.name(opinion.person_id)}{dissent}", level=2),
            Paragraph(
                text=f"{word('conclusion', opinion.conclusion)}. {opinion.reasons}", portion=material.portion
            ),
        ]
    rows = [
        (
            word("consultee", c.consultee),
            day(c.asked_on),
            day(c.answered_on) if c.answered_on else "-",
            c.answer or "No answer received.",
        )
        for c in case.consultations
    ]
    headers = (Column(header="Party", share=1.5), "Asked", "Answered", Column(header="Answer", share=2.0))
    caption, portion = "Consultations under section 3(a)", material.portion
    found.append(Table.of(headers, rows, caption=caption, portion="(U)", row_portion=portion))
    return found


def _checklist(material: Material) -> list[Block]:
    checklist, criteria = material.checklist, material.criteria
    states = (*Result, UNANSWERED, *((TAILORED_OUT,) if checklist.tailored else ()))
    rows = []
    for section in criteria.sections:
        members = [c for c in criteria.criteria if c.section == section.section_id]
        counts = [checklist.standing(c.criterion_id) for c in members]
        rows.append(
            CoverageRow(
                label=f"{section.section_id}. {section.title}",
                counts=tuple(counts.count(str(s)) for s in states),
            )
        )
    names = tuple(word("result", state) for state in states)
    tally = checklist.tally()
    alternative = "; ".join(f"{word('result', key)}: {number}" for key, number in tally.items())
    chart = Chart(
        data=CoverageMap(states=names, rows=tuple(rows)),
        caption=f"Agreed answers to {len(criteria.criteria)} criteria, by section",
        alternative=alternative,
        portion="(U)",
    )
    about = f"{criteria.title}, {criteria.reference}. {alternative}."
    found: list[Block] = [Heading(text="Checklist"), Paragraph(text=about, portion="(U)"), chart]
    for section in criteria.sections:
        found.append(Heading(text=f"{section.section_id}. {section.title}", level=2))
        members = [c for c in criteria.criteria if c.section == section.section_id]
        found.append(
            Table(
                columns=(
                    Column(header="Criterion", share=0.7, is_row_header=True),
                    Column(header="Question", share=2.4),
                    Column(header="Agreed", share=0.9),
                    Column(header="Detail", share=2.6, prose=True),
                ),
                rows=tuple(_answer_row(material, c.criterion_id, c.text) for c in members),
            )
        )
    return found


def _answer_row(material: Material, criterion_id: CriterionId, text: str) -> Row:
    checklist = material.checklist
    details, portions = [], []
    for person_id in checklist.reviewers:
        given = checklist.answers.get((criterion_id, person_id))
        if given is not None:
            details.append(
                f"{material.name(person_id)}: {word('result', given.result)}. {given.detail}".strip()
            )
            details += [f"Evidence: {_one_line(link)}" for link in given.evidence]
            details += _how_given(material, given)
            portions.append(given.portion_marking)
    settlement = checklist.settlements.get(criterion_id)
    if settlement is not None:
        details.append(f"Settled by {material.name(settlement.settled_by)}: {settlement.reason}")
    tailoring = checklist.tailored.get(criterion_id)
    if tailoring is not None:
        details.append(f"Tailored out by {material.name(tailoring.by)}: {tailoring.reason}")
    agreed = word("result", checklist.standing(criterion_id))
    return Row(
        cells=(criterion_id, text, agreed, "\n".join(details) or "-"), portion=material.roll_up(portions)
    )


def _how_given(material: Material, given: Answer) -> list[str]:
    """That an answer was carried over, or given after the other's had been seen."""
    carried = given.set_reference and given.set_reference != material.case.criteria_set
    told = [f"Carried over from {given.set_reference}; the question did not change."] if carried else []
    return told + (["Given after both reviewers' answers had been seen."] if given.informed else [])


def _one_line(link: EvidenceLink) -> str:
    """A link as text in which the path's own line breaks, if it has any, stay visible."""
    return visible(f"{link.untrusted_path} {link.anchor}".rstrip(), lines=False)


def _record(material: Material) -> list[Block]:
    facts = (
        Fact(label="Audit rows so far", value=f"{material.audit_rows:,}"),
        Fact(label="Audit chain head (SHA-384)", value=material.audit_head, style=TextStyle.DIGEST),
    )
    text = (
        "Every act on this case is a row of a hash-chained audit trail. The head below fixes all rows so "
        "far: a trail in which this value does not occur is not the one this report was made from."
    )
    return [Heading(text="Record"), Paragraph(text=text, portion="(U)"), KeyValues(facts=facts)]


def _signatures() -> list[Block]:
    note = (
        "The times shown in the signatures are claimed: they come from this workstation's own clock, "
        "and no independent authority attests them."
    )
    return [
        Heading(text="Signatures"),
        Paragraph(text=note, portion="(U)"),
        SignatureBlock(
            field_name="Reviewer",
            role="Reviewer",
            name="Certifies the report",
            statement="This report states what the record of the case contains.",
        ),
        SignatureBlock(
            field_name="SecurityOfficer",
            role="Security officer",
            name="Releases the report",
            statement="Released for the recipient and medium named in the transfer record.",
            locks_document=True,
        ),
    ]
