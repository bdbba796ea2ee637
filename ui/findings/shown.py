"""What the findings' page shows and hands back: values, and the page as its presenter sees it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, Self

from ui.shown import Drafted, HistoryLine, Pairs
from workstation.core.findings import Finding, FindingKind, OriginKind, PatchState
from workstation.core.values import EvidenceLink, FindingId, PackageId

Place = tuple[str, str]  # a file of the package, and a place in it


@dataclass(frozen=True, kw_only=True)
class FindingFields(Drafted):
    """What the form holds. ``origin``, ``tool`` and ``rule`` come along from where it was begun.

    ``further`` is further evidence as ``[[path, place], ...]``; ``revises`` names the finding that is said
    better, and is empty for a new one.
    """

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
    tool: str = ""
    further: str = "[]"
    revises: str = ""
    reason: str = ""

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """What a finding says now, to say it better."""
        first, *others = finding.text.evidence or (None,)
        return cls(
            kind=str(finding.kind),
            title=finding.text.title,
            description=finding.text.description,
            component=finding.text.component,
            portion=finding.text.portion_marking,
            cwe=finding.text.cwe,
            cwe_name=finding.text.cwe_name,
            evidence=first.untrusted_path if first else "",
            anchor=first.anchor if first else "",
            further=_as_json([(link.untrusted_path, link.anchor) for link in others if link]),
            origin=str(finding.origin.kind),
            rule=finding.origin.rule,
            tool=finding.origin.tool,
            revises=finding.finding_id,
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place of evidence that is typed, the one in the fields last."""
        last = ((self.evidence, self.anchor.strip()),) if self.evidence else ()
        return tuple(dict.fromkeys((*self.further_places, *last)))

    @property
    def further_places(self) -> tuple[Place, ...]:
        """The places that were added already."""
        return tuple((str(path), str(anchor)) for path, anchor in json.loads(self.further))

    def with_place_added(self) -> Self:
        """The place in the fields joins the others, and the fields are free for the next."""
        return replace(self, further=_as_json(self.places), evidence="", anchor="")

    def without_place(self, number: int) -> Self:
        """One of the added places is taken off."""
        kept = [one for at, one in enumerate(self.further_places) if at != number]
        return replace(self, further=_as_json(kept))

    def links(self, package_id: PackageId) -> tuple[EvidenceLink, ...]:
        """The places as links into a package."""
        return tuple(
            EvidenceLink(package_id=package_id, untrusted_path=path, anchor=anchor)
            for path, anchor in self.places
        )


def _as_json(places: Sequence[Place]) -> str:
    return json.dumps(places, ensure_ascii=False)


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


@dataclass(frozen=True, kw_only=True)
class ToolLine:
    """One result of a tool's report; ``known`` is the finding begun from it, or a dash."""

    number: int
    level: str
    rule: str
    says: str
    known: str


class FindingsView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(self, rows: Sequence[FindingLine], about: str, *, may_report: bool) -> None:
        """The list."""

    def show_sources(self, paths: Sequence[str], noted: Sequence[tuple[str, str]]) -> None:
        """Files evidence can be chosen from, and what the examination noted."""

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""

    def show_reports(self, paths: Sequence[str]) -> None:
        """Tools' reports in the package; without one nothing is offered."""

    def show_results(self, rows: Sequence[ToolLine], about: str) -> None:
        """What the chosen report lists."""

    def show_finding(self, shown: FindingShown) -> None:
        """One finding in the panel."""

    def show_form(self, fields: FindingFields, *, is_draft: bool) -> None:
        """The form for a new one in the panel."""

    def show_nothing(self, words: str) -> None:
        """An empty panel that says what to do next."""

    def go_to(self, number: int) -> None:
        """A finding by its place in the list."""
