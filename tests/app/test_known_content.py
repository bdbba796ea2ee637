"""Content a case holds already is stored once, and nothing is named that was not read back."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import checking, intake, quarantine, queries
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.core.jobs import JobControl
from workstation.core.packages import Hole, Package, PackageFile, PackageState, SourceUnsteady
from workstation.core.values import CaseId
from workstation.core.vault import ContainerKind, ObjectRef
from workstation.demo.story import Story
from workstation.examine import tree

_LARGE = 3 << 20


@pytest.fixture
def ready(tmp_path: Path) -> tuple[Story, CaseId]:
    """An office with an open case that awaits its package."""
    return office_at("case", tmp_path)


def _noise(seed: int, size_bytes: int) -> bytes:
    return hashlib.shake_128(seed.to_bytes(4)).digest(size_bytes)


def _folder(path: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _receive(session: Session, case_id: CaseId, source: Path) -> Package:
    """Received, and returned at once, so that another may follow."""
    package = intake.receive(session, case_id, source, JobControl())
    quarantine.return_as_deficient(session, package.package_id, reason="Send it again.")
    return package


def _files(session: Session, package: Package) -> dict[str, PackageFile]:
    return {file.untrusted_path: file for file in queries.files(session, package.package_id)}


def _content(session: Session, file: PackageFile) -> bytes:
    source = session.vault.open(ObjectRef.parse(file.object_ref))
    try:
        return b"".join(source.stream())
    finally:
        source.close()


def _store_bytes(session: Session) -> int:
    return sum(session.vault.containers().values())


def test_unchanged_files_of_an_amended_submission_are_named_and_not_stored(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Large and small, at their old place or another: the same object, and the store does not grow."""
    story, case_id = ready
    first = _folder(tmp_path / "first", {"w/model.bin": _noise(1, _LARGE), "a.txt": b"a" * 999, "e": b""})
    second = _folder(
        tmp_path / "second",
        {"w/moved.bin": _noise(1, _LARGE), "b/a.txt": b"a" * 999, "new.txt": b"n", "e": b""},
    )
    with story.acting("osei") as session:
        old = _files(session, _receive(session, case_id, first))
        before = _store_bytes(session)
        new = _files(session, _receive(session, case_id, second))
        grown = _store_bytes(session) - before
        assert new["w/moved.bin"].object_ref == old["w/model.bin"].object_ref
        assert new["b/a.txt"].object_ref == old["a.txt"].object_ref
        assert new["e"].object_ref == old["e"].object_ref
        assert grown < 4_096
        assert _content(session, new["w/moved.bin"]) == _noise(1, _LARGE)
        with session.look() as work:
            assert work.packages.references(new["w/moved.bin"].object_ref) == 2
            assert work.packages.references(new["new.txt"].object_ref) == 1
        assert checking.check_vault(session, JobControl()).holds


@pytest.mark.parametrize("at", [0, 1 << 20, (2 << 20) + 5, _LARGE - 1])
def test_one_changed_byte_is_another_content(ready: tuple[Story, CaseId], tmp_path: Path, at: int) -> None:
    """Wherever the byte lies, the changed file is stored whole from one reading, and the old one stays."""
    story, case_id = ready
    content = _noise(2, _LARGE)
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    small = b"s" * 500
    first = _folder(tmp_path / "one", {"m.bin": content, "s.txt": small})
    second = _folder(tmp_path / "two", {"m.bin": changed, "s.txt": b"t" + small[1:]})
    with story.acting("osei") as session:
        old = _files(session, _receive(session, case_id, first))
        new = _files(session, _receive(session, case_id, second))
        assert _content(session, new["m.bin"]) == changed
        assert _content(session, old["m.bin"]) == content
        assert new["m.bin"].object_ref != old["m.bin"].object_ref
        assert new["s.txt"].object_ref != old["s.txt"].object_ref
        assert checking.check_vault(session, JobControl()).holds


def test_of_several_alike_the_right_one_is_found(ready: tuple[Story, CaseId], tmp_path: Path) -> None:
    """Stored files of one length that begin alike: each comes back to its own object."""
    story, case_id = ready
    begin = _noise(3, 2 << 20)
    contents = {f"{name}.bin": begin + name.encode() * 70_000 for name in "abcdefghijkl"}
    with story.acting("osei") as session:
        old = _files(session, _receive(session, case_id, _folder(tmp_path / "one", contents)))
        before = _store_bytes(session)
        new = _files(session, _receive(session, case_id, _folder(tmp_path / "two", contents)))
        assert {name: file.object_ref for name, file in new.items()} == {
            name: file.object_ref for name, file in old.items()
        }
        assert _store_bytes(session) == before


