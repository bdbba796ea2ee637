"""Secrets stay where they belong, and what a colleague replaces or ends leaves its trace."""

import os
from pathlib import Path

import pytest

from storage import removable
from storage.vault.keys import Keys
from storage.vault.slots import Opened
from tests.helpers.office import office
from workstation import cli
from workstation.app import administering, auditing, determining, queries, reviewing
from workstation.commands import foreign
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.determinations import Consultee
from workstation.core.exports import RootsNotWritten
from workstation.core.people import DutiesConflict, Duty
from workstation.core.values import CaseId
from workstation.demo.story import PASSPHRASE, Story

SECRET = "a passphrase nobody else may see"


def test_children_do_not_inherit_the_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools of the system that this program starts find no passphrase in their environment."""
    for name in ("FRW_PASSPHRASE", "FRW_NEW_PASSPHRASE"):
        monkeypatch.setenv(name, SECRET)
    assert SECRET not in removable._run(["env"])[1]
    assert SECRET not in foreign._run(["env"]).stdout
    assert "PATH=" in foreign._run(["env"]).stdout


def test_keys_are_not_shown() -> None:
    """What is printed of an object that holds keys shows none of them."""
    key = bytearray(b"\x5a" * 32)
    held = Keys(vault_id="VAULT", epoch=1, masters={1: key})
    held.derive("database")
    shown = repr(held) + repr(Opened(master=key, personal=key))
    assert "bytearray" not in shown
    assert "ZZZZ" not in shown


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId, Path]:
    """An office with a case whose checklists are done, and its folder."""
    folder = tmp_path_factory.mktemp("office")
    story = office(folder)
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    return story, case_id, folder


def test_no_file_of_the_office_holds_the_passphrase(open_office: tuple[Story, CaseId, Path]) -> None:
    """Neither the vault's folder nor what a session shows of itself holds a passphrase or case content."""
    story, case_id, folder = open_office
    with story.acting("osei") as session:
        assert PASSPHRASE not in repr(session)
        model = queries.case_view(session, case_id).case.model
    for path in (folder / "profile").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert PASSPHRASE.encode() not in content
        assert model.encode() not in content


def test_roots_never_replace_a_file(open_office: tuple[Story, CaseId, Path], tmp_path: Path) -> None:
    """Root certificates are not written over a file, nor into a file as if it were a folder."""
    story, _case_id, _folder = open_office
    (tmp_path / "root-ec.pem").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with story.acting("abara") as session:
        for place in (tmp_path, tmp_path / "file"):
            with pytest.raises(RootsNotWritten):
                administering.write_roots(session, place)
    assert (tmp_path / "root-ec.pem").read_text() == "mine"


def test_an_answer_that_is_replaced_stays_in_the_trail(open_office: tuple[Story, CaseId, Path]) -> None:
    """Recording a party's answer anew, by whomever, leaves the earlier answer readable in the trail."""
    story, case_id, _folder = open_office
    for login_name, answer in (("osei", "objects strongly"), ("ibarra", "concurs")):
        with story.acting(login_name) as session:
            today = session.today()
            party = Consultee.DIRECTOR_OF_CISA
            determining.record_consultation(
                session, case_id, party, asked_on=today, answered_on=today, answer=answer
            )
            assert [c.answer for c in queries.case_view(session, case_id).case.consultations] == [answer]
            trail = str(auditing.page(session, case_id=case_id))
    assert "objects strongly" in trail


def test_nobody_ends_a_case_without_a_reason(open_office: tuple[Story, CaseId, Path]) -> None:
    """A withdrawal, which is for good, names its reason."""
    story, case_id, _folder = open_office
    with story.acting("osei") as session, pytest.raises(CaseFieldMissing):
        reviewing.withdraw(session, case_id, reason="  ", disposition="return")


def test_who_determined_is_not_named_reviewer(
    open_office: tuple[Story, CaseId, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person did on a case rules out naming them as one who answers, not only answering."""
    story, _case_id, _folder = open_office
    case_id = story.open_case()
    with story.acting("ibarra") as session:
        first, second = (
            administering.person_by_login(session, name).person_id for name in ("ibarra", "osei")
        )
        with session.look() as work:
            trail = type(work.audit)
        own = trail.duties_done
        monkeypatch.setattr(
            trail,
            "duties_done",
            lambda self, who, case: (
                own(self, who, case) | ({str(Duty.DETERMINE)} if who == second else set())
            ),
        )
        with pytest.raises(DutiesConflict):
            reviewing.assign_reviewers(session, case_id, first, second)


@pytest.mark.parametrize("way", ["descriptor", "environment"])
def test_a_passphrase_that_cannot_be_read_is_explained(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed descriptor, or bytes that are no text, end in a code and a next step, not in a defect."""
    words = ["people", "list", "--vault", str(tmp_path / "none"), "--demo", "--user", "x"]
    if way == "descriptor":
        read, write = os.pipe()
        os.close(read)
        os.close(write)
        words += ["--passphrase-fd", str(read)]
    else:
        monkeypatch.setenv("FRW_PASSPHRASE", os.fsdecode(b"no text \xff"))
    assert cli.main(words) in {2, 3}
    said = capsys.readouterr().err
    assert "Next:" in said
    assert ("SET-011" if way == "descriptor" else "VLT-") in said
