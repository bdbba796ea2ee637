"""The disk fails, or the process ends, at every single point; what was acknowledged survives."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from storage.vault import LIGHT_COST, OpenVault, vault_status
from storage.vault import ingest as ingesting
from storage.vault.files import free_bytes
from tests.helpers.children import ROOT
from tests.helpers.faults import BROKEN, FULL, Faults, end_process
from tests.helpers.vault_folders import (
    LOGIN,
    OTHER_PASSPHRASE,
    PERSON,
    StringClock,
    new_vault,
    passphrase,
    reopen,
)
from workstation.core.errors import EnvironmentFault
from workstation.core.vault import PIECE_BYTES, ObjectRef, Stored
from workstation.core.vault_errors import CredentialsRefused, SourceSizeChanged, VaultDiskFull, VaultReadOnly

NEW = b"nine patient badgers keep the seal"
Work = Callable[[OpenVault, Callable[[Stored], None]], None]


def ingest(vault: OpenVault, acknowledge: Callable[[Stored], None]) -> None:
    """Small and large objects in two flushes, one of them with a source that fails in between."""
    for contents in ((b"a" * 10, b"b" * (PIECE_BYTES + 9)), (b"c" * 3_000, b"", b"d" * (2 * PIECE_BYTES))):
        with vault.ingest() as batch:
            stored = [batch.add(io.BytesIO(content)) for content in contents]
            batch.flush()
            more = batch.add(io.BytesIO(b"e" * 77))
            batch.flush()
            for one in (*stored, more):
                acknowledge(one)


def add_person(vault: OpenVault, _: Callable[[Stored], None]) -> None:
    vault.add_slot(person_id="PER-BOB", login_name="bob", passphrase=passphrase(NEW), cost=LIGHT_COST)


def change_passphrase(vault: OpenVault, _: Callable[[Stored], None]) -> None:
    vault.change_passphrase(person_id=PERSON, login_name=LOGIN, old=passphrase(), new=passphrase(NEW))


def remove_person(vault: OpenVault, _: Callable[[Stored], None]) -> None:
    vault.remove_slot("PER-EVE")
    vault.confirm_database_rekeyed()


WORK: tuple[Work, ...] = (ingest, add_person, change_passphrase, remove_person)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ObjectRef]:
    """Two people and one object, acknowledged long ago."""
    root = tmp_path_factory.mktemp("template") / "v"
    vault = new_vault(root)
    vault.add_slot(
        person_id="PER-EVE", login_name="eve", passphrase=passphrase(OTHER_PASSPHRASE), cost=LIGHT_COST
    )
    with vault.ingest() as batch:
        stored = batch.add(io.BytesIO(b"old"))
        batch.flush()
    vault.lock()
    return root, stored.ref


def opened(root: Path) -> OpenVault:
    """With the passphrase before or after the change: one of the two must open it."""
    try:
        return reopen(root)
    except CredentialsRefused:
        return reopen(root, text=NEW)


def check(root: Path, old: ObjectRef, acknowledged: list[tuple[str, str]]) -> None:
    """The vault opens, holds all that was acknowledged, and sweeps to exactly that."""
    vault = opened(root)
    vault.verify(old, hashlib.sha384(b"old").hexdigest())
    refs = [ObjectRef.parse(text) for text, _ in acknowledged]
    for ref, (_, sha384) in zip(refs, acknowledged, strict=True):
        vault.verify(ref, sha384)
    vault.sweep(lambda: {ref.container for ref in (old, *refs)})
    assert set(vault.containers()) == {ref.container for ref in (old, *refs)}
    assert not list(root.glob("*/*.part"))
    vault.lock()


@pytest.mark.parametrize("strike", [FULL, BROKEN], ids=["full", "broken"])
@pytest.mark.parametrize("work", WORK)
def test_a_failing_disk_loses_nothing_acknowledged(
    template: tuple[Path, ObjectRef], tmp_path: Path, work: Work, strike: Callable[[str], None]
) -> None:
    """Whichever write, fsync or rename fails, the error is named, and all that was acknowledged is there."""
    source, old = template
    point = 0
    while True:
        point += 1
        root = tmp_path / str(point)
        shutil.copytree(source, root)
        vault = reopen(root)
        acknowledged: list[Stored] = []
        faults = Faults(point, strike)
        with suppress(EnvironmentFault), faults.active():
            work(vault, acknowledged.append)
        vault.lock()
        check(root, old, [(stored.ref.text, stored.digests["sha384"]) for stored in acknowledged])
        shutil.rmtree(root)
        if not faults.struck:
            break
    assert point > 6
    print(f"{work.__name__}: {point - 1} points")


@pytest.mark.parametrize("work", WORK)
def test_a_process_that_ends_loses_nothing_acknowledged(
    template: tuple[Path, ObjectRef], tmp_path: Path, work: Work
) -> None:
    """Wherever the process ends, the vault opens afterwards and all that was acknowledged is there."""
    source, old = template
    point = 0
    while True:
        point += 1
        root, log = tmp_path / str(point), tmp_path / f"{point}.log"
        shutil.copytree(source, root)
        survived = _in_a_child(root, log, work, point)
        lines = log.read_text().split() if log.exists() else []
        check(root, old, list(zip(lines[::2], lines[1::2], strict=True)))
        shutil.rmtree(root)
        if survived:
            break
    assert point > 6


@pytest.mark.parametrize("strike", [FULL, BROKEN], ids=["full", "broken"])
def test_an_interrupted_creation_is_repeated(tmp_path: Path, strike: Callable[[str], None]) -> None:
    """Wherever making a vault fails, there is none or a whole one, and making it again succeeds."""
    point = 0
    while True:
        point += 1
        root = tmp_path / str(point)
        faults = Faults(point, strike)
        with suppress(EnvironmentFault), faults.active():
            new_vault(root).lock()
        if not vault_status(root, StringClock()).exists:
            new_vault(root).lock()
        reopen(root).lock()
        if not faults.struck:
            break
    assert point > 6


def _in_a_child(root: Path, log: Path, work: Work, point: int) -> bool:
    """Whether the work was done before the strike."""
    child = os.fork()
    if child == 0:
        try:
            vault = reopen(root)
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            write = os.write

            def acknowledge(stored: Stored) -> None:
                write(out, f"{stored.ref.text} {stored.digests['sha384']}\n".encode())

            with Faults(point, end_process).active():
                work(vault, acknowledge)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child must never run on into the test runner
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, 9}
    return status == 0


def test_a_killed_ingest_leaves_a_vault_that_opens(tmp_path: Path) -> None:
    """After kill -9 in a large ingest no lock stays, flushed objects are there and the rest is swept."""
    root = tmp_path / "v"
    new_vault(root).lock()
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import os
from pathlib import Path
from tests.helpers.vault_folders import reopen
vault = reopen(Path({str(root)!r}))
with vault.ingest() as batch:
    while True:
        stored = batch.add([os.urandom(5_000)])
        large = batch.add([os.urandom(1 << 20)] * 3)
        batch.flush()
        for one in (stored, large):
            print(one.ref.text, one.digests["sha384"], flush=True)
        batch.add([os.urandom(1 << 20)] * 2)
"""
    child = subprocess.Popen([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    lines = [child.stdout.readline().split() for _ in range(6)]
    time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    lines += [line.split() for line in rest.splitlines() if len(line.split()) == 2]
    vault = reopen(root)
    refs = [ObjectRef.parse(text) for text, _ in lines]
    for ref, (_, sha384) in zip(refs, lines, strict=True):
        vault.verify(ref, sha384)
    vault.sweep(lambda: {ref.container for ref in refs})
    assert set(vault.containers()) == {ref.container for ref in refs}
    vault.lock()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not possible here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_a_full_disk_is_said_early_and_late(small_disk: Path) -> None:
    """A size known to be too large is refused before writing, an unknown one when the disk is full."""
    vault = new_vault(small_disk / "v")
    with vault.ingest() as batch:
        before = batch.add(io.BytesIO(b"before"))
        with pytest.raises(VaultDiskFull) as early:
            batch.add((bytes(PIECE_BYTES) for _ in range(40)), expected_size=40 * PIECE_BYTES)
        assert early.value.needed_bytes > 40 * PIECE_BYTES > early.value.free_bytes > 0
        with pytest.raises(VaultDiskFull):
            batch.add(bytes(PIECE_BYTES) for _ in range(40))
        after = batch.add(io.BytesIO(b"after"))
        batch.flush()
    for stored in (before, after):
        vault.verify(stored.ref, stored.digests["sha384"])
    assert len(vault.containers()) == 1
    assert free_bytes(small_disk) > 20 * PIECE_BYTES
    vault.lock()


def test_a_batch_outlives_many_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a source or the disk fails, no buffer is lost and the batch still stores."""
    vault = new_vault(tmp_path / "v")

    def breaking() -> Iterator[bytes]:
        yield bytes(3 * PIECE_BYTES)
        raise OSError(5, "the medium was pulled")

    with vault.ingest() as batch:
        for _ in range(20):
            with monkeypatch.context() as patch:
                patch.setattr(ingesting, "ContainerWriter", _no_room)
                with pytest.raises(VaultDiskFull):
                    batch.add([bytes(3 * PIECE_BYTES)])
            with pytest.raises(OSError, match="pulled"):
                batch.add(breaking())
            with pytest.raises(SourceSizeChanged):
                batch.add([bytes(3 * PIECE_BYTES)], expected_size=2 * PIECE_BYTES)
        stored = batch.add([bytes(9 * PIECE_BYTES)])
        batch.flush()
    vault.verify(stored.ref, stored.digests["sha384"])
    vault.lock()


def _no_room(*_: object) -> None:
    raise VaultDiskFull(needed_bytes=1, free_bytes=0)


def test_packs_survive_a_full_disk(small_disk: Path) -> None:
    """When small files fill the disk, those flushed before stay, and after making room the work goes on."""
    vault = new_vault(small_disk / "v")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(20 * PIECE_BYTES))
    kept: list[Stored] = []
    with vault.ingest() as batch:
        kept += [batch.add(io.BytesIO(os.urandom(100_000))) for _ in range(5)]
        batch.flush()
        with suppress(VaultDiskFull):
            while len(kept) < 100:
                kept.append(batch.add(io.BytesIO(os.urandom(100_000))))
        assert 5 < len(kept) < 100
        ballast.unlink()
        batch.flush()
    for stored in kept:
        vault.verify(stored.ref, stored.digests["sha384"])
    vault.lock()


def test_a_full_disk_does_not_keep_people_out(small_disk: Path) -> None:
    """On a disk filled to the brim wrong attempts are still counted and the right passphrase still opens."""
    new_vault(small_disk / "v").lock()
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    with pytest.raises(CredentialsRefused):
        reopen(small_disk / "v", text=OTHER_PASSPHRASE)
    assert vault_status(small_disk / "v", StringClock()).failed_attempts == 1
    vault = reopen(small_disk / "v")
    with vault.ingest() as batch:
        batch.add(io.BytesIO(b"no room"))
        with pytest.raises(VaultDiskFull):
            batch.flush()
    assert not vault.containers()
    vault.lock()


def test_a_read_only_file_system_is_said(small_disk: Path) -> None:
    """A vault on a read-only file system is refused as such, by name of the folder."""
    new_vault(small_disk / "v").lock()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(VaultReadOnly) as caught:
        reopen(small_disk / "v")
    assert caught.value.path == str(small_disk / "v")
    with pytest.raises(VaultReadOnly):
        new_vault(small_disk / "w")
