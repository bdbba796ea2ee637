"""Without bubblewrap a submission is examined behind fewer walls, and whatever tells of it says so."""

import json
from pathlib import Path

import pypdfium2
import pytest

from tests.helpers.office import office
from workstation.app import documents, intake
from workstation.app.documents import Wanted
from workstation.app.wording import walls
from workstation.commands import examined
from workstation.core.examination import Coverage
from workstation.core.jobs import JobControl
from workstation.core.report import DocumentKind
from workstation.examine import package, sandbox

REDUCED = "isolation was reduced: no bubblewrap"


@pytest.fixture
def unwrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without bubblewrap."""
    monkeypatch.setattr(sandbox.bubblewrap, "command", lambda: None)


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """A small folder, with a file that is dangerous."""
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "card.md").write_text("# Card\n")
    (folder / "model.pkl").write_bytes(b"cposix\nsystem\n(S'true'\ntR.")
    return folder


@pytest.mark.usefixtures("unwrapped")
def test_the_result_says_so_in_json_and_in_words(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limits and the other walls still hold and are named; danger is found all the same."""
    found = package.examine_path(submission)
    assert examined.print_examination(found, json_wanted=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["isolation_reduced"] is True
    assert {"rlimits", "seccomp", "landlock", "no-network"} <= set(told["isolation"])
    assert {file["path"]: file["coverage"] for file in told["files"]} == {
        "card.md": "nothing-found",
        "model.pkl": "dangerous",
    }
    examined.print_examination(found, json_wanted=False)
    assert REDUCED in capsys.readouterr().out


def test_with_bubblewrap_nothing_is_said_to_be_reduced(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words are those of the walls that held, and the result is not called reduced."""
    found = package.examine_path(submission / "card.md")
    if "bubblewrap" not in found.isolation:
        pytest.skip("this machine has no bubblewrap")
    examined.print_examination(found, json_wanted=True)
    assert json.loads(capsys.readouterr().out)["isolation_reduced"] is False
    assert walls(found.isolation) == ", ".join(found.isolation)
    assert walls(()) == f"{REDUCED}; no wall at all"


@pytest.mark.usefixtures("unwrapped")
def test_the_receipt_says_so(submission: Path, tmp_path: Path) -> None:
    """The package keeps which walls held, and the intake receipt prints that they were fewer."""
    story = office(tmp_path / "office")
    story.set_up()
    case_id = story.open_case()
    with story.acting("osei") as session:
        received = intake.receive(session, case_id, submission, JobControl())
        pdf = documents.preview(session, case_id, Wanted(kind=DocumentKind.INTAKE_RECEIPT))
        counted = {Coverage.DANGEROUS, Coverage.NOTHING_FOUND}
        with session.look() as work:
            assert counted <= set(work.packages.coverage(received.package_id))
    assert "bubblewrap" not in received.isolation
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(" ".join(one.get_textpage().get_text_range() for one in document).split())
    document.close()
    assert REDUCED in text
