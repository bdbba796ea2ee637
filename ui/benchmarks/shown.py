"""What the benchmarks page shows, and what its form holds: values between presenter and view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workstation.core.readings import CriterionReading

# Every field of the form: name, label, what kind of field it is.
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("what", "Suite and metric", "choice"),
    ("value", "Value", "line"),
    ("run_by", "Run by", "line"),
    ("run_on", "Run on", "line"),
    ("log", "Log in the package", "choice"),
    ("log_named", "Or another log", "line"),
    ("harness", "Harness", "line"),
    ("harness_version", "Harness version", "line"),
    ("model_named", "Model as the log names it", "line"),
    ("samples", "Samples", "line"),
    ("errors", "Samples with errors", "line"),
    ("repeats", "Repeats", "line"),
    ("runs", "Values of single runs", "line"),
    ("standard_error", "Standard error", "line"),
    ("low", "Interval from", "line"),
    ("high", "Interval to", "line"),
    ("incomplete", "Why not the whole run", "line"),
    ("cheating", "Cheating", "choice"),
    ("contamination", "Contamination", "choice"),
    ("corrects", "Corrects", "choice"),
    ("note", "Note, or reason of the correction", "text"),
    ("portion", "Portion mark", "line"),
)
EMPTY: Mapping[str, str] = {name: "" for name, _label, _kind in FIELDS} | {
    "repeats": "1",
    "cheating": "not-assessed",
    "contamination": "not-assessed",
    "portion": "(U)",
}
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class CriterionLine:
    """One criterion of the profile in the list."""

    criterion_id: str
    title: str
    asked: str
    told: str


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """One result in the table; ``counts`` says whether it does."""

    result_id: str
    value: str
    source: str
    counts: str
    note: str
    may_take_back: bool


@dataclass(frozen=True, kw_only=True)
class ProposedLine:
    """What a log of the package states and nobody recorded."""

    path: str
    suite: str
    metric: str
    value: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class CriterionShown:
    """One criterion in the panel."""

    reading: CriterionReading
    title: str
    told: str
    arithmetic: tuple[str, ...]
    results: tuple[ResultLine, ...]


class BenchmarksView(Protocol):
    """The page as the presenter sees it."""

    def show_profile(self, title: str, notice: str, invented: str, rule: str) -> None:
        """The profile and the reading of its rule; ``invented`` is empty where it is not."""

    def show_rows(self, rows: Sequence[CriterionLine], *, may_record: bool) -> None:
        """The criteria with their readings."""

    def show_criterion(self, shown: CriterionShown | None) -> None:
        """One criterion."""

    def show_proposals(self, rows: Sequence[ProposedLine], about: str) -> None:
        """What logs state; none where nothing is to be taken."""

    def offer(self, options: Mapping[str, Options]) -> None:
        """What the choices of the form offer."""

    def show_form(self, fields: Mapping[str, str], *, is_draft: bool) -> None:
        """The form as it was left."""

    def hide_form(self) -> None:
        """The criterion again."""
