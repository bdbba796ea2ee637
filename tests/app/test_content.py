"""Content sets at a real office: verified, refused one by one, and what a case makes of a newer one."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rfc8785

import resources
from tests.helpers.office import office
from workstation.app import administering, content, leading, quarantine, queries, reviewing
from workstation.app.services import Session
from workstation.app.session import reauthenticated
from workstation.core.checklist_acts import TooLateToReopen
from workstation.core.checklists import OwnDifference, Result
from workstation.core.content import (
    ContentSignatureBad,
    ContentSignatureMissing,
    ContentTrustDiffers,
    ContentTrustMissing,
    ContentUnknown,
    ContentUnreadable,
    CriteriaSetMalformed,
    CriteriaSetOlder,
    CriterionTwice,
    ShippedContentAltered,
)
from workstation.core.criteria import CriteriaSet
from workstation.core.errors import WorkstationError
from workstation.core.people import NotAppointed
from workstation.core.values import CaseId, CriterionId
from workstation.demo.story import Story, passphrase

CRITERIA = json.loads(resources.read_bytes("checklists/eo14409-v1.json"))
REWORDED, KEPT = CriterionId("K1.2"), CriterionId("K1.1")


def criteria(version: int, **changes: object) -> bytes:
    """The shipped set with a higher version, one question reworded, and further changes."""
    made = json.loads(json.dumps(CRITERIA)) | {"version": version} | changes
    for item in made["criteria"]:
        if item["id"] == REWORDED:
            item["text"] = f"{item['text']} Reworded {version}."
    return rfc8785.dumps(made)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CaseId]:
    """An office with its people and a case in evaluation; copied for each test."""
    folder = tmp_path_factory.mktemp("office")
    story = office(folder)
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Read.")
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        reviewing.begin_evaluation(session, case_id)
    return folder, case_id


class Desk:
    """One copy of the office."""

    def __init__(self, folder: Path, story: Story, case_id: CaseId) -> None:
        self.folder, self.story, self.case_id = folder, story, case_id

    @contextmanager
    def acting(self, login_name: str) -> Iterator[Session]:
        """One person at the workstation."""
        with self.story.acting(login_name) as session:
            yield session

    def signed(self, made: bytes, name: str = "eo14409-v2.json") -> Path:
        """A set signed by the office's own lead, as another office would sign it."""
        folder = self.folder / "sets"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_bytes(made)
        with self.acting("ibarra") as session:
            content.sign(session, path, passphrase())
        return path

    def trust(self) -> None:
        """The custodian believes this office's own roots."""
        with self.acting("abara") as session:
            folder = self.folder / "roots"
            if not folder.exists():
                administering.write_roots(session, folder)
            content.trust(session, folder)

    def add(self, path: Path, login_name: str = "ibarra") -> content.ContentRow:
        """Take a set into use."""
        with self.acting(login_name) as session:
            return content.add(session, path)

    def refused(self, path: Path, login_name: str = "ibarra") -> WorkstationError:
        """Why a set was not taken into use; what was there before is there still."""
        with self.acting(login_name) as session:
            before = content.rows(session)
            with pytest.raises(WorkstationError) as caught:
                content.add(session, path)
            assert content.rows(session) == before
        return caught.value

    def answer(self, login_name: str, *names: CriterionId, result: Result = Result.MET) -> None:
        """Answer some criteria."""
        with self.acting(login_name) as session:
            new = [reviewing.NewAnswer(criterion_id=n, result=result, detail="seen") for n in names]
            reviewing.answer(session, self.case_id, *new)

    def answer_all(self, login_name: str, result: Result = Result.MET) -> None:
        """Answer everything and submit."""
        with self.acting(login_name) as session:
            names = [row.criterion_id for row in queries.criteria(session, self.case_id)]
        self.answer(login_name, *names, result=result)
        with self.acting(login_name) as session:
            reviewing.submit_checklist(session, self.case_id)


@pytest.fixture
def desk(told: tuple[Path, CaseId], tmp_path: Path) -> Desk:
    """A copy of the office, its clock where the story left it."""
    folder, case_id = told
    story = office(tmp_path / "copy", source=folder)
    shutil.copytree(folder / "profile", tmp_path / "copy" / "profile", dirs_exist_ok=True)
    story.clock.advance(story.to_window * 2)
    return Desk(tmp_path, story, case_id)


