"""What a report says of benchmark results: readings with their arithmetic, on a chart and as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from workstation.app.wording import moment, sentence, word
from workstation.core.readings import CriterionReading, ResultReading, plain
from workstation.core.report import (
    Block,
    Callout,
    CalloutTone,
    Chart,
    Column,
    Heading,
    KeyValues,
    Paragraph,
    Row,
    Table,
)
from workstation.core.report_charts import Reading, ThresholdReadings
from workstation.core.results import BenchmarkResult, in_force

if TYPE_CHECKING:
    from workstation.app.reporting import Material

_PERCENT = Decimal(100)


def blocks(material: Material) -> list[Block]:
    """The section on benchmark readings."""
    reading = material.reading
    profile = reading.profile
    found: list[Block] = [
        Heading(text=_title(material)),
        Paragraph(text=f"{profile.title}, {profile.reference}. {profile.notice}", portion="(U)"),
        Paragraph(text=sentence("reading", "line"), portion="(U)"),
    ]
    if profile.invented:
        found.append(
            Callout(
                title=sentence("reading", "invented"),
                text="What is read here against an invented profile says nothing about any model.",
                portion="(U)",
                tone=CalloutTone.CAUTION,
            )
        )
    facts = (
        ("The profile's rule", word("told", reading.rule.told)),
        ("Arithmetic", reading.rule.arithmetic),
        ("Parts", "; ".join(f"{name}: {word('told', told).lower()}" for name, told in reading.rule.parts)),
    )
    found.append(KeyValues.of(facts))
    drawn = [one for one in reading.criteria if one.results]
    if drawn:
        found.append(_chart(material, drawn))
    found += [_readings(material), _results(material)]
    return found


def _title(material: Material) -> str:
    invented = " (invented profile)" if material.reading.profile.invented else ""
    return f"Benchmark readings{invented}"


def watermark(material: Material) -> str:
    """On every page of a report that reads results by an invented profile; empty where none does."""
    invented = material.reading.profile.invented and in_force(material.results)
    return sentence("reading", "watermark") if invented else ""


def _portion(material: Material, results: tuple[BenchmarkResult, ...]) -> str:
    return material.roll_up([one.portion_marking for one in results]) or "(U)"


def _chart(material: Material, drawn: list[CriterionReading]) -> Chart:
    """Every result on one scale: per cent of each criterion's own scale."""
    rows = tuple(_bar(one, result) for one in drawn for result in one.results)
    alternative = " ".join(f"{_line(one)}." for one in drawn)
    return Chart(
        data=ThresholdReadings(unit="% of scale", scale_from=0.0, scale_to=100.0, readings=rows),
        caption=f"{_title(material)}: results with 95 % intervals against thresholds, each on its own scale",
        alternative=alternative,
        portion=_portion(material, tuple(r.result for one in drawn for r in one.results)),
    )


def _bar(one: CriterionReading, result: ResultReading) -> Reading:
    criterion = one.criterion

    def share(value: Decimal) -> float:
        span = criterion.scale_to - criterion.scale_from
        part = (value - criterion.scale_from) / span * _PERCENT
        return float(min(max(part, Decimal(0)), _PERCENT))

    return Reading(
        label=f"{criterion.criterion_id} {result.result.result_id}",
        value=share(result.result.measured.value),
        low=share(result.interval.low),
        high=share(result.interval.high),
        threshold=share(criterion.threshold),
    )


def _line(one: CriterionReading) -> str:
    criterion = one.criterion
    asked = f"{word('direction', criterion.direction)} {plain(criterion.threshold)} {criterion.unit}"
    why = "; ".join(word("why", why) for why in one.why)
    return f"{criterion.criterion_id}, {criterion.title}, {asked}: {word('told', one.told).lower()}, {why}"


def _readings(material: Material) -> Table:
    rows = []
    for one in material.reading.criteria:
        criterion = one.criterion
        arithmetic = "\n".join(line for result in one.results for line in result.arithmetic)
        why = "; ".join(word("why", why) for why in one.why)
        asked = f"{word('direction', criterion.direction)} {plain(criterion.threshold)} {criterion.unit}"
        rows.append(
            Row(
                cells=(
                    f"{criterion.criterion_id} {criterion.title}",
                    asked,
                    word("told", one.told),
                    f"{why}\n{arithmetic}".strip(),
                ),
                portion=_portion(material, tuple(result.result for result in one.results)),
            )
        )
    return Table(
        columns=(
            Column(header="Criterion", share=1.6, is_row_header=True),
            Column(header="Threshold", share=1.2),
            Column(header="Reading", share=0.9),
            Column(header="Why, and the arithmetic", share=3.0, prose=True),
        ),
        rows=tuple(rows),
        caption=f"{_title(material)}, criterion by criterion",
        portion="(U)",
    )


def _results(material: Material) -> Table:
    counting = {one.result_id for one in in_force(material.results)}
    rows = [_result_row(material, one, counts=one.result_id in counting) for one in material.results]
    return Table(
        columns=(
            Column(header="Result", share=1.6, is_row_header=True),
            Column(header="Measured", share=1.3),
            Column(header="Where it comes from", share=2.4, prose=True),
            Column(header="Notes", share=1.6, prose=True),
        ),
        rows=tuple(rows),
        caption="Results the readings rest on, and those corrected or taken back",
        portion="(U)",
        empty_text="No result was recorded, so nothing could be told.",
    )


def _said(name: str, words: str) -> tuple[str, ...]:
    """A line only where something was stated."""
    return (f"{name}: {words.strip()}",) if words.strip() else ()


def _run_on(stated: str) -> str:
    """When it was run, as everywhere else where the log states a moment; otherwise as stated."""
    try:
        at = datetime.fromisoformat(stated.strip())
    except ValueError:
        return stated
    return moment(at.astimezone(UTC)) if at.tzinfo else stated


def _result_row(material: Material, one: BenchmarkResult, *, counts: bool) -> Row:
    came, log = one.provenance, one.provenance.log
    source = [
        f"{word('origin', one.origin)}; run by {came.run_by}, {_run_on(came.run_on)}",
        f"Log: {log.untrusted_path if log else came.log_named}",
        *_said("Harness", f"{came.harness} {came.harness_version}"),
        *_said("Model in the log", came.model_named),
        f"Recorded by {material.name(one.recorded_by)}",
    ]
    notes = [
        f"Cheating: {word('concern', one.cheating).lower()}",
        f"Contamination: {word('concern', one.contamination).lower()}",
    ]
    if not counts:
        notes.append("Taken back" if one.void else "Superseded by a correction")
    if one.supersedes:
        notes.append(f"Corrects {one.supersedes}")
    notes += [text for text in (one.measured.incomplete, one.note) if text]
    measured = f"{one.suite}, {one.metric}: {plain(one.measured.value)}"
    cells = (one.result_id, measured, "\n".join(source), "\n".join(notes))
    return Row(cells=cells, portion=one.portion_marking or material.portion)
