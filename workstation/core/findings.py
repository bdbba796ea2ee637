"""Findings of the review: flaws, and defensive tools worth passing on. Nothing here is a verdict on a model.

A finding is reported by one person and judged by another; every change stays in its history with its
author. The clearinghouse of section 2(d) of the order gets only what was validated (``core.referrals``).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workstation.core import events
from workstation.core.finding_errors import (
    DuplicateNotPossible,
    EmbargoPast,
    FindingFieldInvalid,
    FindingStepNotPossible,
    OwnFinding,
)
from workstation.core.severity import Score, scores
from workstation.core.values import CaseId, EvidenceLink, FindingId, PersonId, ReferralId

MAX_TITLE_CHARS = 300
MAX_TEXT_CHARS = 100_000
_CWE = re.compile(r"CWE-[1-9][0-9]{0,4}")


class FindingKind(StrEnum):
    """What a finding is about."""

    FLAW = "flaw"
    DEFENSIVE_TOOL = "defensive-tool"  # worth passing on under section 2(c) of the order


class FindingState(StrEnum):
    """Where a finding stands."""

    REPORTED = "reported"
    VALIDATED = "validated"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    REFERRED = "referred"  # validated, and it has left the house at least once


class OriginKind(StrEnum):
    """Where a finding comes from."""

    REVIEWER = "reviewer"
    EXAMINATION = "examination"  # a reason code of this workstation's own examination
    TOOL = "tool"  # a scanner's report in the package, such as SARIF


class PatchState(StrEnum):
    """What is known of a correction."""

    UNKNOWN = "unknown"
    NONE = "none"
    IN_PROGRESS = "in-progress"
    AVAILABLE = "available"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who or what noticed it first; ``rule`` is the tool's own name for the kind of thing."""

    kind: OriginKind = OriginKind.REVIEWER
    tool: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingText:
    """What a finding says. ``fingerprints`` come from its places: see ``fingerprint``."""

    title: str
    description: str
    component: str
    portion_marking: str
    evidence: tuple[EvidenceLink, ...] = ()
    fingerprints: tuple[str, ...] = ()
    cwe: str = ""
    cwe_name: str = ""

    def __post_init__(self) -> None:
        """Refuse what nobody could act on; raises FindingFieldInvalid."""
        limits = {"title": MAX_TITLE_CHARS, "description": MAX_TEXT_CHARS, "component": MAX_TITLE_CHARS}
        for name, limit in limits.items():
            value = getattr(self, name)
            if not value.strip() or len(value) > limit:
                raise FindingFieldInvalid(field=name)
        if self.cwe and not _CWE.fullmatch(self.cwe):
            raise FindingFieldInvalid(field="cwe")
        if len(self.cwe_name) > MAX_TITLE_CHARS or (self.cwe_name and not self.cwe):
            raise FindingFieldInvalid(field="cwe_name")


@dataclass(frozen=True, kw_only=True)
class Embargo:
    """Nobody outside ``parties`` is told before the day after ``until``."""

    until: date
    parties: tuple[str, ...]
    reason: str

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.until


@dataclass(frozen=True, kw_only=True)
class FindingChange:
    """One line of the history. ``text`` is what the finding said from then on, where that changed."""

    act: str
    by: PersonId
    at: datetime
    reason: str = ""
    text: FindingText | None = None


def fingerprint(file_sha384: str, kind: str, place: str) -> str:
    """The same kind of thing at the same place of the same bytes, whoever found it and under whatever name.

    ``kind`` is a rule or CWE; ``place`` an evidence anchor. Equal fingerprints *propose* a duplicate.
    """
    parts = (file_sha384, " ".join(kind.casefold().split()), " ".join(place.casefold().split()))
    return hashlib.sha384("\0".join(parts).encode()).hexdigest()


