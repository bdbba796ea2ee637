"""A colleague with a real account and bad intent: peeking, twins, other people's names, stale reports."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.listed import listed_folder
from tests.helpers.office import office
from workstation.app import (
    administering,
    auditing,
    determining,
    exporting,
    quarantine,
    queries,
    reporting,
    reviewing,
)
from workstation.core import events
from workstation.core.checklists import AnswerNeedsSupport, Result
from workstation.core.determinations import Conclusion, StepBlocked
from workstation.core.exports import ReportSuperseded, ReportSwapped
from workstation.core.people import ActorNotAtTheDesk, PersonExists, PersonFieldInvalid, Role
from workstation.core.signature_errors import SignedDocumentInvalid
from workstation.core.values import CaseId, CriterionId
from workstation.demo.story import Story, passphrase


@pytest.fixture(scope="module")
def evaluating(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """An office whose case is being answered by two reviewers; each test goes on from the one before."""
    story = office(tmp_path_factory.mktemp("office"))
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        reviewing.begin_evaluation(session, case_id)
    return story, case_id


def everything_shown(story: Story, case_id: CaseId, login_name: str) -> str:
    """All that history and trail show to one person."""
    with story.acting(login_name) as session:
        return str(queries.history(session, case_id)) + str(auditing.page(session))


def test_the_trail_does_not_tell_a_blind_answer(evaluating: tuple[Story, CaseId]) -> None:
    """Neither a saved answer nor a refused one shows its result to others before both have submitted."""
    story, case_id = evaluating
    with story.acting("ibarra") as session:
        no = reviewing.NewAnswer(criterion_id=CriterionId("K1.1"), result=Result.NOT_MET, detail="no")
        reviewing.answer(session, case_id, no)
        with pytest.raises(AnswerNeedsSupport):
            reviewing.answer(session, case_id, replace(no, detail=""))
    for peeping in ("osei", "abara", "lindqvist", "tanaka"):
        assert "not-met" not in everything_shown(story, case_id, peeping)
    assert "not-met" in everything_shown(story, case_id, "ibarra")


def test_an_opinion_waits_for_both_checklists(evaluating: tuple[Story, CaseId]) -> None:
    """Nobody states a conclusion while the other reviewer still answers, and the answers show afterwards."""
    story, case_id = evaluating
    with story.acting("ibarra") as session:
        package_id = queries.case_view(session, case_id).case.package_id
        with session.look() as work:
            package = work.packages.get(package_id) if package_id else None
        assert package is not None
        reviewing.answer(session, case_id, *story._answers(session, package, {}))
        reviewing.submit_checklist(session, case_id)
        with pytest.raises(StepBlocked):
            determining.give_opinion(session, case_id, conclusion=Conclusion.COVERED, reasons="plain to see")
    with story.acting("osei") as session:
        assert not queries.case_view(session, case_id).case.opinions
        reviewing.answer(session, case_id, *story._answers(session, package, {}))
        reviewing.submit_checklist(session, case_id)
    assert "withheld" not in everything_shown(story, case_id, "osei")


def test_nobody_acts_in_another_name(evaluating: tuple[Story, CaseId]) -> None:
    """A session with somebody else's person in it writes nothing, and the attempt is in the trail."""
    story, case_id = evaluating
    with story.acting("osei") as session:
        with session.look() as work:
            others = {person.login_name: person for person in work.people.all()}
        posing = replace(session, person=others["ibarra"])
        with pytest.raises(ActorNotAtTheDesk):
            reviewing.withdraw(posing, case_id, reason="x", disposition="return")
        newest = auditing.page(session, limit=1)[0]
        assert (newest.event, newest.actor_id) == ("ActRefused", session.person.person_id)
        assert '"PPL-008"' in newest.body_json


