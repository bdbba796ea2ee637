"""Content sets in the window: what stands here, taking one into use, each refusal, and moving a case."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rfc8785
from PySide6.QtWidgets import QComboBox, QPlainTextEdit

import resources
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.content.view import ContentPage
from ui.widgets.marking_field import MarkingField
from workstation.app import administering, content, markings, queries
from workstation.app import session as sessions
from workstation.demo.story import passphrase

CRITERIA = json.loads(resources.read_bytes("checklists/eo14409-v1.json"))


def second(reworded: str = "K1.2") -> bytes:
    """The shipped questions as a second version with one of them reworded."""
    made = json.loads(json.dumps(CRITERIA)) | {"version": 2}
    for item in made["criteria"]:
        if item["id"] == reworded:
            item["text"] += " Reworded."
    return rfc8785.dumps(made)


def page(bench: Bench) -> ContentPage:
    """The page, read."""
    bench.window.router.show("content")
    bench.settle()
    found = bench.window.findChild(ContentPage)
    assert isinstance(found, ContentPage)
    return found


def put(bench: Bench, folder: Path, made: bytes, name: str = "eo14409-v2.json") -> Path:
    """A set in a folder, signed by the lead; the office believes its own roots from here on."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(made)
    here = bench.window.desk.here
    content.sign(here, path, passphrase())
    return path


@pytest.fixture
def lead(open_at: Open, tmp_path: Path) -> Bench:
    """The lead at the window, in an office that believes its own roots about content."""
    bench = open_at("evaluation")
    custodian = bench.office.unlock("abara")
    administering.write_roots(custodian, tmp_path / "roots")
    content.trust(custodian, tmp_path / "roots")
    sessions.lock(custodian, reason="person-left")
    bench.arrive("ibarra")
    return bench


def test_what_stands_here_is_told_with_its_kind_its_signer_and_its_cases(open_at: Open) -> None:
    """Criteria, profile and vocabulary are listed; the chosen one says who vouches for it and who uses it."""
    bench = open_at("evaluation", "osei")
    page(bench)
    listed = bench.cells("Content sets")
    assert [row[:2] for row in listed] == [
        ["eo14409 v1", "Criteria set"],
        ["invented-cyber v1", "Benchmark profile"],
        ["markings-us v1", "Marking vocabulary"],
    ]
    assert [row[2] for row in listed] == ["with the program"] * 3
    assert [row[3] for row in listed] == ["1", "1", "all"]
    words = bench.words()
    assert "pinned by its digest" in words
    assert CASE in words
    assert not bench.has_button("Look into a folder or medium")
    assert not bench.has_button("Read roots from a folder")


def test_a_set_on_a_medium_is_looked_at_verified_and_taken_into_use(lead: Bench, tmp_path: Path) -> None:
    """The folder lists what lies there; after the verification it says who signed, and no case has moved."""
    put(lead, tmp_path / "stick", second())
    (tmp_path / "stick" / "letter.json").write_text("{}")
    at = page(lead)
    at.looked.emit(tmp_path / "stick")
    lead.wait_done()
    assert [row[:4] for row in lead.cells("Sets in the folder")] == [
        ["eo14409-v2.json", "eo14409 v2", "Criteria set", "beside it"]
    ]
    lead.press("Verify the chosen set and take it into use")
    lead.settle()
    assert "eo14409 v2 is in use for new cases" in lead.notice()
    words = lead.words()
    assert "the signature holds over the very bytes of eo14409-v2.json" in words
    assert "Ibarra" in words
    listed = {row[0]: row for row in lead.cells("Content sets")}
    assert listed["eo14409 v1"][3] == "1"
    assert listed["eo14409 v2"][3] == "0"


@pytest.mark.parametrize(
    ("made", "harm", "code"),
    [
        (second(), "signature", "CRT-010"),
        (second(), "bytes", "CRT-011"),
        (resources.read_bytes("checklists/eo14409-v1.json"), "", "CRT-006"),
    ],
    ids=["unsigned", "altered", "no-higher-version"],
)
def test_each_refusal_is_told_in_its_own_words(
    lead: Bench, tmp_path: Path, made: bytes, harm: str, code: str
) -> None:
    """What is wrong with a set is a notice with its code and a next step; the shelf stays as it was."""
    path = put(lead, tmp_path / "stick", made)
    if harm == "signature":
        path.with_name(path.name + content.SIGNATURE).unlink()
    if harm == "bytes":
        path.write_bytes(second("K1.3"))
    at = page(lead)
    before = lead.cells("Content sets")
    at.looked.emit(tmp_path / "stick")
    lead.wait_done()
    lead.press("Verify the chosen set and take it into use")
    assert code in lead.notice()
    assert "stays in force" in lead.notice() or "Keep the set in use" in lead.notice()
    assert lead.cells("Content sets") == before


