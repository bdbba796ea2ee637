"""Documents about what was concluded: consultation memo, developer notice, oversight summary."""

from collections.abc import Mapping

from workstation.app.document_blocks import VOLUNTARY, Body, Material, case_facts, examined
from workstation.app.report_blocks import day
from workstation.app.wording import moment, word
from workstation.core.determinations import Conclusion, Consultee, Determination
from workstation.core.exports import NothingToReport
from workstation.core.oversight import Figures, RegisterEntry
from workstation.core.report import (
    Align,
    Block,
    Bullets,
    Callout,
    CalloutTone,
    Column,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    Row,
    Table,
)

_NOT_IN_NOTICE = (
    "It does not tell opinions, dissent, recommendations, answers to criteria, benchmark readings, "
    "thresholds, or who took part: these stay with the record of the case."
)


def _subtitle(material: Material) -> str:
    case = material.case
    return f"{case.developer}: {case.model}, checkpoint {case.checkpoint}"


# --- consultation ----------------------------------------------------------------------------------------


def consultation_memo(material: Material) -> Body:
    """For the parties of section 3(a): what is recommended, who was asked, what each answered."""
    case, portion = material.case, material.portion
    answered = sum(1 for one in case.consultations if one.answered_on)
    told = f"{answered} of {len(Consultee)} parties answered"
    recommended = word("conclusion", case.recommendation.conclusion) if case.recommendation else "-"
    facts = (*case_facts(material), Fact(label="Answers", value=told, portion=portion))
    return Body(
        title="Consultation under section 3(a)",
        title_portion="(U)",
        subtitle="",
        key_facts=KeyFacts(
            headline=Fact(label="Recommended", value=recommended, portion=portion), facts=facts
        ),
        blocks=(
            Paragraph(
                text="The Director of NSA determines, consulting the parties below. What is recommended here "
                "is not a determination.",
                portion="(U)",
            ),
            *_recommended(material),
            *_opinions(material),
            *_asked(material),
            *_window(material),
            *examined(material),
        ),
        statement="This memo states what the record of the consultations contains.",
    )


def _recommended(material: Material) -> tuple[Block, ...]:
    recommendation, portion = material.case.recommendation, material.portion
    head = Heading(text="What is recommended")
    if recommendation is None:
        return head, Paragraph(text="Nothing is recommended yet.", portion=portion)
    by = f"{material.name(recommendation.recommended_by)}, {moment(recommendation.recommended_at)}"
    found: list[Block] = [
        head,
        Paragraph(text=f"{word('conclusion', recommendation.conclusion)}. ({by})", portion=portion),
        Paragraph(text=recommendation.reasons, portion=portion),
    ]
    if recommendation.gaps:
        gaps = recommendation.gaps
        found.append(Bullets(items=gaps, portions=(portion,) * len(gaps)))
    return tuple(found)


def _opinions(material: Material) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            cells=(
                material.name(one.person_id),
                word("conclusion", one.conclusion),
                "In dissent" if one.dissents else "-",
                one.reasons,
            ),
            portion=material.portion,
        )
        for one in material.case.opinions
    )
    columns = (
        Column(header="Reviewer", share=1.2, is_row_header=True),
        Column(header="Opinion", share=1.2),
        Column(header="Dissent", share=0.8),
        Column(header="Reasons", share=2.8, prose=True),
    )
    return Heading(text="Opinions of the reviewers"), Table(columns=columns, rows=rows)


def _asked(material: Material) -> tuple[Block, ...]:
    held = {one.consultee: one for one in material.case.consultations}
    rows = []
    for consultee in Consultee:
        one = held.get(consultee)
        answered = day(one.answered_on) if one and one.answered_on else "-"
        answer = (one.answer or "No answer received.") if one else "Not asked yet."
        cells = (word("consultee", consultee), day(one.asked_on) if one else "-", answered, answer)
        rows.append(Row(cells=cells, portion=material.portion))
    columns = (
        Column(header="Party", share=1.6, is_row_header=True),
        Column(header="Asked", share=0.9),
        Column(header="Answered", share=0.9),
        Column(header="Answer", share=2.4, prose=True),
    )
    return Heading(text="Parties asked, and their answers"), Table(columns=columns, rows=tuple(rows))


def _window(material: Material) -> tuple[Block, ...]:
    window = material.case.window
    if window is None:
        text = "A designation inquiry concerns a model under development; no access window runs."
    else:
        text = (
            f"Access began on {day(window.start_on)}; planned release to other trusted partners on "
            f"{day(window.planned_release_on)}, {window.total_days} days. Rule {window.rule_id}."
        )
    return Heading(text="How the window runs"), Paragraph(text=text, portion=material.portion)


# --- notice ----------------------------------------------------------------------------------------------


def developer_notice(material: Material) -> Body:
    """For the developer: the outcome; of the record only what the developer brought or must know."""
    portion, made = material.portion, _determination(material)
    facts = (
        *case_facts(material),
        Fact(label="Determined at", value=moment(made.determined_at), portion=portion),
        Fact(label="Number", value=f"{made.number}", portion=portion),
    )
    headline = Fact(label="Determination", value=word("conclusion", made.conclusion), portion=portion)
    return Body(
        title="Notice of a determination",
        title_portion="(U)",
        subtitle="",
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Paragraph(text=VOLUNTARY, portion="(U)"),
            *_outcome(material, made),
            Callout(title="What this notice does not tell", text=_NOT_IN_NOTICE, portion="(U)"),
            *_window(material),
            *_submitted(material),
            *examined(material),
        ),
        statement="This notice states the outcome that is on record.",
    )