def test_a_signed_set_comes_into_use_and_no_case_moves(desk: Desk) -> None:
    """The new version is offered, is what the next case goes by, and the open case keeps its own."""
    desk.trust()
    row = desk.add(desk.signed(criteria(2)))
    assert (row.reference, row.shipped, len(row.signers)) == ("eo14409 v2", False, 1)
    with desk.acting("ibarra") as session:
        assert queries.case_view(session, desk.case_id).case.criteria_set == "eo14409 v1"
        with session.look() as work:
            assert content.newest_criteria(session, work).reference == "eo14409 v2"
        shown, made = content.show(session, "eo14409 v2")
        assert shown.newest
        assert isinstance(made, CriteriaSet)
        assert made.version == 2
        with pytest.raises(ContentUnknown):
            content.show(session, "eo14409 v9")


def test_every_bad_set_has_a_refusal_of_its_own(desk: Desk) -> None:
    """Bad signature, no signature, lower version, no file, no set at all, nobody trusted."""
    good = desk.signed(criteria(3), "eo14409-v3.json")
    assert isinstance(desk.refused(good), ContentTrustMissing)
    desk.trust()
    desk.add(good)
    assert isinstance(desk.refused(good), CriteriaSetOlder)
    assert isinstance(desk.refused(desk.signed(criteria(2))), CriteriaSetOlder)
    assert isinstance(desk.refused(good.with_name("none.json")), ContentUnreadable)
    forged = good.with_name("eo14409-v4.json")
    forged.write_bytes(criteria(4))
    assert isinstance(desk.refused(forged), ContentSignatureMissing)
    for suffix in (content.SIGNATURE, content.CERTIFICATES):
        shutil.copy(good.with_name(good.name + suffix), forged.with_name(forged.name + suffix))
    assert isinstance(desk.refused(forged), ContentSignatureBad)
    forged.write_bytes(b"not a set")
    assert isinstance(desk.refused(forged), CriteriaSetMalformed)


def test_a_set_that_contradicts_itself_is_not_even_signed(desk: Desk) -> None:
    """An unknown member and an identifier that stands twice are named before anybody signs."""
    twice = [*CRITERIA["criteria"], CRITERIA["criteria"][0]]
    path = desk.folder / "eo14409-v2.json"
    with desk.acting("ibarra") as session:
        for made, refusal in (
            (criteria(2, colour="blue"), CriteriaSetMalformed),
            (criteria(2, criteria=twice), CriterionTwice),
        ):
            path.write_bytes(made)
            with pytest.raises(refusal):
                content.sign(session, path, passphrase())


def test_a_signed_set_that_contradicts_itself_is_refused_all_the_same(desk: Desk) -> None:
    """The signer may be trusted and wrong: the rules of the format hold for every set."""
    desk.trust()
    path = desk.folder / "eo14409-v2.json"
    twice = [*CRITERIA["criteria"], CRITERIA["criteria"][0]]
    for made, refusal in (
        (criteria(2, colour="blue"), CriteriaSetMalformed),
        (criteria(2, criteria=twice), CriterionTwice),
        (rfc8785.dumps(json.loads(criteria(2)) | {"id": "another"}), CriteriaSetOlder),
    ):
        path.write_bytes(made)
        head = json.loads(made)
        predicate = {"format": head["format"], "id": head["id"], "version": 2}
        with desk.acting("ibarra") as session, reauthenticated(session, passphrase()) as signer:
            name = f"{head['id']}-v2.json"
            envelope, certificates = session.services.signing.sign_content(
                name, made, predicate=predicate, signer=signer
            )
        path.with_name(path.name + content.SIGNATURE).write_bytes(envelope)
        path.with_name(path.name + content.CERTIFICATES).write_bytes(certificates)
        assert isinstance(desk.refused(path), refusal)


def test_only_the_custodian_says_whom_to_believe(desk: Desk) -> None:
    """A lead adds sets and chooses no roots; others do neither; roots are replaced only on purpose."""
    path = desk.signed(criteria(2))
    with desk.acting("abara") as session:
        administering.write_roots(session, desk.folder / "roots")
    with desk.acting("ibarra") as session, pytest.raises(NotAppointed):
        content.trust(session, desk.folder / "roots")
    desk.trust()
    assert isinstance(desk.refused(path, "osei"), NotAppointed)
    assert isinstance(desk.refused(path, "tanaka"), NotAppointed)
    stranger = office(desk.folder / "stranger", source=desk.folder)
    stranger.set_up()
    with stranger.acting("abara") as session:
        administering.write_roots(session, desk.folder / "their-roots")
    with desk.acting("abara") as session:
        content.trust(session, desk.folder / "roots")
        with pytest.raises(ContentTrustDiffers):
            content.trust(session, desk.folder / "their-roots")
        content.trust(session, desk.folder / "their-roots", replacing=True)
    assert isinstance(desk.refused(path), ContentSignatureBad)


