"""Intake: everything that came is stored and named truthfully, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import auditing, intake, quarantine, queries
from workstation.app import session as sessions
from workstation.core.case_errors import StepNotPossible
from workstation.core.examination import Coverage, Outcome
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.packages import (
    DecisionReasonMissing,
    Fixity,
    PackageRejected,
    PackageState,
    SourceChanged,
    SourceMissing,
)
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef
from workstation.demo.story import Story


@pytest.fixture
def ready(tmp_path: Path) -> tuple[Story, CaseId]:
    """An office with an open case that awaits its package."""
    return office_at("case", tmp_path)


def receive(story: Story, case_id: CaseId, source: Path) -> intake.Package:
    """As the second reviewer."""
    with story.acting("osei") as session:
        return intake.receive(session, case_id, source, JobControl())


def files(story: Story, package: intake.Package) -> dict[str, intake.PackageFile]:
    """Every stored file by path."""
    with story.acting("osei") as session:
        return {file.untrusted_path: file for file in queries.files(session, package.package_id)}


def test_a_bag_is_stored_and_matches_its_manifest(ready: tuple[Story, CaseId]) -> None:
    """Every payload file is stored, hashed, examined and found to match; the content reads back equal."""
    story, case_id = ready
    package = receive(story, case_id, story.source)
    found = files(story, package)
    assert package.state is PackageState.QUARANTINED
    assert package.outcome is Outcome.ACCEPT
    assert {f.fixity for path, f in found.items() if path.startswith("data/")} == {Fixity.MATCHES}
    assert all(f.coverage is not Coverage.UNSEEN for f in found.values())
    with story.acting("osei") as session:
        for path, file in found.items():
            source = session.vault.open(ObjectRef.parse(file.object_ref))
            assert b"".join(source.stream()) == (story.source / path).read_bytes()
            source.close()


def test_the_same_content_has_the_same_digest_in_every_wrapping(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Folder, zip and tar of the same files give one package digest."""
    story, _case = ready
    folder = tmp_path / "same"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "one.txt").write_text("one\n")
    (folder / "two.md").write_text("# two\n")
    with zipfile.ZipFile(tmp_path / "same.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in ("a/one.txt", "two.md"):
            packed.write(folder / path, path)
    with tarfile.open(tmp_path / "same.tar.gz", "w:gz") as packed_tar:
        for path in ("a/one.txt", "two.md"):
            packed_tar.add(folder / path, path)
    digests = set()
    for source in (folder, tmp_path / "same.zip", tmp_path / "same.tar.gz"):
        digests.add(receive(story, story.open_case(), source).digest_sha384)
    assert len(digests) == 1


def test_altered_missing_and_extra_files_are_named(ready: tuple[Story, CaseId]) -> None:
    """A bag that lies is kept in quarantine with each lie named, and cannot be accepted, only returned."""
    story, case_id = ready
    data = story.source / "data"
    (data / "terms.md").write_text("altered")
    (data / "safeguards.md").unlink()
    (data / "surprise.txt").write_text("extra")
    package = receive(story, case_id, story.source)
    named = {(finding.code, finding.path) for finding in package.findings}
    assert ("BAG_FIXITY", "data/terms.md") in named
    assert ("BAG_MISSING", "data/safeguards.md") in named
    assert any(path == "data/surprise.txt" for _code, path in named)
    assert package.outcome is Outcome.REJECT
    with story.acting("ibarra") as session:
        with pytest.raises(PackageRejected):
            quarantine.accept(session, package.package_id, reason="never mind")
        with pytest.raises(DecisionReasonMissing):
            quarantine.return_as_deficient(session, package.package_id, reason="  ")
        returned = quarantine.return_as_deficient(session, package.package_id, reason="See the findings.")
    assert returned.state is PackageState.DEFICIENT


def test_an_archive_that_escapes_is_kept_whole_and_unpacked_nowhere(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """A zip with a climbing name is rejected, stored as it came, and writes nothing outside the vault."""
    story, case_id = ready
    hostile = tmp_path / "hostile.zip"
    with zipfile.ZipFile(hostile, "w") as packed:
        packed.writestr("../../escaped.txt", "x")
        packed.writestr("fine.txt", "x")
    package = receive(story, case_id, hostile)
    assert package.outcome is Outcome.REJECT
    assert list(files(story, package)) == ["hostile.zip"]
    assert not list(tmp_path.parent.rglob("escaped.txt"))


def test_the_files_of_a_folder_rejected_as_a_whole_are_kept_as_evidence(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """A bag that lies about its structure keeps every file: stored, examined, marked, never acceptable."""
    story, case_id = ready
    (story.source / "fetch.txt").write_text("http://example.invalid/x 12 data/x.bin\n")
    (story.source / "data" / "away").symlink_to("/etc/passwd")
    (story.source / "data" / "bad.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    package = receive(story, case_id, story.source)
    found = files(story, package)
    assert package.outcome is Outcome.REJECT
    assert "PACKAGE_REJECTED" in {finding.code for finding in package.findings}
    assert set(found) == {
        str(path.relative_to(story.source))
        for path in story.source.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert {file.fixity for file in found.values()} == {Fixity.EVIDENCE}
    assert found["data/bad.pkl"].coverage is Coverage.DANGEROUS
    assert Coverage.UNSEEN not in {file.coverage for file in found.values()}
    with story.acting("osei") as session:
        for path, file in found.items():
            source = session.vault.open(ObjectRef.parse(file.object_ref))
            assert b"".join(source.stream()) == (story.source / path).read_bytes()
            source.close()
    with story.acting("ibarra") as session, pytest.raises(PackageRejected):
        quarantine.accept(session, package.package_id, reason="never mind")


def test_a_pickle_that_runs_code_makes_its_file_dangerous(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Weights that would run a command are named dangerous, and the package can only be returned."""
    story, case_id = ready
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    package = receive(story, case_id, folder)
    assert files(story, package)["model.pkl"].coverage is Coverage.DANGEROUS
    assert package.outcome is Outcome.REJECT


def test_findings_name_the_file_and_weights_beside_a_model_are_found(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """A finding carries its file's path, and data a model keeps in another file of the package is there."""
    story, case_id = ready
    folder = tmp_path / "models"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "index.json").write_text("{}")
    (folder / "inner" / "bad.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (folder / "inner" / "model.safetensors.index.json").write_text(
        '{"metadata": {"total_size": 2}, "weight_map": {"w": "part-1.safetensors"}}'
    )
    header = b'{"w":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    (folder / "inner" / "part-1.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"ab")
    package = receive(story, case_id, folder)
    assert {f.path for f in package.findings if f.code == "MODEL_CODE"} == {"inner/bad.pkl"}
    index = files(story, package)["inner/model.safetensors.index.json"]
    assert index.coverage is Coverage.NOTHING_FOUND, index.findings


def test_a_missing_source_and_a_second_package_are_refused(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Nothing at the path, or a package where one waits already, is refused with its own code."""
    story, case_id = ready
    with pytest.raises(SourceMissing):
        receive(story, case_id, tmp_path / "nothing")
    receive(story, case_id, story.source)
    with pytest.raises(StepNotPossible):
        receive(story, case_id, story.source)


def test_cancel_keeps_what_is_stored_and_goes_on_later(ready: tuple[Story, CaseId], tmp_path: Path) -> None:
    """A cancelled receipt is listed as unfinished, refuses another submission, finishes when asked."""
    story, case_id = ready
    big = _big_folder(tmp_path / "big")
    with story.acting("osei") as session, pytest.raises(JobCancelled):
        intake.receive(session, case_id, big, _CancelAfter(3))
    with story.acting("osei") as session:
        assert [p.case_id for p in quarantine.unfinished(session)] == [case_id]
        with pytest.raises(SourceChanged):
            intake.receive(session, case_id, story.source, JobControl())
    package = receive(story, case_id, big)
    assert package.file_count == len(list(big.iterdir()))


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(6))
def test_kill_nine_at_any_point_leaves_a_store_that_opens_and_finishes(tmp_path: Path, moment: int) -> None:
    """After SIGKILL in intake the vault opens, tells the truth, and intake finishes when asked."""
    story, case_id = office_at("case", tmp_path)
    big = _big_folder(tmp_path / "big")
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path), case_id, str(big), str(moment)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdout=subprocess.DEVNULL,
    )
    child.wait(timeout=100)
    assert child.returncode == -signal.SIGKILL
    session = unlock(story.services, "osei")
    try:
        unfinished = [p.case_id for p in quarantine.unfinished(session)]
        assert unfinished == [case_id]
        assert auditing.verify(session).broken_seq is None
        package = intake.receive(session, case_id, big, JobControl())
        assert package.file_count == len(list(big.iterdir()))
        assert auditing.verify(session).broken_seq is None
        for file in queries.files(session, package.package_id):
            session.vault.verify(ObjectRef.parse(file.object_ref), file.sha384)
    finally:
        sessions.lock(session, reason="test")


class _CancelAfter(JobControl):
    """Cancels itself at the n-th tick."""

    def __init__(self, ticks: int) -> None:
        super().__init__()
        self._left = ticks

    def tick(self, progress: Progress) -> None:
        """Count down."""
        self._left -= 1
        if self._left <= 0:
            self.cancel()
        super().tick(progress)


def _big_folder(folder: Path) -> Path:
    """Large and small files, 90 MB in all: several batches."""
    folder.mkdir()
    for number in range(5):
        (folder / f"large-{number}.bin").write_bytes(bytes([number]) * (18 << 20))
    for number in range(30):
        (folder / f"small-{number:02d}.txt").write_text(f"{number}\n" * 100)
    return folder


_CHILD = """
import os, signal, sys
from pathlib import Path
from datetime import timedelta
from tests.helpers.office import BEGIN, StillClock, unlock
from workstation import bootstrap
from workstation.app import intake
from workstation.core.jobs import JobControl
from workstation.core.vault import Profile
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds

folder, case_id, source, moment = sys.argv[1:]
start = bootstrap.Start(
    vault_folder=Path(folder) / "profile",
    profile=Profile.DEMO,
    clock=SettableClock(StillClock(), BEGIN + timedelta(hours=1)),
    ids=SeededIds(start=100),
)
session = unlock(bootstrap.build(start), "osei")

class Kill(JobControl):
    left = (1, 20, 45, 70, 95, 120)[int(moment)]
    def tick(self, progress):
        Kill.left -= 1
        if Kill.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().tick(progress)

intake.receive(session, case_id, Path(source), Kill())
"""
