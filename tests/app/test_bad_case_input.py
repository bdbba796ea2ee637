"""Bad input in case work: each has its own sentence and next step, and nothing that was typed is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.ready_office import office_at
from workstation.app import determining, drafts, queries, reviewing, sorting
from workstation.app import session as sessions
from workstation.app.reviewing import NewAnswer
from workstation.app.services import Session
from workstation.app.wording import explain
from workstation.core.case_states import CaseType
from workstation.core.checklists import Result
from workstation.core.determinations import Consultee
from workstation.core.errors import Refused
from workstation.core.values import CaseId, CriterionId
from workstation.demo.story import Story, passphrase

Act = Callable[[Session, CaseId, CriterionId], object]
TYPED = {"result": "met", "detail": "Half a sentence that nobody"}


def _answer(session: Session, case_id: CaseId, criterion_id: CriterionId, **changed: object) -> None:
    fields = {"criterion_id": criterion_id, "result": Result.MET, "detail": "Seen."} | changed
    reviewing.answer(session, case_id, NewAnswer(**fields))  # type: ignore[arg-type]  # a row changes one field


def _edited_twice(session: Session, case_id: CaseId, criterion_id: CriterionId) -> None:
    """Two windows began at the same revision; the first one saved."""
    _answer(session, case_id, criterion_id, rests_on=0)
    _answer(session, case_id, criterion_id, rests_on=0, detail="The other window.")


def _past_release(session: Session, case_id: CaseId, _criterion_id: CriterionId) -> None:
    on = session.today() - timedelta(days=1)
    reviewing.state_release_date(session, case_id, on, reason="r")


def _past_opening(session: Session, _case_id: CaseId, _criterion_id: CriterionId) -> None:
    new = reviewing.NewCase(
        case_type=CaseType.PRE_RELEASE_ACCESS,
        developer="d",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
        planned_release_on=session.today(),
    )
    reviewing.open_case(session, new)


def _before_receipt(session: Session, case_id: CaseId, _criterion_id: CriterionId) -> None:
    on = session.today() - timedelta(days=400)
    determining.record_consultation(
        session, case_id, consultee=next(iter(Consultee)), asked_on=on, answered_on=None, answer=""
    )


def _no_reason(session: Session, case_id: CaseId, _criterion_id: CriterionId) -> None:
    on = session.today() + timedelta(days=20)
    reviewing.state_release_date(session, case_id, on, reason=" ")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of bad input."""

    name: str
    code: str
    act: Act
    writes: int = 0  # revisions of the answer that stay
    audited: bool = True  # words of one's own filter are no act on the record


ROWS = (
    Row(name="two edit one answer", code="CAS-099", act=_edited_twice, writes=1),
    Row(name="release in the past", code="CAS-010", act=_past_release),
    Row(name="a case opened with a release today", code="CAS-010", act=_past_opening),
    Row(name="a date before receipt", code="CAS-100", act=_before_receipt),
    Row(name="a revised date without a reason", code="CAS-002", act=_no_reason),
    Row(
        name="an answer without evidence or detail",
        code="CAS-020",
        act=lambda s, c, k: _answer(s, c, k, detail="  "),
    ),
    Row(
        name="an answer to no question",
        code="CAS-021",
        act=lambda s, c, _k: _answer(s, c, CriterionId("K99.9")),
    ),
    Row(
        name="an answer longer than is kept",
        code="CAS-022",
        act=lambda s, c, k: _answer(s, c, k, detail="x" * 100_001),
    ),
    Row(name="a tag of two words", code="CAS-090", act=lambda s, c, _k: sorting.tag(s, c, "two words")),
    Row(
        name="a filter that is none",
        code="CAS-094",
        act=lambda s, _c, _k: sorting.save_filter(s, "Mine", "colour:red"),
        audited=False,
    ),
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """A case whose review has begun."""
    from workstation.app import quarantine

    story, case_id = office_at("received", tmp_path_factory.mktemp("begun"))
    with story.acting("ibarra") as session:
        package_id = queries.case_view(session, case_id).package
        assert package_id is not None
        quarantine.accept(session, package_id.package_id, reason="Read.")
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        reviewing.begin_evaluation(session, case_id)
    return story, case_id


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_has_its_sentence_and_next_step_and_loses_nothing(row: Row, begun: tuple[Story, CaseId]) -> None:
    """A refusal is told by its own code with what to do next; the case, and every draft, is as it was."""
    story, case_id = begun
    with story.acting("ibarra") as session:
        criterion_id = queries.criteria(session, case_id)[ROWS.index(row)].criterion_id
        part = f"answer/{criterion_id}"
        drafts.save(session, {(case_id, part): TYPED})
        with session.look() as work:
            before = work.cases.get(case_id)
            cases = list(work.cases.ids())
        with pytest.raises(Refused) as refusal:
            row.act(session, case_id, criterion_id)
        message = explain(refusal.value)
        assert message.code == row.code
        assert message.title
        assert message.what
        assert message.next
        assert "{" not in message.what + message.next
        assert drafts.load(session, case_id, part) == TYPED
        with session.look() as work:
            assert work.cases.get(case_id) == before
            assert list(work.cases.ids()) == cases
            assert len(work.answers.history(case_id, criterion_id)) == row.writes
            newest = work.audit.newest("ActRefused")
            assert (newest is not None and row.code in newest.body_json) is row.audited


def test_every_row_has_words_of_its_own() -> None:
    """No two kinds of bad input share a code, except where they are the same mistake in two places."""
    codes = [row.code for row in ROWS]
    assert len(set(codes)) == len(codes) - 1


def test_a_draft_left_by_a_crash_is_there_at_the_next_unlock(tmp_path: Path) -> None:
    """A process that ended without locking leaves its last draft to the person, and to nobody else."""
    story, case_id = office_at("case", tmp_path)
    session = sessions.unlock(story.services, login_name="osei", passphrase=passphrase())
    drafts.save(session, {(case_id, "answer/K1.1"): TYPED})
    session.vault.lock()  # the keys go with the process; nothing is written, no connection is closed
    with story.acting("osei") as again:
        assert drafts.load(again, case_id, "answer/K1.1") == TYPED
    with story.acting("ibarra") as other:
        assert drafts.load(other, case_id, "answer/K1.1") == {}
    session.database.close()
