"""Locking in the middle of a large file: the receipt pauses, and goes on after the next unlock."""

import hashlib
from pathlib import Path

import pytest

from storage.vault import ingest as ingesting
from storage.vault import resuming
from tests.helpers.office import office, unlock
from workstation.app import intake, quarantine, queries
from workstation.app import session as sessions
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import PackageState
from workstation.core.vault import PIECE_BYTES, ObjectRef
from workstation.core.vault_errors import VaultLocked

_PIECES = 12


def test_a_receipt_that_was_locked_out_goes_on_within_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault locks during one large file; after unlocking only what was not yet whole is sealed."""
    monkeypatch.setattr(resuming, "CHECKPOINT_BYTES", 2 * PIECE_BYTES)
    sealed = []
    seal_into = ingesting.PieceCipher.seal_into

    def counted(*words: object, **more: object) -> None:
        sealed.append(words[3])
        seal_into(*words, **more)  # type: ignore[arg-type]  # passed on as it came

    story = office(tmp_path)
    story.set_up()
    case_id = story.open_case()
    source = tmp_path / "submission"
    source.mkdir()
    content = b"".join(hashlib.shake_128(bytes([n])).digest(PIECE_BYTES) for n in range(_PIECES))
    (source / "weights.bin").write_bytes(content)
    session = unlock(story.services, "osei")

    def watch(progress: Progress) -> None:
        if progress.stage == "intake.store" and len(sealed) >= 10:
            sessions.lock(session, reason="idle")

    monkeypatch.setattr(JobControl, "tick", lambda _job, progress: watch(progress))
    monkeypatch.setattr(ingesting.PieceCipher, "seal_into", counted)
    with pytest.raises(VaultLocked):
        intake.receive(session, case_id, source, JobControl())
    monkeypatch.setattr(JobControl, "tick", lambda _job, _progress: None)
    before, session = len(sealed), unlock(story.services, "osei")
    try:
        (waiting,) = quarantine.unfinished(session)
        package = intake.receive(session, case_id, source, JobControl())
        assert (package.package_id, package.state) == (waiting.package_id, PackageState.QUARANTINED)
        assert len(sealed) - before <= _PIECES - 5
        (file,) = queries.files(session, package.package_id)
        session.vault.verify(ObjectRef.parse(file.object_ref), hashlib.sha384(content).hexdigest())
    finally:
        sessions.lock(session, reason="test")
