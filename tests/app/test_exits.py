"""Off the straight line on the real store: who may, what is recorded, what both cases say."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation.app import administering, auditing, exits, partners, queries, reviewing
from workstation.core.case_errors import CaseHeld, SameCheckpoint
from workstation.core.case_states import CaseState
from workstation.core.exits import Disposition
from workstation.core.partners import PartnerNotSelected, Side
from workstation.core.people import NotAppointed
from workstation.core.values import CaseId
from workstation.demo.story import Story


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """A case in evaluation with both reviewers' answers."""
    story = office(tmp_path_factory.mktemp("office"))
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    return story, case_id


def test_a_hold_is_laid_by_the_officer_and_answers_wait(told: tuple[Story, CaseId]) -> None:
    """The security officer may hold, a reviewer may not; while it is held the next step says so."""
    story, case_id = told
    with story.acting("osei") as session, pytest.raises(NotAppointed):
        exits.hold(session, case_id, reason="spill")
    with story.acting("tanaka") as session:
        exits.hold(session, case_id, reason="a disk left the room")
    with story.acting("ibarra") as session:
        assert queries.case_view(session, case_id).row.next_step == "held"
        with pytest.raises(CaseHeld):
            _opinion(session, case_id)
        exits.lift_hold(session, case_id, reason="it was found")
        names = [row.event for row in auditing.page(session, case_id=case_id)]
    assert names[0] == "HoldLifted"
    assert {"CaseHeldUp", "ActRefused"} <= set(names)


def _opinion(session: "reviewing.Session", case_id: CaseId) -> None:
    from workstation.app import determining
    from workstation.core.determinations import Conclusion

    determining.give_opinion(session, case_id, conclusion=Conclusion.COVERED, reasons="r")


def test_a_newer_checkpoint_opens_a_case_and_ends_the_old_one_together(tmp_path: Path) -> None:
    """Both name each other; when the old one cannot be ended, no second case is there either."""
    story = office(tmp_path)
    story.set_up()
    case_id = story.open_case()
    with story.acting("ibarra") as session:
        with pytest.raises(SameCheckpoint):
            checkpoint = queries.case_view(session, case_id).case.checkpoint
            exits.supersede(session, case_id, checkpoint=checkpoint, reason="r")
        assert len(queries.case_rows(session)) == 1
        newer = exits.supersede(session, case_id, checkpoint="step-90000", reason="retrained")
        old = queries.case_view(session, case_id).case
        assert (old.state, old.exits.superseded_by) == (CaseState.SUPERSEDED, newer.case_id)
        kept = queries.case_view(session, newer.case_id).case
        assert (kept.exits.supersedes, kept.planned_release_on) == (case_id, old.planned_release_on)
        assert auditing.verify(session).broken_seq is None


def test_a_case_lapses_by_somebodys_word_and_its_material_is_tracked(tmp_path: Path) -> None:
    """Nothing lapses by itself: the list says that it is due, the lead records it, then the return."""
    story = office(tmp_path)
    story.set_up()
    case_id = story.open_case()
    story.clock.advance(timedelta(days=60))
    with story.acting("ibarra") as session:
        row = queries.case_view(session, case_id).row
        assert (row.state, row.next_step) == (CaseState.AWAITING_PACKAGE, "lapse")
        exits.lapse(session, case_id, reason="no package came", disposition="nothing was received")
        exits.record_disposition(
            session,
            case_id,
            Disposition.RETURNED,
            material="cover letter",
            done_on=session.today(),
            reference="receipt 12",
        )
        case = queries.case_view(session, case_id).case
    assert case.state is CaseState.LAPSED
    assert [step.reference for step in case.exits.disposition_steps] == ["receipt 12"]


def test_a_reviewer_who_left_is_replaced_by_somebody_who_may_answer(tmp_path: Path) -> None:
    """The lead puts another reviewer in the place; an officer, who may not answer, is refused."""
    story = office(tmp_path)
    story.set_up()
    case_id = story.open_case()
    with story.acting("ibarra") as session:
        ids = {
            name: administering.person_by_login(session, name).person_id
            for name in ("ibarra", "osei", "tanaka", "lindqvist")
        }
        reviewing.assign_reviewers(session, case_id, ids["ibarra"], ids["osei"])
        with pytest.raises(NotAppointed):
            exits.replace_reviewer(session, case_id, ids["osei"], ids["tanaka"], reason="left")
        assert queries.case_view(session, case_id).case.reviewers == (ids["ibarra"], ids["osei"])


def test_partners_need_both_sides_on_the_real_store(told: tuple[Story, CaseId]) -> None:
    """A nomination by the developer, one consent, and no access; with both there is a day."""
    story, case_id = told
    with story.acting("osei") as session, pytest.raises(NotAppointed):
        partners.nominate(session, case_id, name="Alder Bank", sector="finance", nominated_by=Side.DEVELOPER)
    with story.acting("ibarra") as session:
        partners.nominate(session, case_id, name="Alder Bank", sector="finance", nominated_by=Side.DEVELOPER)
        today = session.today()
        planned = queries.case_view(session, case_id).case.planned_release_on
        assert planned is not None
        for side in Side:
            with pytest.raises(PartnerNotSelected):
                partners.plan_access(session, case_id, 1, early_access_on=planned)
            partners.record_consent(
                session, case_id, 1, side, given_by="Counsel", given_on=today, reference="letter 3"
            )
        case = partners.plan_access(session, case_id, 1, early_access_on=planned)
        assert case.partners[0].is_selected
        assert case.partners[0].early_access_on == planned
