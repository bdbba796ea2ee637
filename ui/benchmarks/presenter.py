"""Benchmark results and their reading, without widgets. Nothing here decides; imports wait for a person."""

from collections.abc import Callable, Mapping

from ui.benchmarks.shown import EMPTY, BenchmarksView, CriterionLine, CriterionShown, ProposedLine, ResultLine
from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import benchmarks, queries
from workstation.app.wording import sentence, word
from workstation.core.benchmarks import Rule
from workstation.core.log_results import LogReading
from workstation.core.people import Duty
from workstation.core.readings import CriterionReading, plain
from workstation.core.results import (
    BenchmarkResult,
    Concern,
    Measured,
    Provenance,
    in_force,
    parse_number,
    parse_whole,
)
from workstation.core.values import CaseId, EvidenceLink

_MOST_PATHS = 2_000
_PART = "benchmark"
_BETWEEN = "\n"  # suite and metric; no name of a set holds a line break
_NUMBERS = ("standard_error", "low", "high")


def rule_words(rule: Rule) -> str:
    """Which criteria a rule joins, and how many of them it asks for."""
    parts = [part if isinstance(part, str) else f"({rule_words(part)})" for part in rule.parts]
    how = {1: "any", len(parts): "all"}.get(rule.least, f"at least {rule.least}")
    return parts[0] if len(parts) == 1 else f"{how} of {', '.join(parts)}"


