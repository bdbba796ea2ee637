"""The checklist, without widgets: own answers until both have submitted; then both, with what differs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ui.checklist import leading
from ui.checklist.hints import LeadShown, ProposalShown
from ui.desk import Desk
from ui.presenting import CasePart
from ui.window_words import counted
from workstation.app import benchmarks, queries, reviewing
from workstation.app.wording import word
from workstation.core.cases import CaseState
from workstation.core.checklists import Answer, AnswerChanged, Result
from workstation.core.people import Duty
from workstation.core.proposals import Proposal
from workstation.core.values import CriterionId, EvidenceLink

NO_FILE = ""
_MOST_PATHS = 2_000


@dataclass(frozen=True, kw_only=True)
class AnswerFields:
    """What the editor holds for one criterion. ``result`` is empty until one is chosen."""

    result: str = ""
    detail: str = ""
    evidence: str = NO_FILE
    anchor: str = ""
    portion: str = "(U)"

    def as_draft(self) -> dict[str, str]:
        """For the drafts of the vault."""
        return {
            "result": self.result,
            "detail": self.detail,
            "evidence": self.evidence,
            "anchor": self.anchor,
            "portion": self.portion,
        }


@dataclass(frozen=True, kw_only=True)
class CriterionShown:
    """One criterion in the panel."""

    criterion_id: CriterionId
    title: str
    facts: tuple[tuple[str, str], ...]
    editor: AnswerFields | None  # None where this person cannot answer now
    is_draft: bool
    answers: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # whose, and what
    may_settle: bool
    settle: tuple[str, str]  # result and reason as typed earlier
    links: tuple[EvidenceLink, ...] = ()  # the evidence of every answer that is shown
    proposals: tuple[ProposalShown, ...] = ()
    lead: LeadShown | None = None


class ChecklistView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(
        self, rows: Sequence[queries.CriterionView], about: str, *, submittable: bool, mine: bool = True
    ) -> None:
        """The list, and whether the checklist can be submitted; ``mine`` for whoever answers."""

    def show_files(self, paths: Sequence[str]) -> None:
        """What evidence can be chosen from."""

    def show_criterion(self, shown: CriterionShown | None) -> None:
        """One criterion."""

    def show_proposals(self, proposals: Sequence[ProposalShown]) -> None:
        """What imports propose for the criterion shown."""

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""

    def put_place(self, path: str, anchor: str) -> None:
        """Make it the evidence of the answer being written."""

    def go_to(self, number: int) -> None:
        """A criterion by its place among all of them."""

    def put_fields(self, fields: AnswerFields) -> None:
        """Fill the editor as if it had been typed."""

    def go_to_next(self) -> None:
        """The criterion after this one, and its result."""

    def ask_for_result(self) -> None:
        """Nothing was recorded: a result has to be chosen first."""


class ChecklistPresenter(CasePart):
    """Shows criteria, keeps drafts, saves answers, submits, settles."""

    def __init__(self, view: ChecklistView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view
        self._rows: dict[CriterionId, queries.CriterionView] = {}
        self._at: CriterionId | None = None
        self._editable = False
        self._files_of = ""
        self._proposals: Mapping[CriterionId, tuple[Proposal, ...]] = {}

    def show(self, view: queries.CaseView) -> None:
        """Read the criteria and keep the place."""
        super().show(view)
        rows = queries.criteria(self.desk.here, view.row.case_id)
        self._rows = {row.criterion_id: row for row in rows}
        me = self.desk.here.person.person_id
        self._editable = (
            me in view.case.reviewers
            and view.row.state is CaseState.EVALUATION
            and me not in view.case.submissions
            and Duty.ANSWER in view.allowed
        )
        self._offer_files(view)
        self._offer_place()
        about = self._about(view, rows)
        self._page.show_rows(rows, about, submittable=self._editable, mine=self._is_reviewer)
        wanted, self.desk.wanted_criterion = self.desk.wanted_criterion, None
        if wanted in self._rows:
            self._at = wanted
            self._page.go_to(list(self._rows).index(wanted))
        self.choose(self._at if self._at in self._rows else (rows[0].criterion_id if rows else None))

    def _offer_files(self, view: queries.CaseView) -> None:
        package = view.package
        if package is None:
            return
        wanted = f"{package.package_id} {view.case.criteria_set}"
        if wanted != self._files_of:
            self._files_of = wanted
            self._proposals = {}
            case_id = self.case_id
            # Thousands of files may have to be read for them, so never in the window's thread.
            self.desk.read(
                "proposals",
                lambda session: (wanted, benchmarks.proposals(session, case_id)),
                self._proposed,
            )
            self._page.show_files(queries.paths(self.desk.here, package.package_id, limit=_MOST_PATHS))

    def _proposed(self, found: tuple[str, Mapping[CriterionId, tuple[Proposal, ...]]]) -> None:
        """What imports propose has been read; what is being typed is not touched by it."""
        wanted, proposals = found
        if wanted == self._files_of:
            self._proposals = proposals
            row = self._rows.get(self._at) if self._at else None
            if row is not None:
                self._page.show_proposals(self._proposed_for(row))

    def _proposed_for(self, row: queries.CriterionView) -> tuple[ProposalShown, ...]:
        return leading.proposals_shown(
            self._proposals.get(row.criterion_id, ()) if self._may_answer(row) else (),
            usable=row.mine is None and not self.draft(f"answer/{row.criterion_id}"),
        )

    def _offer_place(self) -> None:
        noted, package = self.desk.noted, self.case.package
        here = noted is not None and package is not None and noted.package_id == package.package_id
        self._page.offer_place(f"{noted.anchor} of {noted.untrusted_path}" if noted and here else "")

    def use_noted(self) -> None:
        """Take the place noted while looking at a file as evidence."""
        if self.desk.noted is not None and self._editable:
            self._page.put_place(self.desk.noted.untrusted_path, self.desk.noted.anchor)

    def open_evidence(self, link: EvidenceLink) -> None:
        """Show the place an answer rests on."""
        self.desk.wanted = link
        self.desk.routes.show_case(self.case_id, "package")

    def _about(self, view: queries.CaseView, rows: Sequence[queries.CriterionView]) -> str:
        case = view.case
        me = self.desk.here.person.person_id
        who = [view.people[p].display_name for p in case.submissions]
        submitted = f"Submitted by {' and '.join(who)}." if who else "Nobody has submitted yet."
        if me in case.reviewers:
            answered = sum(row.mine is not None for row in rows)
            own = f"You answered {answered} of {len(rows)}."
        else:
            own = "You are not a reviewer of this case."
        both = bool(case.reviewers) and set(case.reviewers) <= case.submissions.keys()
        open_ones = sum(row.differs and not row.settled for row in rows)
        rest = (
            f"You differ on {counted(open_ones, 'question')}, to be settled by {leading.settlers(view)}."
            if both and open_ones and me in case.reviewers
            else f"The reviewers differ on {counted(open_ones, 'question')}, to be settled."
            if both and open_ones
            else "No difference is unsettled."
            if both
            else "Each answers without seeing the other until both have submitted."
        )
        returned = leading.feedback(view, me)
        return f"{returned} {own} {submitted} {rest}".strip()

    def choose(self, criterion_id: CriterionId | None) -> None:
        """Show one criterion; asked again by the list whenever its row changes."""
        self._at = criterion_id
        row = self._rows.get(criterion_id) if criterion_id else None
        self._page.show_criterion(self._shown(row) if row else None)

    def _shown(self, row: queries.CriterionView) -> CriterionShown:
        people = self.case.people
        answers = []
        if row.mine is not None and not self._editable:
            answers.append(("Your answer", self._answer_facts(row.mine)))
        answers += [(people[a.person_id].display_name, self._answer_facts(a)) for a in row.others]
        answers += self._settled(row.criterion_id)
        if row.differs and not row.settled and self._is_reviewer:
            answers.append(("The reviewers differ", (("To be settled by", leading.settlers(self.case)),)))
        draft = self.draft(f"answer/{row.criterion_id}")
        settle = self.draft(f"settle/{row.criterion_id}")
        return CriterionShown(
            criterion_id=row.criterion_id,
            title=f"{row.criterion_id}  {row.text}",
            facts=(
                ("Evidence wanted", row.evidence_wanted),
                ("Why it is asked", row.source),
                *leading.notes(row, self.case),
            ),
            editor=_fields(row.mine, draft) if self._editable and row.tailored is None else None,
            is_draft=bool(draft),
            answers=tuple(answers),
            may_settle=row.differs
            and not row.settled
            and Duty.SETTLE in self.case.allowed
            and self.case.row.state is CaseState.EVALUATION,
            settle=(settle.get("result", ""), settle.get("reason", "")),
            links=_links(row),
            proposals=self._proposed_for(row),
            lead=leading.lead_shown(
                self.desk.here, self.case, row, self.draft(f"lead/{row.criterion_id}").get("reason", "")
            ),
        )

    @property
    def _is_reviewer(self) -> bool:
        return self.desk.here.person.person_id in self.case.case.reviewers

    def _settled(self, criterion_id: CriterionId) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        settlement = self.case.case.settlements.get(criterion_id)
        if settlement is None:
            return []
        who = self.case.people[settlement.settled_by].display_name
        at = self.desk.dates.moment(settlement.settled_at)
        pairs = (
            ("Result", word("result", settlement.result)),
            ("Reason", settlement.reason),
            ("By", f"{who}, {at}"),
        )
        return [("Settled", pairs)]

    def _may_answer(self, row: queries.CriterionView) -> bool:
        return self._editable and row.tailored is None

    def use_proposal(self, criterion_id: CriterionId, number: int) -> None:
        """Fill the empty editor with a proposal; only the person's own saving makes it an answer."""
        row, proposals = self._rows.get(criterion_id), self._proposals.get(criterion_id, ())
        if row is None or row.mine is not None or not self._may_answer(row) or number >= len(proposals):
            return
        one = proposals[number]
        link = one.evidence[0] if one.evidence else None
        fields = AnswerFields(
            result=str(one.result),
            detail=f"{one.detail} (proposed by {word('import', one.source)})",
            evidence=link.untrusted_path if link else NO_FILE,
            anchor=link.anchor if link else "",
        )
        self._page.put_fields(fields)

    def type_lead(self, criterion_id: CriterionId, reason: str) -> None:
        """Keep what the lead types."""
        self.typed(f"lead/{criterion_id}", {"reason": reason} if reason else {})

    def lead(self, criterion_id: CriterionId, name: str, reason: str) -> None:
        """Tailor, return a checklist, or move to newer criteria, with the reason typed."""
        if self.desk.attempt(leading.act(self.desk.here, self.case, name, reason)):
            self.typed(f"lead/{criterion_id}", {})
            self.changed()
            self.desk.notices.tell("Done, with your reason in the record.")

    def _answer_facts(self, answer: Answer) -> tuple[tuple[str, str], ...]:
        links = [f"{link.untrusted_path} {link.anchor}".strip() for link in answer.evidence]
        at = self.desk.dates.moment(answer.answered_at)
        return (
            ("Result", word("result", answer.result)),
            ("Detail", f"{answer.portion_marking} {answer.detail}".strip()),
            ("Evidence", "\n".join(links) or "-"),
            ("Saved", f"{at}, revision {answer.revision}"),
        )

    def type_answer(self, criterion_id: CriterionId, fields: AnswerFields) -> None:
        """Keep what is typed; what equals the saved answer is no draft."""
        row = self._rows.get(criterion_id)
        if row is not None and self._editable:
            same = fields == _fields(row.mine, {})
            self.typed(f"answer/{criterion_id}", {} if same else fields.as_draft())

    def save(self, criterion_id: CriterionId, fields: AnswerFields) -> None:
        """Record the answer and go on to the next criterion."""
        if not self._editable:
            return
        if not fields.result:
            self._page.ask_for_result()
            return
        package, row = self.case.package, self._rows.get(criterion_id)
        mine = row.mine if row else None
        links: tuple[EvidenceLink, ...] = ()
        if fields.evidence and package is not None:
            link = EvidenceLink(
                package_id=package.package_id, untrusted_path=fields.evidence, anchor=fields.anchor.strip()
            )
            links = (link,)

        def record() -> None:
            new = reviewing.NewAnswer(
                criterion_id=criterion_id,
                result=Result(fields.result),
                detail=fields.detail,
                evidence=links,
                portion_marking=fields.portion.strip(),
                rests_on=mine.revision if mine else 0,
            )
            try:
                reviewing.answer(self.desk.here, self.case_id, new)
            except AnswerChanged:
                self.changed()  # the newer answer is shown; what was typed stays in the editor
                raise

        if self.desk.attempt(record):
            self.typed(f"answer/{criterion_id}", {})
            self.changed()
            self._page.go_to_next()

    def submit(self) -> None:
        """Submit one's own checklist whole."""
        self.act(
            lambda: reviewing.submit_checklist(self.desk.here, self.case_id),
            "Your checklist is submitted. It is fixed now.",
        )

    def type_settlement(self, criterion_id: CriterionId, result: str, reason: str) -> None:
        """Keep what is typed."""
        self.typed(f"settle/{criterion_id}", {"result": result, "reason": reason} if reason else {})

    def settle(self, criterion_id: CriterionId, result: str, reason: str) -> None:
        """Settle one difference, with its reason."""

        def record() -> None:
            reviewing.settle(self.desk.here, self.case_id, criterion_id, Result(result), reason=reason)

        if self.desk.attempt(record):
            self.typed(f"settle/{criterion_id}", {})
            self.changed()
            self.desk.notices.tell(f"{criterion_id} settled.")


def _links(row: queries.CriterionView) -> tuple[EvidenceLink, ...]:
    """The evidence of the answers shown, each once."""
    answers = (*((row.mine,) if row.mine else ()), *row.others)
    return tuple(dict.fromkeys(link for answer in answers for link in answer.evidence))


def _fields(mine: Answer | None, draft: Mapping[str, str]) -> AnswerFields:
    """The editor's content: the draft, else the saved answer, else nothing chosen."""
    if draft:
        return AnswerFields(**{name: draft[name] for name in AnswerFields().as_draft() if name in draft})
    if mine is None:
        return AnswerFields()
    link = mine.evidence[0] if mine.evidence else None
    return AnswerFields(
        result=str(mine.result),
        detail=mine.detail,
        evidence=link.untrusted_path if link else NO_FILE,
        anchor=link.anchor if link else "",
        portion=mine.portion_marking,
    )
