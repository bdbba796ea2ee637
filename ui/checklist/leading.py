"""What stands beside an answer, without widgets: notes on how it was given, and the lead's acts."""

from collections.abc import Callable, Sequence

from ui.checklist.hints import LeadShown, ProposalShown
from workstation.app import content, leading, queries
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.core.cases import CaseState
from workstation.core.content import ContentKind
from workstation.core.people import APPOINTED, Duty
from workstation.core.proposals import Proposal
from workstation.core.values import CriterionId, PersonId

_TAILORABLE = frozenset({CaseState.ACCEPTED, CaseState.EVALUATION})
TAILOR, UNDO, RETURN, MOVE = "tailor", "undo", "return", "move"


def proposals_shown(proposals: Sequence[Proposal], *, usable: bool) -> tuple[ProposalShown, ...]:
    """Each proposal as a sentence that says where it comes from."""
    return tuple(
        ProposalShown(
            words=f"Proposed by {word('import', one.source)}: {word('result', one.result)}. {one.detail}",
            usable=usable,
        )
        for one in proposals
    )


def notes(row: queries.CriterionView, view: queries.CaseView) -> list[tuple[str, str]]:
    """How the criterion and one's own answer stand: tailored out, carried over, informed."""
    found = []
    if row.tailored is not None:
        who = view.people[row.tailored.by].display_name
        found.append(("Tailored out", f"{row.tailored.reason} ({who})"))
    mine = row.mine
    if mine is not None and mine.set_reference and mine.set_reference != row.set_reference:
        found.append(("Carried over", f"Answered under {mine.set_reference}; the question did not change."))
    if mine is not None and mine.informed:
        found.append(("Not blind", "Given after both reviewers' answers had been seen."))
    return found


def settlers(view: queries.CaseView) -> str:
    """Who can settle the differences of this case: leads who did not answer, by name; what to do if none."""
    names = [
        person.display_name
        for who, person in view.people.items()
        if person.active and person.role in APPOINTED[Duty.SETTLE] and who not in view.case.reviewers
    ]
    if not names:
        return "a lead reviewer who did not answer; none is enrolled here, so the custodian appoints one"
    return " or ".join(sorted(names))


def feedback(view: queries.CaseView, me: PersonId) -> str:
    """The latest feedback to this person, while the checklist is open again; empty otherwise."""
    mine = [one for one in view.case.returns if one.person_id == me]
    if not mine or me in view.case.submissions:
        return ""
    last = mine[-1]
    seen = (
        " The other's answers have been seen; what you change is marked so." if last.after_disclosure else ""
    )
    return f"Returned to you by {view.people[last.by].display_name}: {last.feedback}{seen}"


def lead_shown(
    session: Session, view: queries.CaseView, row: queries.CriterionView, reason: str
) -> LeadShown | None:
    """What the lead can do now; none for anybody else, and none where nothing can be done."""
    case = view.case
    # A lead who answers settles nothing, and so is not offered that duty; recommending is every lead's.
    if Duty.RECOMMEND not in view.allowed or case.state not in _TAILORABLE:
        return None
    criterion_acts: list[tuple[str, str]] = []
    if not case.submissions and row.tailored is None:
        criterion_acts.append((f"{TAILOR} {row.criterion_id}", f"Tailor {row.criterion_id} out"))
    elif not case.submissions:
        criterion_acts.append((f"{UNDO} {row.criterion_id}", f"Ask {row.criterion_id} again"))
    me = session.person.person_id
    both = set(case.reviewers) <= set(case.submissions)
    checklist_acts: list[tuple[str, str]] = []
    about = ""
    if not case.settlements and not case.opinions:
        checklist_acts += [
            (f"{RETURN} {who}", f"Return the checklist of {view.people[who].display_name}")
            for who in case.submissions
            if who != me and (both or me not in case.reviewers)
        ]
        newer, about = _newer(session, view)
        checklist_acts += newer
    if not criterion_acts and not checklist_acts:
        return None
    return LeadShown(
        criterion_acts=tuple(criterion_acts),
        checklist_acts=tuple(checklist_acts),
        about=about,
        reason=reason,
    )


def _newer(session: Session, view: queries.CaseView) -> tuple[list[tuple[str, str]], str]:
    """The newest version of the case's criteria, if it is a newer one, and what it would keep."""
    set_id, _space, version = view.case.criteria_set.rpartition(" v")
    offered = [
        one
        for one in content.rows(session)
        if one.kind is ContentKind.CRITERIA
        and one.set_id == set_id
        and one.newest
        and one.version > int(version)
    ]
    if not offered:
        return [], ""
    reference = offered[0].reference
    carry = leading.what_would_move(session, view.row.case_id, reference)
    about = (
        f"{reference} is offered: {len(carry.kept)} questions stay as they are, "
        f"{len(carry.changed)} changed, {len(carry.added)} new, {len(carry.removed)} gone. "
        "Nobody is made to move."
    )
    return [(f"{MOVE} {reference}", f"Review this case by {reference}")], about


def act(session: Session, view: queries.CaseView, name: str, reason: str) -> Callable[[], object]:
    """The lead's act behind a button."""
    kind, _space, what = name.partition(" ")
    case_id = view.row.case_id
    if kind == TAILOR:
        return lambda: leading.tailor(session, case_id, CriterionId(what), reason=reason)
    if kind == UNDO:
        return lambda: leading.undo_tailoring(session, case_id, CriterionId(what), reason=reason)
    if kind == RETURN:
        return lambda: leading.return_checklist(session, case_id, PersonId(what), feedback=reason)
    return lambda: leading.move(session, case_id, what, reason=reason)