def test_nobody_is_believed_before_the_custodian_chose(open_at: Open, tmp_path: Path) -> None:
    """A signed set is refused while no root is kept; the custodian reads the roots in from the window."""
    bench = open_at("evaluation", "ibarra")
    put(bench, tmp_path / "stick", second())
    at = page(bench)
    assert "Nobody. Before a set can be taken into use" in bench.words()
    at.looked.emit(tmp_path / "stick")
    bench.wait_done()
    bench.press("Verify the chosen set and take it into use")
    assert "CRT-012" in bench.notice()
    bench.window.lock("asked")
    custodian = bench.office.unlock("abara")
    administering.write_roots(custodian, tmp_path / "roots")
    sessions.lock(custodian, reason="person-left")
    bench.arrive("abara")
    at = page(bench)
    at.trusted.emit(tmp_path / "roots", False)
    bench.wait_done()
    bench.settle()
    assert "believed about content sets" in bench.notice()
    assert "Root 1 SHA-384" in bench.words()


def test_moving_a_case_says_first_what_carries_over(lead: Bench, tmp_path: Path) -> None:
    """The lead sees which questions are reworded before the case moves; without a reason it stays."""
    path = put(lead, tmp_path / "stick", second())
    content.add(lead.window.desk.here, path)
    page(lead).chosen.emit("eo14409 v2")
    lead.settle()
    assert lead.named(QComboBox, "Case").currentText() == f"{CASE}, goes by eo14409 v1"
    words = lead.words()
    assert "62 questions did not change" in words
    assert "1: K1.2. Their answers do not carry over." in words
    lead.press("Move this case")
    assert "CAS-" in lead.notice()
    lead.named(QPlainTextEdit, "Reason").setPlainText("The question is clearer.")
    lead.press("Move this case")
    lead.settle()
    assert f"{CASE} goes by eo14409 v2" in lead.notice()
    assert queries.case_view(lead.window.desk.here, lead.office.case_id).case.criteria_set == "eo14409 v2"
    assert {row[0]: row[3] for row in lead.cells("Content sets")}["eo14409 v2"] == "1"


def _more_words() -> bytes:
    """The shipped words and one invented country more, as a second version."""
    made = json.loads(resources.read_bytes(markings.VOCABULARY)) | {"version": 2}
    made["countries"] = sorted([*made["countries"], ["ZZY", "Invented land"]])
    return rfc8785.dumps(made)


@pytest.fixture
def _shipped_words() -> Iterator[None]:
    """What one test put in force is not in force in the next."""
    yield
    markings.rules().use(markings.shipped_vocabulary())


@pytest.mark.usefixtures("_shipped_words")
def test_a_vocabulary_is_in_force_at_once_and_in_the_editor_of_markings(lead: Bench, tmp_path: Path) -> None:
    """Taken into use from the page it is the newest for every case, and its words are offered for ticking."""
    put(lead, tmp_path / "stick", _more_words(), "markings-us-v2.json")
    at = page(lead)
    at.looked.emit(tmp_path / "stick")
    lead.wait_done()
    assert lead.cells("Sets in the folder")[0][1:3] == ["markings-us v2", "Marking vocabulary"]
    lead.press("Verify the chosen set and take it into use")
    lead.wait_done()
    lead.settle()
    assert "markings-us v2 is in force for every marking." in lead.notice()
    words = lead.words()
    assert "Every marking is read and put together by it from now on" in words
    assert "No case is moved to a vocabulary" in words
    assert {row[0]: row[3] for row in lead.cells("Content sets")}["markings-us v2"] == "all"
    lead.window.router.show("cases")
    lead.press("New case")
    (field,) = lead.all(MarkingField)
    field.setText("SECRET//REL TO USA, ZZY")
    editor = field.compose()
    assert editor._use.isEnabled()
    listed = [editor._list.model().index(n, 0).data() for n in range(editor._list.model().rowCount())]
    assert any("Invented land" in str(one) for one in listed)
    editor.reject()


@pytest.mark.usefixtures("_shipped_words")
def test_a_vocabulary_that_loses_a_word_is_refused_in_its_own_words(lead: Bench, tmp_path: Path) -> None:
    """CRT-017 names what could no longer be read; the vocabulary in force stays."""
    made = json.loads(resources.read_bytes(markings.VOCABULARY)) | {"version": 2}
    gone = made["countries"].pop()[0]
    put(lead, tmp_path / "stick", rfc8785.dumps(made), "markings-us-v2.json")
    at = page(lead)
    at.looked.emit(tmp_path / "stick")
    lead.wait_done()
    lead.press("Verify the chosen set and take it into use")
    lead.wait_done()
    assert "CRT-017" in lead.notice()
    assert gone in lead.notice()
    assert "The vocabulary in force stays." in lead.notice()
    assert lead.window.desk.services.markings.vocabulary.data.version == 1
