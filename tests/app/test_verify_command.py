"""``workstation verify`` says what it believed, what each signature covers, and what came after."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import mlkem

import resources
from reports.sealing import HpkeSealer
from tests.app.test_documents import certify, send
from tests.helpers.ready_office import office_at
from workstation import bootstrap, cli, machine, settings
from workstation.app import content, handing_over
from workstation.app.documents import Wanted
from workstation.core.exports import RootsNotWritten
from workstation.core.media import outgoing_bytes
from workstation.core.report import DocumentKind
from workstation.core.sealing import SEALED_NAME
from workstation.demo.story import PASSPHRASE, Story, passphrase
from workstation.machine import RandomIds

Say = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Path, Path]:
    """An office, an export of a notice, and what was handed to its recipient."""
    folder = tmp_path_factory.mktemp("sent")
    story, case_id = office_at("concluded", folder / "office")
    export = send(story, certify(story, case_id, Wanted(kind=DocumentKind.DEVELOPER_NOTICE)))
    with story.acting("tanaka") as session:
        handing_over.write_verifier(session, folder / "handed")
    return story, export, folder / "handed"


@pytest.fixture
def say(
    sent: tuple[Story, Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """The command in this process, by the office's clock: exit status and what it prints."""
    monkeypatch.setattr(machine, "SystemClock", lambda: sent[0].clock)

    def run(*words: object) -> tuple[int, str]:
        status = cli.main(["verify", *map(str, words)])
        return status, capsys.readouterr().out

    return run


def test_an_export_tells_roots_lists_and_revisions(sent: tuple[Story, Path, Path], say: Say) -> None:
    """Fingerprints with their source, the age of each list, each revision and what its signature covers."""
    _story, export, handed = sent
    status, told = say(export, "--trust", handed, "--demo")
    assert (status, told.splitlines()[0]) == (0, "Verified (demonstration)")
    printed = (handed / handing_over.FINGERPRINTS).read_text()
    roots = [line.strip() for line in told.splitlines() if len(line.strip()) == 96]
    assert len(roots) == 2
    assert all(one in printed for one in roots)
    assert f"from {handed}" in told
    assert told.count("16 days old, next due 28 APR 2027 1430Z, came with the roots") == 2
    assert "report.pdf: unchanged; the last signature covers the whole file" in told
    assert "Revision 1 of 3" in told
    assert "no signature ends here" in told
    assert "covers this revision whole, and nothing of what came after it" in told
    assert "after it only a signature or a form field was filled in" in told
    assert "covers the whole file, nothing came after it, allows no change after it" in told


def test_without_a_root_nothing_is_believed(sent: tuple[Story, Path, Path], say: Say) -> None:
    """The answer is no, and says that no root was given."""
    status, told = say(sent[1], "--demo")
    assert status == 2
    assert told.startswith("NOT VERIFIED")
    assert "No root was given" in told


def test_a_sealed_export_is_to_be_opened_first(
    sent: tuple[Story, Path, Path], say: Say, tmp_path: Path
) -> None:
    """The folder, or the sealed file itself, is told as sealed with what to do first, not as broken."""
    key = mlkem.MLKEM1024PrivateKey.generate().public_key()
    for file in HpkeSealer().seal(
        [outgoing_bytes("report.pdf", (sent[1] / "report.pdf").read_bytes())],
        [key.public_bytes_raw()],
        export_id="EXPORT-1",
    ):
        (tmp_path / file.name).write_bytes(b"".join(file.pieces()))
    for path in (tmp_path, tmp_path / SEALED_NAME):
        status, told = say(path, "--trust", sent[2], "--demo")
        assert status == 2
        assert "This export is sealed: open it first (EXP-133)" in told
        assert "Open it with open_sealed.py and your key" in told
        assert "EXP-103" not in told
        assert not any(word in told for word in ("EXP-101", "EXP-106", "report.pdf"))
    answer = json.loads(say(tmp_path, "--trust", sent[2], "--json")[1])
    assert [one["code"] for one in answer["findings"] if one["severity"] == "danger"] == ["EXP-133"]


def test_a_single_document_is_verified_by_itself(sent: tuple[Story, Path, Path], say: Say) -> None:
    """The report alone verifies with revisions and roots, and says that only it was looked at."""
    _story, export, handed = sent
    status, told = say(export / "report.pdf", "--trust", handed, "--demo")
    assert status == 0
    assert "unchanged; the last signature covers the whole file" in told
    assert "Only the document was looked at" in told
    status, told = say(export / "report.pdf", "--trust", handed, "--demo", "--json")
    answer = json.loads(told)
    (document,) = (answer["facts"],)
    assert (status, answer["outcome"], document["unchanged"]) == (0, "accept", True)
    assert len(document["revisions"]) == 3
    assert len(document["roots_sha384"]) == 2


