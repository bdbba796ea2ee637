"""Opinions, recommendation, consultations, determination, without widgets.

What blocks is said before anybody presses a button.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import determining, oversight, queries
from workstation.app.services import Session
from workstation.app.wording import sentence, word
from workstation.core.cases import CaseState
from workstation.core.determinations import Blocked, Blocker, Conclusion, Consultee
from workstation.core.oversight import EarlierCase
from workstation.core.people import Duty
from workstation.core.values import PersonId

Pairs = tuple[tuple[str, str], ...]
_OPEN_TO_CONSULT = {CaseState.EVALUATION, CaseState.RECOMMENDED}
_OPEN_TO_DETERMINE = {CaseState.RECOMMENDED, CaseState.DETERMINED}


@dataclass(frozen=True, kw_only=True)
class ConclusionFields:
    """What the three forms that conclude hold."""

    conclusion: str = ""
    reasons: str = ""
    gaps: str = ""
    dissents: bool = False

    def as_draft(self) -> dict[str, str]:
        """For the drafts of the vault; empty when nothing was typed."""
        if not (self.reasons.strip() or self.gaps.strip()):
            return {}
        dissents = "yes" if self.dissents else ""
        return {
            "conclusion": self.conclusion,
            "reasons": self.reasons,
            "gaps": self.gaps,
            "dissents": dissents,
        }

    @classmethod
    def of_draft(cls, draft: Mapping[str, str]) -> "ConclusionFields":
        """Back from the vault."""
        texts = {name: draft.get(name, "") for name in ("conclusion", "reasons", "gaps")}
        return cls(**texts, dissents=bool(draft.get("dissents")))


@dataclass(frozen=True, kw_only=True)
class ConsultationFields:
    """What the form of a consultation holds."""

    consultee: str
    asked_on: date
    answered_on: date
    answer: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the page shows: the record so far, what blocks, which forms are on offer, what was typed."""

    cards: tuple[tuple[str, Pairs], ...]
    blockers_title: str = ""
    blockers: tuple[str, ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)  # "opinion", "recommend", "determine": its title
    typed: Mapping[str, ConclusionFields] = field(default_factory=dict)
    consult: tuple[tuple[str, str], ...] = ()  # parties, those not asked yet first


class DeterminationView(Protocol):
    """The page as the presenter sees it."""

    def show_record(self, record: Record) -> None:
        """Everything."""

    def show_earlier(self, earlier: Sequence[EarlierCase]) -> None:
        """How cases with similar readings were determined."""

    def forget_consultation(self) -> None:
        """What was typed about a consultation has been recorded."""