def test_within_one_package_the_same_content_is_stored_once(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Twins in one submission share an object, also before either is durable."""
    story, case_id = ready
    twins = {"a.bin": _noise(4, _LARGE), "b.bin": _noise(4, _LARGE), "c.txt": b"c", "d.txt": b"c"}
    with story.acting("osei") as session:
        found = _files(session, _receive(session, case_id, _folder(tmp_path / "twins", twins)))
        assert found["a.bin"].object_ref == found["b.bin"].object_ref
        assert found["c.txt"].object_ref == found["d.txt"].object_ref
        assert _content(session, found["b.bin"]) == twins["b.bin"]
        assert sum(size for name, size in session.vault.containers().items() if name[0] == "o") < 4 << 20


def test_nothing_is_shared_between_cases(ready: tuple[Story, CaseId], tmp_path: Path) -> None:
    """The same file in another case is another object."""
    story, case_id = ready
    folder = _folder(tmp_path / "same", {"m.bin": _noise(5, _LARGE), "s.txt": b"s"})
    other = story.open_case()
    with story.acting("osei") as session:
        one = _files(session, _receive(session, case_id, folder))
        two = _files(session, _receive(session, other, folder))
        assert {f.object_ref for f in one.values()}.isdisjoint(f.object_ref for f in two.values())


def test_a_damaged_object_is_not_relied_on(ready: tuple[Story, CaseId], tmp_path: Path) -> None:
    """Where the stored object does not authenticate any more, the file that came again is stored anew."""
    story, case_id = ready
    folder = _folder(tmp_path / "same", {"m.bin": _noise(6, _LARGE), "s.txt": b"some text"})
    with story.acting("osei") as session:
        old = _files(session, _receive(session, case_id, folder))
        for path in ("m.bin", "s.txt"):
            _damage(tmp_path, ObjectRef.parse(old[path].object_ref))
        new = _files(session, _receive(session, case_id, folder))
        for path in ("m.bin", "s.txt"):
            assert new[path].object_ref != old[path].object_ref
            assert _content(session, new[path]) == (folder / path).read_bytes()


def _damage(folder: Path, ref: ObjectRef) -> None:
    """Change a byte in the last piece of an object."""
    kind = {ContainerKind.OBJECT: "objects", ContainerKind.PACK: "packs"}[ref.kind]
    (path,) = (folder / "profile" / kind).glob(f"{ref.container_id.hex()}.*")
    at = ref.offset + ref.size_bytes + 5
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_a_file_that_changes_its_length_is_still_refused(
    ready: tuple[Story, CaseId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing instead of storing does not hide that the medium changes under the reader."""
    story, case_id = ready
    content = _noise(7, _LARGE)
    first = _folder(tmp_path / "one", {"m.bin": content})
    with story.acting("osei") as session:
        _receive(session, case_id, first)
        whole = tree.FolderTree.chunks

        def longer(
            self: tree.FolderTree, entry: tree.Entry, holes: list[Hole] | None = None
        ) -> Iterator[bytes]:
            yield from whole(self, entry, holes)
            yield b"more"

        monkeypatch.setattr(tree.FolderTree, "chunks", longer)
        with pytest.raises(SourceUnsteady):
            intake.receive(session, case_id, first, JobControl())


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 4, 9])
def test_kill_nine_between_known_files_leaves_every_row_readable(tmp_path: Path, moment: int) -> None:
    """SIGKILL while an amended package is compared: the store opens, the sweep spares what rows share."""
    story, case_id = office_at("case", tmp_path)
    contents = {f"{n:02d}.bin": _noise(n, 2 << 20) for n in range(4)} | {
        f"{n:02d}.txt": f"{n}".encode() * 50 for n in range(600)
    }
    with story.acting("osei") as session:
        _receive(session, case_id, _folder(tmp_path / "one", contents))
        before = _store_bytes(session)
    again = _folder(tmp_path / "two", contents | {"zz.txt": b"new"})
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path), case_id, str(again), str(moment)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdout=subprocess.DEVNULL,
    )
    child.wait(timeout=100)
    assert child.returncode == -signal.SIGKILL
    session = unlock(story.services, "osei")
    try:
        assert [p.case_id for p in quarantine.unfinished(session)] == [case_id]
        package = intake.receive(session, case_id, again, JobControl())
        assert package.state is PackageState.QUARANTINED
        assert package.file_count == len(contents) + 1
        assert checking.check_vault(session, JobControl()).holds
        assert _store_bytes(session) - before < 8_192
    finally:
        sessions.lock(session, reason="test")


_CHILD = """
import os, signal, sys
from pathlib import Path
from datetime import timedelta
from tests.helpers.office import BEGIN, StillClock, unlock
from workstation import bootstrap
from workstation.app import intake, known_content
from workstation.core.jobs import JobControl
from workstation.core.vault import Profile
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds

folder, case_id, source, moment = sys.argv[1:]
start = bootstrap.Start(
    vault_folder=Path(folder) / "profile",
    profile=Profile.DEMO,
    clock=SettableClock(StillClock(), BEGIN + timedelta(hours=1)),
    ids=SeededIds(start=1000),
)
session = unlock(bootstrap.build(start), "osei")

class Killer(JobControl):
    left = int(moment) * 60

    def tick(self, progress):
        if progress.stage == "intake.compare":
            Killer.left -= 1
            if Killer.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        super().tick(progress)

intake.receive(session, case_id, Path(source), Killer())
"""