@dataclass(kw_only=True)
class Finding:
    """One flaw or tool candidate, from report to referral."""

    finding_id: FindingId
    case_id: CaseId
    kind: FindingKind
    origin: Origin
    text: FindingText
    reported_by: PersonId
    reported_at: datetime
    state: FindingState = FindingState.REPORTED
    judged_by: PersonId | None = None
    duplicate_of: FindingId | None = None
    scores: tuple[Score, ...] = ()
    patch: PatchState = PatchState.UNKNOWN
    patch_note: str = ""
    embargo: Embargo | None = None
    referrals: tuple[ReferralId, ...] = ()
    history: tuple[FindingChange, ...] = ()

    @property
    def authors(self) -> frozenset[PersonId]:
        """Everybody who wrote any of its text; none of them judges it."""
        return frozenset({self.reported_by, *(c.by for c in self.history if c.text is not None)})

    @property
    def is_referable(self) -> bool:
        """Whether it may leave the house: validated, now or before."""
        return self.state in {FindingState.VALIDATED, FindingState.REFERRED}

    @property
    def worst(self) -> Score | None:
        """The heaviest of its scores."""
        return max(self.scores, key=lambda one: one.base, default=None)

    def is_visible_to(self, viewer: PersonId, *, blind: bool) -> bool:
        """While reviewers answer blind only authors see it: a flaw found tells how a criterion was read."""
        return not blind or viewer in self.authors

    def resembles(self, other: "Finding") -> bool:
        """Whether a person should be asked if these two are one; nothing is merged by itself."""
        return (
            other.finding_id != self.finding_id
            and other.kind is self.kind
            and bool(set(self.text.fingerprints) & set(other.text.fingerprints))
        )

    def reported(self) -> events.FindingReported:
        """The first line of the history."""
        self._note("report", self.reported_by, self.reported_at, text=self.text)
        return events.FindingReported(
            case_id=self.case_id,
            finding_id=self.finding_id,
            kind=str(self.kind),
            origin=str(self.origin.kind),
            portion_marking=self.text.portion_marking,
        )

    def revise(self, text: FindingText, *, by: PersonId, at: datetime, reason: str) -> events.FindingRevised:
        """Say it better, before it is judged; whoever does becomes an author.

        Raises:
            FindingStepNotPossible, FindingFieldInvalid.
        """
        self._require("revise", FindingState.REPORTED)
        self._reasoned(reason)
        self.text = text
        self._note("revise", by, at, reason=reason, text=text)
        return events.FindingRevised(
            case_id=self.case_id, finding_id=self.finding_id, portion_marking=text.portion_marking
        )

    def validate(self, *, by: PersonId, at: datetime, reason: str) -> events.FindingValidated:
        """Another person saw it too, and says how.

        Raises:
            FindingStepNotPossible, OwnFinding, FindingFieldInvalid.
        """
        self._judge("validate", by, at, reason, FindingState.REPORTED)
        self.state = FindingState.VALIDATED
        return events.FindingValidated(case_id=self.case_id, finding_id=self.finding_id)

    def reject(
        self, *, by: PersonId, at: datetime, reason: str, pointed_at: FindingId | None = None
    ) -> events.FindingRejected:
        """Another person found that it does not hold. ``pointed_at`` is a finding that is told by this one.

        Raises:
            FindingStepNotPossible, OwnFinding, FindingFieldInvalid, DuplicateNotPossible.
        """
        if pointed_at is not None:
            raise DuplicateNotPossible(finding_id=self.finding_id, other_id=pointed_at)
        self._judge("reject", by, at, reason, FindingState.REPORTED, FindingState.VALIDATED)
        self.state = FindingState.REJECTED
        return events.FindingRejected(case_id=self.case_id, finding_id=self.finding_id)

    def mark_duplicate(
        self,
        other: "Finding",
        *,
        by: PersonId,
        at: datetime,
        reason: str,
        pointed_at: FindingId | None = None,
    ) -> events.FindingMarkedDuplicate:
        """Another person found that ``other`` of the same case tells it already; chains are refused.

        Raises:
            FindingStepNotPossible, OwnFinding, FindingFieldInvalid, DuplicateNotPossible.
        """
        stands = other.state not in {FindingState.DUPLICATE, FindingState.REJECTED}
        same = other.case_id == self.case_id and other.kind is self.kind
        if not (stands and same) or other.finding_id == self.finding_id:
            raise DuplicateNotPossible(finding_id=self.finding_id, other_id=other.finding_id)
        if pointed_at is not None:
            raise DuplicateNotPossible(finding_id=self.finding_id, other_id=pointed_at)
        self._judge("duplicate", by, at, reason, FindingState.REPORTED, FindingState.VALIDATED)
        self.state, self.duplicate_of = FindingState.DUPLICATE, other.finding_id
        return events.FindingMarkedDuplicate(
            case_id=self.case_id, finding_id=self.finding_id, duplicate_of=other.finding_id
        )

    def reopen(self, *, by: PersonId, at: datetime, reason: str) -> events.FindingReopened:
        """Take a judgement back; it has to be judged again, by somebody who wrote none of it.

        Raises:
            FindingStepNotPossible, FindingFieldInvalid.
        """
        self._require("reopen", FindingState.VALIDATED, FindingState.DUPLICATE, FindingState.REJECTED)
        self._reasoned(reason)
        self.state, self.duplicate_of, self.judged_by = FindingState.REPORTED, None, None
        self._note("reopen", by, at, reason=reason)
        return events.FindingReopened(case_id=self.case_id, finding_id=self.finding_id)

    def score(self, vectors: tuple[str, ...], *, by: PersonId, at: datetime) -> events.FindingScored:
        """Replace the CVSS vectors; at most one a version.

        Raises:
            FindingStepNotPossible (not a flaw, or set aside), VectorInvalid.
        """
        if self.kind is not FindingKind.FLAW:
            raise FindingStepNotPossible(finding_id=self.finding_id, step="score", state=self.state)
        self._require("score", *_STANDING)
        self.scores = scores(vectors)
        told = tuple(one.vector for one in self.scores)
        self._note("score", by, at, reason="; ".join(told))
        return events.FindingScored(case_id=self.case_id, finding_id=self.finding_id, vectors=told)

    def set_embargo(
        self, embargo: Embargo | None, *, by: PersonId, at: datetime, today: date, reason: str = ""
    ) -> events.EmbargoSet:
        """Agree, move or lift an embargo.

        Raises:
            FindingStepNotPossible, FindingFieldInvalid (no party or reason), EmbargoPast.
        """
        self._require("embargo", *_STANDING)
        if embargo is not None:
            if not any(party.strip() for party in embargo.parties):
                raise FindingFieldInvalid(field="parties")
            if embargo.until < today:
                raise EmbargoPast(until=embargo.until, today=today)
        why = embargo.reason if embargo else reason
        self._reasoned(why)
        until = embargo.until if embargo else None
        self.embargo = embargo
        self._note("embargo", by, at, reason=f"{until or 'lifted'}: {why}")
        return events.EmbargoSet(case_id=self.case_id, finding_id=self.finding_id, until=until)

    def note_patch(
        self, patch: PatchState, *, by: PersonId, at: datetime, note: str
    ) -> events.PatchStateNoted:
        """What is known of a correction, as of now; raises FindingStepNotPossible."""
        self._require("patch", *_STANDING)
        if len(note) > MAX_TEXT_CHARS:
            raise FindingFieldInvalid(field="note")
        self.patch, self.patch_note = patch, note
        self._note("patch", by, at, reason=f"{patch}: {note}" if note else str(patch))
        return events.PatchStateNoted(case_id=self.case_id, finding_id=self.finding_id, patch=str(patch))

    def refer(self, referral_id: ReferralId, *, by: PersonId, at: datetime) -> events.FindingReferred:
        """It left the house with a referral; raises FindingStepNotPossible."""
        self._require("refer", FindingState.VALIDATED, FindingState.REFERRED)
        self.state = FindingState.REFERRED
        self.referrals = (*self.referrals, referral_id)
        self._note("refer", by, at, reason=referral_id)
        return events.FindingReferred(
            case_id=self.case_id, finding_id=self.finding_id, referral_id=referral_id
        )

    # --- shared ------------------------------------------------------------------------------------

    def _require(self, step: str, *allowed: FindingState) -> None:
        if self.state not in allowed:
            raise FindingStepNotPossible(finding_id=self.finding_id, step=step, state=self.state)

    def _judge(self, step: str, by: PersonId, at: datetime, reason: str, *allowed: FindingState) -> None:
        self._require(step, *allowed)
        if by in self.authors:
            raise OwnFinding(finding_id=self.finding_id, person=by)
        self._reasoned(reason)
        self.judged_by = by
        self._note(step, by, at, reason=reason)

    @staticmethod
    def _reasoned(reason: str) -> None:
        if not reason.strip() or len(reason) > MAX_TEXT_CHARS:
            raise FindingFieldInvalid(field="reason")

    def _note(
        self, act: str, by: PersonId, at: datetime, *, reason: str = "", text: FindingText | None = None
    ) -> None:
        self.history = (*self.history, FindingChange(act=act, by=by, at=at, reason=reason, text=text))


_STANDING = (FindingState.REPORTED, FindingState.VALIDATED, FindingState.REFERRED)


def pointing_at(finding: Finding, others: Iterable[Finding]) -> FindingId | None:
    """The first finding that says this one tells it already."""
    return next((one.finding_id for one in others if one.duplicate_of == finding.finding_id), None)