def test_what_came_with_the_program_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped sets are exactly those whose digest the program names; an altered one stops the start."""
    for name in content.PINS:
        assert content.shipped_bytes(name)
    monkeypatch.setattr(resources, "read_bytes", lambda _name: b"{}")
    with pytest.raises(ShippedContentAltered):
        content.shipped_criteria()


def test_moving_a_case_carries_unchanged_answers_and_asks_changed_questions_again(desk: Desk) -> None:
    """Answers stay with whom and when; the reworded question is unanswered; both are blind as before."""
    desk.trust()
    desk.add(desk.signed(criteria(2)))
    desk.answer("osei", KEPT, REWORDED)
    desk.answer("ibarra", KEPT, REWORDED, result=Result.NOT_MET)
    with desk.acting("osei") as session, pytest.raises(NotAppointed):
        leading.move(session, desk.case_id, "eo14409 v2", reason="mine")
    with desk.acting("ibarra") as session:
        assert leading.what_would_move(session, desk.case_id, "eo14409 v2").changed == (REWORDED,)
        leading.move(session, desk.case_id, "eo14409 v2", reason="the question was unclear")
    with desk.acting("osei") as session:
        rows = {row.criterion_id: row for row in queries.criteria(session, desk.case_id)}
        kept = rows[KEPT].mine
        assert kept is not None
        assert (kept.result, kept.set_reference) == (Result.MET, "eo14409 v1")
        assert rows[REWORDED].mine is None
        assert "Reworded 2" in rows[REWORDED].text
        assert not any(row.others for row in rows.values())
        history = [one.event for one in queries.history(session, desk.case_id)]
        assert "CriteriaSetMoved" in history
    with desk.acting("ibarra") as session, pytest.raises(CriteriaSetOlder):
        leading.move(session, desk.case_id, "eo14409 v1", reason="back")


def test_moving_after_both_submitted_reopens_and_says_what_was_seen(desk: Desk) -> None:
    """What both had seen stays seen and a later change is marked; the reworded question is answered blind."""
    desk.trust()
    desk.add(desk.signed(criteria(2)))
    desk.answer_all("osei")
    desk.answer_all("ibarra", Result.NOT_MET)
    with desk.acting("ibarra") as session:
        leading.move(session, desk.case_id, "eo14409 v2", reason="the question was unclear")
    desk.answer("osei", REWORDED, KEPT)
    with desk.acting("ibarra") as session:
        rows = {row.criterion_id: row for row in queries.criteria(session, desk.case_id)}
        assert rows[REWORDED].others == ()
        assert [one.informed for one in rows[KEPT].others] == [True]
        reviewing.answer(
            session,
            desk.case_id,
            reviewing.NewAnswer(criterion_id=REWORDED, result=Result.MET, detail="seen"),
        )
    for login_name in ("osei", "ibarra"):
        with desk.acting(login_name) as session:
            reviewing.submit_checklist(session, desk.case_id)
    with desk.acting("ibarra") as session:
        rows = {row.criterion_id: row for row in queries.criteria(session, desk.case_id)}
        assert rows[REWORDED].agreed == "met"
        assert rows[KEPT].differs
        with pytest.raises(OwnDifference):
            reviewing.settle(session, desk.case_id, KEPT, Result.MET, reason="mine")
    with desk.acting("haddad") as session:
        reviewing.settle(session, desk.case_id, KEPT, Result.MET, reason="seen")


def test_settled_answers_are_not_moved_from_under_the_lead(desk: Desk) -> None:
    """A set that comes after the first settlement is for other cases."""
    desk.trust()
    desk.add(desk.signed(criteria(2)))
    desk.answer_all("osei")
    desk.answer_all("ibarra", Result.NOT_MET)
    with desk.acting("haddad") as session:
        reviewing.settle(session, desk.case_id, KEPT, Result.MET, reason="seen")
        with pytest.raises(TooLateToReopen):
            leading.move(session, desk.case_id, "eo14409 v2", reason="late")


def test_a_checklist_goes_back_with_feedback(desk: Desk) -> None:
    """The reviewer reads the feedback, changes an answer, and the change is marked as informed."""
    desk.answer_all("osei")
    desk.answer_all("ibarra", Result.NOT_MET)
    with desk.acting("ibarra") as session:
        osei = administering.person_by_login(session, "osei").person_id
        leading.return_checklist(session, desk.case_id, osei, feedback="Name the page.")
    desk.answer("osei", KEPT, result=Result.NOT_MET)
    with desk.acting("osei") as session:
        case = queries.case_view(session, desk.case_id).case
        assert [(one.feedback, one.after_disclosure) for one in case.returns] == [("Name the page.", True)]
        reviewing.submit_checklist(session, desk.case_id)
        row = next(one for one in queries.criteria(session, desk.case_id) if one.criterion_id == KEPT)
        assert row.mine is not None
        assert row.mine.informed
        assert (row.differs, row.agreed) == (True, "unanswered")