class DeterminationPresenter(CasePart):
    """The record first, then what the person at the desk may add."""

    def __init__(self, view: DeterminationView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view

    def show(self, view: queries.CaseView) -> None:
        """Everything anew; what was typed comes from the drafts."""
        super().show(view)
        found = determining.blockers(self.desk.here, view.row.case_id)
        state = view.row.state
        title, blocked = "", tuple[Blocked, ...]()
        if state is CaseState.EVALUATION:
            title, blocked = "Before a recommendation", found.recommendation
        elif state is CaseState.RECOMMENDED:
            title, blocked = "Before the determination", found.determination
        forms = self._forms(view)
        self._page.show_record(
            Record(
                cards=self._cards(view),
                blockers_title=title,
                blockers=tuple(self._blocker_text(one) for one in blocked),
                forms=forms,
                typed={name: ConclusionFields.of_draft(self.draft(name)) for name in forms},
                consult=_parties(view),
            )
        )
        case_id = view.row.case_id

        def read(session: Session) -> Sequence[EarlierCase]:
            return oversight.earlier_cases(session, case_id)

        def shown(earlier: Sequence[EarlierCase]) -> None:
            if self.case_id == case_id:
                self._page.show_earlier(earlier)

        self.desk.read("earlier-cases", read, shown)

    def _forms(self, view: queries.CaseView) -> dict[str, str]:
        state, may = view.row.state, view.allowed
        forms = {}
        if state is CaseState.EVALUATION:
            if Duty.GIVE_OPINION in may and self.desk.here.person.person_id in view.case.submissions:
                forms["opinion"] = "Your opinion"
            if Duty.RECOMMEND in may:
                forms["recommend"] = "Recommend"
        if state in _OPEN_TO_DETERMINE and Duty.DETERMINE in may:
            first = state is CaseState.RECOMMENDED
            forms["determine"] = "Determine" if first else "Supersede the determination"
        return forms

    def _cards(self, view: queries.CaseView) -> tuple[tuple[str, Pairs], ...]:
        case, dates = view.case, self.desk.dates

        def by(person_id: PersonId, at: str) -> str:
            return f"{view.people[person_id].display_name}, {at}"

        cards: list[tuple[str, Pairs]] = []
        for determined in reversed(case.determinations):
            lineage = f", supersedes {determined.supersedes}" if determined.supersedes else ""
            who = by(determined.determined_by, dates.moment(determined.determined_at))
            pairs = _concluded("Determined", determined.conclusion, determined.reasons, determined.gaps, who)
            cards.append((f"Determination {determined.number}{lineage}", pairs))
        if case.recommendation:
            r = case.recommendation
            who = by(r.recommended_by, dates.moment(r.recommended_at))
            pairs = _concluded("Recommended", r.conclusion, r.reasons, r.gaps, who)
            cards.append(("Recommendation, until the official determines", pairs))
        if case.opinions:
            opinions = tuple(
                (
                    view.people[o.person_id].display_name + (", in dissent" if o.dissents else ""),
                    f"{word('conclusion', o.conclusion)}. {o.reasons}",
                )
                for o in case.opinions
            )
            cards.append(("Opinions", opinions))
        if case.consultations:
            answers = tuple(
                (
                    word("consultee", c.consultee),
                    f"Asked {dates.day(c.asked_on)}: {c.answer or 'no answer received'}",
                )
                for c in case.consultations
            )
            cards.append(("Consultations", answers))
        return tuple(cards)

    def _blocker_text(self, blocked: Blocked) -> str:
        subjects = list(blocked.subjects)
        if blocked.blocker in {Blocker.NOT_SUBMITTED, Blocker.TOO_FEW_OPINIONS}:
            names = {str(key): person.display_name for key, person in self.case.people.items()}
            subjects = [names.get(s, s) for s in subjects]
        if blocked.blocker is Blocker.CONSULTATION_MISSING:
            subjects = [word("consultee", s) for s in subjects]
        return sentence("blocker", blocked.blocker, subjects=", ".join(subjects))

    def type_conclusion(self, form: str, fields: ConclusionFields) -> None:
        """Keep what is typed."""
        self.typed(form, fields.as_draft())

    def conclude(self, form: str, fields: ConclusionFields) -> None:
        """Record an opinion, a recommendation or the determination."""
        acts = {"opinion": self._opine, "recommend": self._recommend, "determine": self._determine}
        told = {
            "opinion": "Your opinion is recorded.",
            "recommend": "Recommended. The official determines.",
            "determine": "Determined. A reviewer signs the report next.",
        }
        if self.desk.attempt(lambda: acts[form](fields)):
            self.typed(form, {})
            self.changed()
            self.desk.notices.tell(told[form])

    def _opine(self, fields: ConclusionFields) -> None:
        determining.give_opinion(
            self.desk.here,
            self.case_id,
            conclusion=Conclusion(fields.conclusion),
            reasons=fields.reasons,
            dissents=fields.dissents,
        )

    def _recommend(self, fields: ConclusionFields) -> None:
        conclusion, gaps = Conclusion(fields.conclusion), _lines(fields.gaps)
        determining.recommend(
            self.desk.here, self.case_id, conclusion=conclusion, reasons=fields.reasons, gaps=gaps
        )

    def _determine(self, fields: ConclusionFields) -> None:
        conclusion, gaps = Conclusion(fields.conclusion), _lines(fields.gaps)
        determining.determine(
            self.desk.here, self.case_id, conclusion=conclusion, reasons=fields.reasons, gaps=gaps
        )

    def consult(self, fields: ConsultationFields) -> None:
        """Record that a party was asked, and its answer or silence."""
        answer = fields.answer.strip()

        def record() -> None:
            determining.record_consultation(
                self.desk.here,
                self.case_id,
                Consultee(fields.consultee),
                asked_on=fields.asked_on,
                answered_on=fields.answered_on if answer else None,
                answer=answer,
            )

        if self.desk.attempt(record):
            self._page.forget_consultation()
            self.changed()
            self.desk.notices.tell("Consultation recorded.")


def _parties(view: queries.CaseView) -> tuple[tuple[str, str], ...]:
    if view.row.state not in _OPEN_TO_CONSULT or Duty.CONSULT not in view.allowed:
        return ()
    asked = {c.consultee for c in view.case.consultations}
    parties = sorted(Consultee, key=lambda c: c in asked)
    return tuple(
        (str(c), word("consultee", c) + (" (asked; a further record replaces it)" if c in asked else ""))
        for c in parties
    )


def _concluded(verb: str, conclusion: Conclusion, reasons: str, gaps: tuple[str, ...], who: str) -> Pairs:
    pairs = [(verb, word("conclusion", conclusion)), ("Reasons", reasons)]
    if gaps:
        pairs.append(("Gaps", "; ".join(gaps)))
    return (*pairs, ("By", who))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