@pytest.mark.parametrize(
    ("login_name", "staff_number", "display_name"),
    [
        ("fresh", "D1003", "Fresh"),
        ("fresh", "d_1003", "Fresh"),
        ("fresh", "D-01003", "Fresh"),
        ("o.s.e.i", "D-9", "Fresh"),
        ("fresh", "D-9", "K Osei"),
        ("fresh", "D-9", "Ｋ. Ｏsei"),  # noqa: RUF001 - wide letters are the attack
    ],
)
def test_no_spelling_makes_a_twin(
    evaluating: tuple[Story, CaseId], login_name: str, staff_number: str, display_name: str
) -> None:
    """Capitals, punctuation, leading zeros and wide letters do not make a second account of one person."""
    story, _case_id = evaluating
    new = administering.NewPerson(
        login_name=login_name,
        staff_number=staff_number,
        display_name=display_name,
        role=Role.SECURITY_OFFICER,
    )
    with story.acting("abara") as session, pytest.raises((PersonExists, PersonFieldInvalid)):
        administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login_name", "os\u0435i"),
        ("staff_number", "D\u20111003"),
        ("staff_number", "\uff241003"),
        ("staff_number", "--"),
        ("display_name", "K. \u041esei"),
    ],
)
def test_letters_that_look_alike_are_refused(
    evaluating: tuple[Story, CaseId], field: str, value: str
) -> None:
    """Letters and hyphens of other scripts in names and numbers are refused, naming the field."""
    story, _case_id = evaluating
    facts = {"login_name": "fresh", "staff_number": "D-9", "display_name": "Fresh"} | {field: value}
    with story.acting("abara") as session, pytest.raises(PersonFieldInvalid) as refusal:
        administering.enrol(
            session,
            administering.NewPerson(role=Role.REVIEWER, **facts),
            custodian_passphrase=passphrase(),
            passphrase=passphrase(),
        )
    assert refusal.value.field == field


def test_the_trail_names_people_as_enrolled(evaluating: tuple[Story, CaseId]) -> None:
    """A made-up name or role in the session does not reach the trail."""
    story, case_id = evaluating
    with story.acting("osei") as session:
        posing = replace(session, person=replace(session.person, display_name="X", role=Role.LEAD_REVIEWER))
        reviewing.withdraw(posing, case_id, reason="x", disposition="return")
        newest = auditing.page(session, limit=1)[0]
        assert (newest.actor_name, newest.role) == ("K. Osei", "reviewer")


@pytest.fixture(scope="module")
def determined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """An office whose case is determined."""
    story = office(tmp_path_factory.mktemp("determined"))
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    story.conclude(case_id)
    return story, case_id


def test_the_data_of_another_report_is_not_released(determined: tuple[Story, CaseId], tmp_path: Path) -> None:
    """A report or its data swapped in the store for another's is not released."""
    story, case_id = determined
    with story.acting("osei") as session:
        first = reporting.certify(session, case_id, passphrase(), story.job)
        second = reporting.certify(session, case_id, passphrase(), story.job)
        request = exporting.request(session, second.report_id, recipient="somebody")
        posing = replace(first, report_id=second.report_id)
        mixed = replace(second, pdf_ref=first.pdf_ref, pdf_sha384=first.pdf_sha384)
    chosen = listed_folder(story.services, tmp_path)
    with story.acting("tanaka") as session:
        for swapped, refusal in ((posing, ReportSwapped), (mixed, SignedDocumentInvalid)):
            with session.work() as work:
                work.releases.save_report(swapped)
                work.record(events.ReleaseBegun(case_id=case_id, export_id=request.export_id))
            with pytest.raises(refusal):
                exporting.release(session, request.export_id, chosen, passphrase(), story.job)
    assert list(tmp_path.iterdir()) == []


def test_a_superseded_report_stays_in_the_house(determined: tuple[Story, CaseId], tmp_path: Path) -> None:
    """After a correction neither a new request nor an old one carries the earlier report out."""
    story, case_id = determined
    with story.acting("osei") as session:
        stale = reporting.certify(session, case_id, passphrase(), story.job)
        request = exporting.request(session, stale.report_id, recipient="somebody")
    with story.acting("lindqvist") as session:
        determining.determine(session, case_id, conclusion=Conclusion.NOT_COVERED, reasons="Corrected.")
    with story.acting("osei") as session, pytest.raises(ReportSuperseded):
        exporting.request(session, stale.report_id, recipient="somebody")
    chosen = listed_folder(story.services, tmp_path)
    with story.acting("tanaka") as session:
        with pytest.raises(ReportSuperseded):
            exporting.release(session, request.export_id, chosen, passphrase(), story.job)
        newest = auditing.page(session, limit=1)[0]
        assert (newest.event, newest.case_id) == ("ActRefused", case_id)
    assert list(tmp_path.iterdir()) == []
