"""Where the case stands, what comes next, and the acts that move it, without widgets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import exits, queries, reviewing, sorting
from workstation.app.wording import word
from workstation.core.case_states import OVER, UNDETERMINED, CaseState
from workstation.core.cases import Case
from workstation.core.checklists import UNANSWERED
from workstation.core.exits import Disposition
from workstation.core.markings import AuthorityBlock, CuiDesignation, Level, Marking
from workstation.core.people import APPOINTED, Duty
from workstation.core.values import PersonId

# Where the next step is done, and the words of the button that leads there.
NEXT_TABS: Mapping[str, tuple[str, str]] = {
    "awaiting-package": ("package", "Go to the package"),
    "quarantined": ("package", "Go to the package"),
    "deficient": ("package", "Go to the package"),
    "answer-checklist": ("checklist", "Go to the checklist"),
    "give-opinions": ("determination", "Go to the opinions"),
    "recommend": ("determination", "Go to the recommendation"),
    "recommended": ("determination", "Go to the determination"),
    "determined": ("export", "Go to report and export"),
    "request-export": ("export", "Go to report and export"),
    "release-export": ("export", "Go to report and export"),
    "close": ("overview", "Go to closing"),
}
_CLOSABLE = {CaseState.DETERMINED, CaseState.DEFICIENT}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Which acts the person at the desk can take on this case now."""

    assign: bool
    begin: bool
    revise: bool
    withdraw: bool
    close: bool
    tag: bool = False
    authority: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the page shows."""

    next_step: str
    next_words: str  # of the button; empty when there is nowhere to go
    turn: str
    facts: tuple[tuple[str, str], ...]
    able: tuple[tuple[str, str], ...]  # who may be a reviewer
    reviewers: tuple[str, ...]
    planned_on: date
    offer: Offer
    exits: tuple[str, ...]  # which acts off the straight line are on offer
    replaceable: tuple[tuple[str, str], ...]  # reviewers who have not submitted
    tags: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()  # lines of the block as stated
    is_cui: bool = False


@dataclass(frozen=True, kw_only=True)
class ExitFields:
    """What was chosen and typed; only the fields of the act count."""

    act: str
    reason: str
    disposition: str
    checkpoint: str
    leaves: str
    comes: str
    what: str
    material: str
    done_on: date
    reference: str


class OverviewView(Protocol):
    """The page as the presenter sees it."""

    def show_standing(self, standing: Standing) -> None:
        """Facts, next step, and the acts on offer."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""

    def forget_tag(self) -> None:
        """The tag that was typed has been recorded."""

    def restore_authority(self, kept: Mapping[str, str]) -> None:
        """What was typed about the authority before a lock or a crash."""

    def forget_authority(self) -> None:
        """The authority that was typed has been recorded."""

    def restore_exit(self, kept: Mapping[str, str]) -> None:
        """What was typed about an exit before a lock or a crash."""

    def show_closing(self) -> None:
        """Lead to the card that closes the case."""