def _determination(material: Material) -> Determination:
    made = material.case.determination
    if made is None:
        raise NothingToReport(case_id=material.case.case_id)
    return made


def _outcome(material: Material, made: Determination) -> tuple[Block, ...]:
    portion = material.portion
    text = f"The determination official determined: {word('conclusion', made.conclusion)}."
    found: list[Block] = [Heading(text="Outcome"), Paragraph(text=text, portion=portion)]
    if made.supersedes is not None:
        text = f"It supersedes determination {made.supersedes}, which stays on record."
        found.append(Paragraph(text=text, portion=portion))
    if made.conclusion is Conclusion.INSUFFICIENT_INFORMATION and made.gaps:
        found += [
            Heading(text="What was missing"),
            Bullets(items=made.gaps, portions=(portion,) * len(made.gaps)),
        ]
    return tuple(found)


def _submitted(material: Material) -> tuple[Block, ...]:
    package = material.package
    if package is None:
        return ()
    facts = (
        Fact(label="Submission", value=package.package_id, portion=material.portion),
        Fact(label="SHA-384", value=package.digest_sha384, portion=material.portion),
        Fact(label="Files", value=f"{package.file_count:,}", portion=material.portion),
    )
    kept = material.case.disposition or "Return or destruction is agreed separately and recorded."
    return (
        Heading(text="Your submission"),
        KeyValues(facts=facts),
        Paragraph(text=kept, portion=material.portion),
    )


# --- oversight -------------------------------------------------------------------------------------------


def oversight_summary(material: Material) -> Body:
    """The register and the figures over it, each entry marked like its case."""
    over = material.over
    if over is None:
        raise NothingToReport(case_id=material.case.case_id)
    span = f"{day(over.first)} to {day(over.last)}"
    numbers = over.figures
    facts = (
        Fact(label="Cases opened", value=span, portion="(U)"),
        Fact(label="Filed with", value=material.case.case_id, portion=material.portion),
    )
    headline = Fact(label="Participations", value=f"{numbers.received:,}", portion="(U)")
    return Body(
        title=f"Participations, {span}",
        title_portion="(U)",
        subtitle=material.office,
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Paragraph(text=VOLUNTARY, portion="(U)"),
            *_figures(numbers),
            *_register(material, over.entries),
            _limits(),
        ),
        statement="This summary states what the register of this workstation contains.",
    )


def _figures(numbers: Figures) -> tuple[Block, ...]:
    median = "-" if numbers.median_days_used is None else f"{numbers.median_days_used:g} days"
    pairs = (
        ("Received", f"{numbers.received:,}"),
        ("Withdrawn", f"{numbers.withdrawn:,}"),
        ("Lapsed, nothing determined", f"{numbers.lapsed:,}"),
        ("Superseded by a newer checkpoint", f"{numbers.superseded:,}"),
        ("Corrected by a later determination", f"{numbers.corrected:,}"),
        ("Median from the begin of a review to its determination", median),
    )
    return (
        Heading(text="Figures"),
        KeyValues(facts=tuple(Fact(label=k, value=v, portion="(U)") for k, v in pairs)),
        _counts("State", "state", numbers.by_state),
        _counts("Determination", "conclusion", numbers.by_conclusion),
    )


def _counts(header: str, area: str, counts: Mapping[str, int]) -> Table:
    rows = tuple(Row(cells=(word(area, name), f"{count:,}"), portion="(U)") for name, count in counts.items())
    columns = (
        Column(header=header, share=3.0, is_row_header=True),
        Column(header="Cases", align=Align.RIGHT),
    )
    return Table(columns=columns, rows=rows, caption=f"Cases by {header.lower()}", portion="(U)")


def _register(material: Material, entries: tuple[RegisterEntry, ...]) -> tuple[Block, ...]:
    columns = (
        Column(header="Case", share=1.4, is_row_header=True),
        Column(header="Developer and model", share=2.0, prose=True),
        Column(header="Opened", share=1.0),
        Column(header="State", share=1.2),
        Column(header="Determination", share=1.4, prose=True),
        Column(header="Days used", share=0.6, align=Align.RIGHT),
    )
    rows = tuple(
        Row(
            cells=(
                one.case_id,
                f"{one.developer}\n{one.model}, {one.checkpoint}",
                day(one.opened_on),
                word("state", one.state),
                _determined(one),
                "-" if one.days_used is None else str(one.days_used),
            ),
            portion=material.portion_of(one.marking),
        )
        for one in entries
    )
    table = Table(columns=columns, rows=rows, caption="Every participation", portion="(U)")
    return Heading(text="Register"), table


def _determined(entry: RegisterEntry) -> str:
    if not entry.conclusion:
        return "-"
    on = f", {day(entry.determined_on)}" if entry.determined_on else ""
    return word("conclusion", entry.conclusion) + on


def _limits() -> Callout:
    return Callout(
        title="What this summary does not cover",
        items=(
            "Cases of other workstations, and whatever was agreed outside this one.",
            "Whether any determination was right: it counts and lists, and examined no submission again.",
            "The content of any review; each case has its own report.",
        ),
        portion="(U)",
        tone=CalloutTone.CAUTION,
    )
