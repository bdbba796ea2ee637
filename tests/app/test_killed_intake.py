"""kill -9 at any step of an intake: the store opens, tells the truth, and finishes when asked."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.deaths import dies_at, steps_of
from tests.helpers.office import office, unlock
from workstation.app import auditing, intake, quarantine, queries, receipt
from workstation.app import session as sessions
from workstation.app.services import Services
from workstation.core.cases import CaseState
from workstation.core.jobs import JobControl
from workstation.core.packages import PackageState
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef
from workstation.demo.story import Story


def receive(services: Services, case_id: CaseId, source: Path) -> None:
    """As a process does it that is started for it."""
    session = unlock(services, "osei")
    try:
        intake.receive(session, case_id, source, JobControl())
    finally:
        sessions.lock(session, reason="test")


def submission(folder: Path) -> Path:
    """Large and small files, in several batches of what these tests make a batch."""
    folder.mkdir()
    for number in range(2):
        (folder / f"large-{number}.bin").write_bytes(bytes([number]) * (2_500_000))
    for number in range(7):
        (folder / f"small-{number}.txt").write_text(f"{number}\n" * 100)
    return folder


def moved(story: Story, folder: Path) -> Services:
    """A copy of the office in a folder of its own."""
    shutil.copytree(story.medium.parent / "profile", folder / "profile")
    return office(folder).services


def require_truthful(services: Services, case_id: CaseId, source: Path) -> PackageState | None:
    """Look, finish, and read everything back; the state that was found."""
    session = unlock(services, "osei")
    try:
        assert auditing.verify(session).broken_seq is None
        found = queries.case_view(session, case_id)
        unfinished = [package.case_id for package in quarantine.unfinished(session)]
        state = found.package.state if found.package else None
        assert unfinished == ([case_id] if state is PackageState.RECEIVING else [])
        received = state is PackageState.QUARANTINED
        assert found.row.state is (CaseState.QUARANTINED if received else CaseState.AWAITING_PACKAGE)
        if not received:
            intake.receive(session, case_id, source, JobControl())
        _require_whole(session, case_id, source)
        return state
    finally:
        sessions.lock(session, reason="test")


def _require_whole(session: sessions.Session, case_id: CaseId, source: Path) -> None:
    package = queries.case_view(session, case_id).package
    assert package is not None
    files = {file.untrusted_path: file for file in queries.files(session, package.package_id)}
    assert set(files) == {path.name for path in source.iterdir()}
    for file in files.values():
        session.vault.verify(ObjectRef.parse(file.object_ref), file.sha384)
    with session.look() as work:
        named = {ObjectRef.parse(ref).container for ref in work.packages.object_refs()}
    assert named == {ref.container for ref in (ObjectRef.parse(f.object_ref) for f in files.values())}
    session.vault.sweep(lambda: named)
    assert set(session.vault.containers()) == named
    assert auditing.verify(session).broken_seq is None


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_killed_at_any_step_it_opens_tells_the_truth_and_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write, fsync, rename or commit is the last, nothing is lost, invented or left over."""
    monkeypatch.setattr(receipt, "_BATCH_BYTES", 1 << 20)
    monkeypatch.setattr(receipt, "BATCH_FILES", 3)
    (tmp_path / "template").mkdir()
    story = office(tmp_path / "template")
    story.set_up()
    case_id = story.open_case()
    source = submission(tmp_path / "submission")
    counting = moved(story, tmp_path / "counting")
    found = set()
    for step in steps_of(lambda: receive(counting, case_id, source)):
        services = moved(story, tmp_path / str(step))
        if not dies_at(step, partial(receive, services, case_id, source)):
            break
        found.add(require_truthful(services, case_id, source))
        print(step, found)
        shutil.rmtree(tmp_path / str(step))
    assert {None, PackageState.RECEIVING} <= found