class OverviewPresenter(CasePart):
    """Acts of the lead and the reviewers on the case as a whole."""

    def __init__(self, view: OverviewView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view
        self._beside: list[CasePart] = []

    def beside(self, part: CasePart) -> None:
        """A card with a presenter of its own."""
        self._beside.append(part)

    def show(self, view: queries.CaseView) -> None:
        """Everything anew: the page is short."""
        super().show(view)
        for part in self._beside:
            part.show(view)
        able = [p for p in view.people.values() if p.role in APPOINTED[Duty.ANSWER] and p.active]
        self._page.show_standing(
            Standing(
                next_step=word("next-step", view.row.next_step),
                next_words=_next_words(view),
                turn="It is your turn." if view.row.waits_for_me else "",
                facts=self._facts(view),
                able=tuple((p.person_id, f"{p.display_name}, {word('role', p.role)}") for p in able),
                reviewers=tuple(view.case.reviewers),
                planned_on=view.row.planned_release_on or self.desk.here.today(),
                offer=replace(_offer(view), authority=self._may_state(view)),
                authority=_authority_lines(view.case),
                is_cui=self._banner(view).level is Level.CUI,
                tags=view.row.tags,
                exits=_exits(view, self.desk.here.today()),
                replaceable=tuple(
                    (p, view.people[p].display_name)
                    for p in view.case.reviewers
                    if p not in view.case.submissions
                ),
            )
        )
        self._page.restore_authority(self.draft("authority"))
        self._page.restore_exit(self.draft("exit"))

    def _banner(self, view: queries.CaseView) -> Marking:
        return self.desk.services.markings.parse(view.case.marking)

    def _may_state(self, view: queries.CaseView) -> bool:
        """A banner that is neither classified nor controlled has no block."""
        needs = self._banner(view).level is not Level.UNCLASSIFIED
        return needs and Duty.OPEN_CASE in view.allowed and view.row.state not in OVER

    def _facts(self, view: queries.CaseView) -> tuple[tuple[str, str], ...]:
        case, row, dates = view.case, view.row, self.desk.dates
        names = [view.people[p].display_name for p in case.reviewers]
        opened = f"{dates.moment(case.opened_at)} by {view.people[case.opened_by].display_name}"
        pairs = [
            ("State", word("state", row.state)),
            ("Kind of case", word("case-type", row.case_type)),
            ("Developer", row.developer),
            ("Model and checkpoint", f"{row.model}, {row.checkpoint}"),
            ("Subject", f"A frontier model: {self.desk.services.ai_name}"),
            ("Planned release", dates.day(row.planned_release_on) if row.planned_release_on else "-"),
            ("Reviewers", ", ".join(names) or "not assigned"),
            ("Checklist", _tally(view.tally)),
            ("Opened", opened),
        ]
        if case.determination:
            pairs.append(("Determination", word("conclusion", case.determination.conclusion)))
        elif case.recommendation:
            words = word("conclusion", case.recommendation.conclusion)
            pairs.append(("Recommendation", f"{words} (until the official determines)"))
        if case.disposition:
            pairs.append(("Material", case.disposition))
        if case.closing_reason:
            pairs.append(("Reason", case.closing_reason))
        pairs += self._exit_facts(view)
        return tuple(pairs)

    def _exit_facts(self, view: queries.CaseView) -> list[tuple[str, str]]:
        off, dates, pairs = view.case.exits, self.desk.dates, list[tuple[str, str]]()
        if off.hold is not None:
            who = view.people[off.hold.held_by].display_name
            pairs.append(("On hold", f"{off.hold.reason} ({who}, {dates.moment(off.hold.held_at)})"))
        if off.supersedes:
            pairs.append(("Follows the case", off.supersedes))
        if off.superseded_by:
            pairs.append(("Goes on in the case", off.superseded_by))
        for step in off.disposition_steps:
            words = f"{step.material}, {dates.day(step.done_on)}, {step.reference}"
            pairs.append((word("disposition", step.disposition), words))
        return pairs

    def tag(self, text: str) -> None:
        """Add a tag; it stays typed when a rule refuses it."""
        if self.act(lambda: sorting.tag(self.desk.here, self.case_id, text), "The case is tagged."):
            self._page.forget_tag()

    def untag(self, text: str) -> None:
        """Take a tag off."""
        if self.act(lambda: sorting.untag(self.desk.here, self.case_id, text), "The tag is taken off."):
            self._page.forget_tag()

    def keep_authority(self, fields: Mapping[str, str]) -> None:
        """Keep what was typed and not recorded."""
        self.typed("authority", fields)

    def state_authority(self, block: AuthorityBlock | CuiDesignation) -> None:
        """Record the block that the documents print; what is wrong with it is told and stays typed."""
        authority = block if isinstance(block, AuthorityBlock) else None
        designation = block if isinstance(block, CuiDesignation) else None
        if self.act(
            lambda: reviewing.state_authority(
                self.desk.here, self.case_id, authority=authority, designation=designation
            ),
            "The authority is stated. Every document of the case prints it.",
        ):
            self.typed("authority", {})
            self._page.forget_authority()

    def keep_exit(self, fields: Mapping[str, str]) -> None:
        """Keep what was typed and not recorded."""
        self.typed("exit", fields)

    def leave_the_line(self, fields: ExitFields) -> None:
        """Record what was chosen on the card of exits."""
        here, case_id = self.desk.here, self.case_id
        acts: Mapping[str, Callable[[], object]] = {
            "hold": lambda: exits.hold(here, case_id, reason=fields.reason),
            "lift": lambda: exits.lift_hold(here, case_id, reason=fields.reason),
            "lapse": lambda: exits.lapse(here, case_id, reason=fields.reason, disposition=fields.disposition),
            "supersede": lambda: exits.supersede(
                here, case_id, checkpoint=fields.checkpoint, reason=fields.reason
            ),
            "replace-reviewer": lambda: exits.replace_reviewer(
                here, case_id, PersonId(fields.leaves), PersonId(fields.comes), reason=fields.reason
            ),
            "disposition": lambda: exits.record_disposition(
                here,
                case_id,
                Disposition(fields.what),
                material=fields.material,
                done_on=fields.done_on,
                reference=fields.reference,
            ),
        }
        if self.act(acts[fields.act], "Recorded."):
            self.typed("exit", {})
            self._page.forget_typed()

    def go(self) -> None:
        """To where the next step is done."""
        tab, _words = NEXT_TABS[self.case.row.next_step]
        if tab == "overview":
            self._page.show_closing()
        else:
            self.desk.routes.show_case(self.case_id, tab)

    def assign(self, first: str, second: str) -> None:
        """Name the two reviewers."""
        self.act(
            lambda: reviewing.assign_reviewers(
                self.desk.here, self.case_id, PersonId(first), PersonId(second)
            ),
            "Reviewers assigned.",
        )

    def begin(self) -> None:
        """Begin the evaluation today."""
        self.act(
            lambda: reviewing.begin_evaluation(self.desk.here, self.case_id), "The evaluation has begun."
        )

    def revise(self, on: date, reason: str) -> None:
        """Record the date as the developer states it."""
        done = self.act(
            lambda: reviewing.state_release_date(self.desk.here, self.case_id, on, reason=reason),
            "Date recorded.",
        )
        if done:
            self._page.forget_typed()

    def withdraw(self, disposition: str, reason: str) -> None:
        """Record that the developer withdrew."""
        done = self.act(
            lambda: reviewing.withdraw(self.desk.here, self.case_id, reason=reason, disposition=disposition),
            "Withdrawal recorded.",
        )
        if done:
            self._page.forget_typed()

    def close(self, reason: str) -> None:
        """Close a determined or deficient case."""
        done = self.act(
            lambda: reviewing.close_case(self.desk.here, self.case_id, reason=reason), "The case is closed."
        )
        if done:
            self._page.forget_typed()


def _authority_lines(case: Case) -> tuple[str, ...]:
    block = (*case.authority.lines(), *case.authority.source_lines()) if case.authority else ()
    return (*block, *(case.designation.lines() if case.designation else ()))


def _next_words(view: queries.CaseView) -> str:
    step = view.row.next_step
    # The card that closes the case is shown to those who may; nobody is led to where nothing is.
    return "" if step == "close" and not _offer(view).close else NEXT_TABS.get(step, ("", ""))[1]


def _offer(view: queries.CaseView) -> Offer:
    may, state = view.allowed, view.row.state
    open_case = state not in OVER
    early = state not in {CaseState.RECOMMENDED, CaseState.DETERMINED}
    return Offer(
        assign=Duty.OPEN_CASE in may and open_case and early and not view.case.submissions,
        begin=Duty.KEEP_WINDOW in may and state is CaseState.ACCEPTED and bool(view.case.reviewers),
        revise=Duty.KEEP_WINDOW in may and open_case,
        withdraw=Duty.KEEP_WINDOW in may and open_case,
        close=Duty.CLOSE_CASE in may and state in _CLOSABLE,
        tag=Duty.TAG_CASE in may,
    )


def _exits(view: queries.CaseView, today: date) -> tuple[str, ...]:
    """Which acts off the straight line the person can take now, the likeliest first."""
    may, case, state = view.allowed, view.case, view.row.state
    held, planned = case.exits.hold is not None, case.planned_release_on
    over, undetermined = state in OVER, state in UNDETERMINED
    waiting = [person for person in case.reviewers if person not in case.submissions]
    replaceable = bool(waiting) and undetermined and state is not CaseState.RECOMMENDED
    offered = {
        "lift": Duty.HOLD_CASE in may and held and not over,
        "lapse": Duty.CLOSE_CASE in may and undetermined and planned is not None and planned <= today,
        "disposition": Duty.CLOSE_CASE in may and (over or state is CaseState.DETERMINED),
        "replace-reviewer": Duty.REPLACE_REVIEWER in may and replaceable,
        "supersede": Duty.KEEP_WINDOW in may and undetermined,
        "hold": Duty.HOLD_CASE in may and not held and not over,
    }
    return tuple(act for act, on_offer in offered.items() if on_offer)


def _tally(tally: Mapping[str, int]) -> str:
    # Two who differ have both answered: what is missing is that they agree, or that a lead settles it.
    words = {UNANSWERED: "without an agreed answer"}
    parts = [
        f"{words.get(name) or word('result', name).lower()} {count}" for name, count in tally.items() if count
    ]
    return ", ".join(parts) or "-"