class BenchmarksPresenter(CasePart):
    """Shows the reading, keeps the form as a draft, records, takes from logs, takes back."""

    def __init__(self, view: BenchmarksView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view
        self._read: benchmarks.BenchmarksView | None = None
        self._at = ""
        self._writing = False

    def show(self, view: queries.CaseView) -> None:
        """Read the results and keep the place."""
        super().show(view)
        here = self.desk.here
        self._read = read = benchmarks.view(here, self.case_id)
        profile, rule = read.profile, read.reading.rule
        asked = rule_words(profile.rule)
        told = f"The profile\u2019s rule, {asked}: {word('told', rule.told).lower()} ({rule.arithmetic})."
        invented = sentence("reading", "invented") if profile.invented else ""
        about = f"{profile.notice} {sentence('reading', 'line')}"
        self._page.show_profile(f"{profile.title}, {profile.reference}", about, invented, told)
        self._page.show_rows([_line(one) for one in read.reading.criteria], may_record=self._may_record)
        self._offer(read)
        self._propose()
        known = [one.criterion.criterion_id for one in read.reading.criteria]
        self.choose(self._at if self._at in known else known[0])
        if self._writing or (self.draft(_PART) and self._may_record):
            self.begin()
        else:
            self._page.hide_form()

    @property
    def _may_record(self) -> bool:
        return self._read is not None and self._read.may_record and Duty.RECORD_BENCHMARK in self.case.allowed

    def _offer(self, read: benchmarks.BenchmarksView) -> None:
        package = self.case.package
        paths = queries.paths(self.desk.here, package.package_id, limit=_MOST_PATHS) if package else ()
        pairs: dict[str, str] = {}
        for criterion in read.profile.criteria:
            for metric in criterion.metrics:
                suite = read.profile.suite(criterion.suite)
                pairs[f"{criterion.suite}{_BETWEEN}{metric}"] = (
                    f"{suite.title if suite else criterion.suite}: {metric}"
                )
        concerns = [(str(concern), word("concern", concern)) for concern in Concern]
        correctable = [
            (one.result_id, f"{one.result_id}, {plain(one.measured.value)}") for one in in_force(read.results)
        ]
        self._page.offer(
            {
                "what": tuple(pairs.items()),
                "log": (("", "No file of the package"), *((path, path) for path in paths)),
                "cheating": concerns,
                "contamination": concerns,
                "corrects": (("", "Nothing: a further result"), *correctable),
            }
        )

    def _propose(self) -> None:
        """Read what the logs of the package state; there may be many, so not in the window's thread."""
        case_id = self.case_id
        self.desk.read(
            "benchmark-imports",
            lambda session: (case_id, benchmarks.imports(session, case_id)),
            self._show_proposed,
        )

    def _show_proposed(self, read: tuple[CaseId, LogReading]) -> None:
        case_id, found = read
        if case_id != self.case_id:
            return
        rows = [
            ProposedLine(
                path=one.untrusted_path,
                suite=one.suite,
                metric=one.metric,
                value=plain(one.measured.value),
                remark=one.measured.incomplete
                or (f"stands beside {', '.join(one.beside)}" if one.beside else "whole run"),
            )
            for one in found.proposals
            if not one.recorded
        ]
        left = f" {len(found.unmatched)} logs are of no benchmark of this profile." if found.unmatched else ""
        about = f"{len(rows)} results in the logs of the package wait for a person to record them.{left}"
        self._page.show_proposals(rows if self._may_record else (), about if rows or left else "")

    def choose(self, criterion_id: str) -> None:
        """Show one criterion."""
        self._at = criterion_id
        for one in self._read.reading.criteria if self._read else ():
            if one.criterion.criterion_id == criterion_id:
                self._page.show_criterion(self._shown(one))

    def _shown(self, one: CriterionReading) -> CriterionShown:
        criterion = one.criterion
        lines = [line for result in one.results for line in result.arithmetic]
        read = self._read
        every = read.results if read else ()
        fitting = [r for r in every if r.suite == criterion.suite and r.metric in criterion.metrics]
        counting = {result.result_id for result in in_force(every)}
        return CriterionShown(
            reading=one,
            title=f"{criterion.criterion_id}  {criterion.title}: {_asked(one)} {criterion.unit}",
            told=f"{word('told', one.told)}: {'; '.join(word('why', why) for why in one.why)}",
            arithmetic=tuple(lines),
            results=tuple(self._result(result, counting) for result in fitting),
        )

    def _result(self, one: BenchmarkResult, counting: set[str]) -> ResultLine:
        came, people = one.provenance, self._read.people if self._read else {}
        log = came.log.untrusted_path if came.log else came.log_named
        by = people[one.recorded_by].display_name
        run = f"run by {came.run_by}, {came.run_on}"
        counts = "Counts" if one.result_id in counting else "Taken back" if one.void else "Superseded"
        concerns = [f"cheating: {word('concern', one.cheating).lower()}"]
        concerns.append(f"contamination: {word('concern', one.contamination).lower()}")
        return ResultLine(
            result_id=one.result_id,
            value=plain(one.measured.value),
            source=f"{word('origin', one.origin)}, {log}; {run}; recorded by {by}",
            counts=counts,
            note="; ".join([*concerns, *((one.note,) if one.note else ())]),
            may_take_back=one.result_id in counting and self._may_record,
        )

    # --- recording ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """The form, as it was left."""
        self._writing = True
        kept = self.draft(_PART)
        self._page.show_form({**EMPTY, **{k: v for k, v in kept.items() if k in EMPTY}}, is_draft=bool(kept))

    def correct(self, line: ResultLine) -> None:
        """The form, filled with a result that a further one is to supersede."""
        for one in self._read.results if self._read else ():
            if one.result_id == line.result_id:
                self.typed(_PART, _fields_of(one))
                self.begin()

    def leave_form(self) -> None:
        """Back to the reading; what was typed stays as a draft until it is recorded or emptied."""
        self._writing = False
        self._page.hide_form()

    def type_fields(self, fields: Mapping[str, str]) -> None:
        """Keep what is typed."""
        first = {**EMPTY, "what": fields.get("what", "")}
        self.typed(_PART, {} if dict(fields) == first else fields)

    def record(self, fields: Mapping[str, str]) -> None:
        """Record what the form holds."""

        def work() -> None:
            benchmarks.record(self.desk.here, self.case_id, self._typed(fields))

        if self.desk.attempt(work):
            self.typed(_PART, {})
            self._writing = False
            self.changed()
            self.desk.notices.tell("The result is recorded. Nothing follows from it but a reading.")

    def _typed(self, fields: Mapping[str, str]) -> benchmarks.NewResult:
        suite, _space, metric = fields["what"].partition(_BETWEEN)
        package = self.case.package
        link = None
        if fields["log"] and package is not None:
            link = EvidenceLink(package_id=package.package_id, untrusted_path=fields["log"])
        numbers = {
            name: parse_number(name, fields[name]) if fields[name].strip() else None for name in _NUMBERS
        }
        return benchmarks.NewResult(
            suite=suite,
            metric=metric,
            measured=Measured(
                value=parse_number("value", fields["value"]),
                runs=tuple(parse_number("runs", run) for run in fields["runs"].split()),
                repeats=parse_whole("repeats", fields["repeats"]) or 1,
                samples=parse_whole("samples", fields["samples"]),
                errors=parse_whole("errors", fields["errors"]),
                incomplete=fields["incomplete"].strip(),
                **numbers,
            ),
            provenance=Provenance(
                run_by=fields["run_by"].strip(),
                run_on=fields["run_on"].strip(),
                log=link,
                log_named="" if link else fields["log_named"].strip(),
                harness=fields["harness"].strip(),
                harness_version=fields["harness_version"].strip(),
                model_named=fields["model_named"].strip(),
            ),
            cheating=Concern(fields["cheating"]),
            contamination=Concern(fields["contamination"]),
            note=fields["note"],
            portion_marking=fields["portion"].strip(),
            supersedes=fields["corrects"],
        )

    def take(self, line: ProposedLine) -> None:
        """Record a result as a log of the package states it."""
        judged = benchmarks.Judged()
        self.act(
            lambda: benchmarks.take(self.desk.here, self.case_id, line.path, line.suite, line.metric, judged),
            "Recorded as the log states it; cheating and contamination are not assessed.",
        )

    def take_back(self, line: ResultLine, reason: str) -> None:
        """A result no longer counts."""
        self.act(
            lambda: benchmarks.take_back(self.desk.here, self.case_id, line.result_id, reason=reason),
            f"{line.result_id} no longer counts. It stays in the record.",
        )


def _fields_of(one: BenchmarkResult) -> dict[str, str]:
    """A recorded result as the form holds it; the note is for the reason of the correction."""
    measured, came = one.measured, one.provenance

    def text(value: object) -> str:
        return "" if value is None else str(value)

    return {
        **EMPTY,
        "what": f"{one.suite}{_BETWEEN}{one.metric}",
        "value": str(measured.value),
        "run_by": came.run_by,
        "run_on": came.run_on,
        "log": came.log.untrusted_path if came.log else "",
        "log_named": came.log_named,
        "harness": came.harness,
        "harness_version": came.harness_version,
        "model_named": came.model_named,
        "samples": text(measured.samples),
        "errors": text(measured.errors),
        "repeats": str(measured.repeats),
        "runs": " ".join(map(str, measured.runs)),
        "standard_error": text(measured.standard_error),
        "low": text(measured.low),
        "high": text(measured.high),
        "incomplete": measured.incomplete,
        "cheating": str(one.cheating),
        "contamination": str(one.contamination),
        "corrects": one.result_id,
        "portion": one.portion_marking,
    }


def _line(one: CriterionReading) -> CriterionLine:
    return CriterionLine(
        criterion_id=one.criterion.criterion_id,
        title=one.criterion.title,
        asked=_asked(one),
        told=word("told", one.told),
    )


def _asked(one: CriterionReading) -> str:
    criterion = one.criterion
    return f"{word('direction', criterion.direction)} {plain(criterion.threshold)}"
