"""What the findings' page shows and hands back: values, and the page as its presenter sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ui.shown import Drafted, HistoryLine, Pairs
from workstation.core.findings import FindingKind, OriginKind, PatchState
from workstation.core.values import EvidenceLink, FindingId


@dataclass(frozen=True, kw_only=True)
class FindingFields(Drafted):
    """What the form holds. ``origin`` and ``rule`` come along from an examination's note."""

    kind: str = str(FindingKind.FLAW)
    title: str = ""
    description: str = ""
    component: str = ""
    portion: str = "(U)"
    cwe: str = ""
    cwe_name: str = ""
    evidence: str = ""
    anchor: str = ""
    vectors: str = ""
    origin: str = str(OriginKind.REVIEWER)
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class ActFields:
    """What the person typed to judge, score or track one finding."""

    reason: str = ""
    duplicate_of: str = ""
    vectors: str = ""
    patch: str = str(PatchState.UNKNOWN)
    note: str = ""
    parties: str = ""
    until: date = date.min


@dataclass(frozen=True, kw_only=True)
class FindingShown:
    """One finding in the panel; ``acts`` names what this person can do with it now."""

    finding_id: FindingId
    title: str
    facts: Pairs
    history: tuple[HistoryLine, ...]
    links: tuple[EvidenceLink, ...]
    acts: frozenset[str]
    others: tuple[tuple[str, str], ...]
    fields: ActFields


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One line of the list."""

    finding_id: FindingId
    title: str
    state: str
    score: str


class FindingsView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(self, rows: Sequence[FindingLine], about: str, *, may_report: bool) -> None:
        """The list."""

    def show_sources(self, paths: Sequence[str], noted: Sequence[tuple[str, str]]) -> None:
        """Files evidence can be chosen from, and what the examination noted."""

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""

    def show_finding(self, shown: FindingShown) -> None:
        """One finding in the panel."""

    def show_form(self, fields: FindingFields, *, is_draft: bool) -> None:
        """The form for a new one in the panel."""

    def show_nothing(self, words: str) -> None:
        """An empty panel that says what to do next."""

    def go_to(self, number: int) -> None:
        """A finding by its place in the list."""