def test_unchanged_is_said_only_with_coverage_of_the_whole_file(
    sent: tuple[Story, Path, Path], say: Say, tmp_path: Path
) -> None:
    """Bytes appended after the last signature, or a document cut back to the reviewer's, are refused."""
    _story, export, handed = sent
    whole = (export / "report.pdf").read_bytes()
    appended, cut = tmp_path / "appended.pdf", tmp_path / "cut.pdf"
    appended.write_bytes(whole + b"\n% more\n")
    cut.write_bytes(whole[: whole.rfind(b"%%EOF", 0, len(whole) - 10) + 6])
    status, told = say(appended, "--trust", handed, "--demo")
    assert (status, "unchanged;" in told) == (2, False)
    status, told = say(cut, "--trust", handed, "--demo")
    assert (status, "EXP-119" in told) == (2, True)
    assert "Field SecurityOfficer: not signed" in told


def test_a_document_of_a_demonstration_is_refused_without_the_flag(
    sent: tuple[Story, Path, Path], say: Say
) -> None:
    """Nothing that a demonstration signed verifies as real."""
    status, told = say(sent[1] / "report.pdf", "--trust", sent[2])
    assert (status, "EXP-116" in told) == (2, True)


def test_a_signed_content_set_is_verified(sent: tuple[Story, Path, Path], say: Say, tmp_path: Path) -> None:
    """Signed here it verifies against the roots handed over; with one word changed it is refused."""
    story, _export, handed = sent
    made = json.loads(resources.read_bytes("checklists/eo14409-v1.json")) | {"version": 7}
    path = tmp_path / "eo14409-v7.json"
    path.write_bytes(rfc8785.dumps(made))
    with story.acting("ibarra") as session:
        content.sign(session, path, passphrase())
    status, told = say(path, "--trust", handed, "--demo")
    assert (status, told.splitlines()[0]) == (0, "Verified: eo14409 v7")
    assert told.count("holds, trusted") == 2
    path.write_bytes(rfc8785.dumps(made | {"title": "Another title"}))
    assert say(path, "--trust", handed, "--demo")[0] == 4


def test_what_is_handed_over_verifies_by_itself(sent: tuple[Story, Path, Path]) -> None:
    """The written script runs alone, with the fingerprints as printed, and accepts; no file is replaced."""
    story, export, handed = sent
    printed = (handed / handing_over.FINGERPRINTS).read_text()
    roots = [line.strip() for line in printed.splitlines() if len(line.strip()) == 96]
    options = [word for one in roots for word in ("--root-fingerprint", one)]
    assert all(word in printed for word in (*options, "--demo"))
    at = int(story.clock.now().timestamp())
    command = [
        sys.executable,
        "-I",
        str(handed / "verify_export.py"),
        str(export),
        *options,
        "--demo",
        "--at",
        str(at),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OUTCOME accept"), done.stdout
    with story.acting("tanaka") as session, pytest.raises(RootsNotWritten):
        handing_over.write_verifier(session, handed)


def test_the_policy_for_revocation_lists_is_the_office_s_or_the_command_s(
    sent: tuple[Story, Path, Path], say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of 16 days pass a policy of 30 and not one of 7; what the command says goes first."""
    _story, export, handed = sent
    for path in (export, export / "report.pdf"):
        assert say(path, "--trust", handed, "--demo", "--max-crl-age", "30")[0] == 0
        status, told = say(path, "--trust", handed, "--demo", "--max-crl-age", "7")
        assert (status, "EXP-115" in told) == (2, True)
    monkeypatch.setattr(settings, "load", lambda: settings.Settings(max_crl_age_days=7))
    assert say(export, "--trust", handed, "--demo")[0] == 2
    assert say(export, "--trust", handed, "--demo", "--max-crl-age", "30")[0] == 0


def test_the_instructions_of_a_demonstration_name_its_option(sent: tuple[Story, Path, Path]) -> None:
    """VERIFY.txt gives the very command that lets a demonstration through, and says what that is for."""
    _story, export, _handed = sent
    text = (export / "VERIFY.txt").read_text()
    assert 'python3 verify_export.py "$E" --demo --root-fingerprint' in text
    assert "told --demo, which is for training alone" in text


def test_the_checkpoint_that_left_with_an_export_is_held_against_the_trail(
    sent: tuple[Story, Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The one in transfer.json goes with the trail; of another row it does not; without one it is refused."""
    story, export, handed = sent
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: story.clock)
    monkeypatch.setattr(bootstrap, "RandomIds", RandomIds)
    profile = handed.parent / "office" / "profile"

    def check(path: Path) -> tuple[int, str]:
        words = ["vault", "check", "--vault", str(profile), "--demo", "--json", "--user", "abara"]
        status = cli.main([*words, "--checkpoint", str(path)])
        return status, capsys.readouterr().out

    status, told = check(export / "transfer.json")
    answer = json.loads(told)
    assert (status, answer["holds"], answer["checkpoints_broken"]) == (0, True, [])
    record, path = json.loads((export / "transfer.json").read_bytes()), tmp_path / "transfer.json"
    inner = record["audit_checkpoint"]
    path.write_text(json.dumps(record | {"audit_checkpoint": inner | {"seq": inner["seq"] - 1}}))
    status, told = check(path)
    assert (status, "signature" in json.loads(told)["checkpoints_broken"][0]) == (4, True)
    path.write_text(json.dumps(record | {"audit_checkpoint": None}))
    assert check(path)[0] == 2
