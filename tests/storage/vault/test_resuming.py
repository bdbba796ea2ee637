"""A large object whose sealing was cut short goes on where it was whole, whatever its source gives now."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.vault import OpenVault, resuming
from storage.vault.pieces import HEADER_BYTES, SEALED_PIECE_BYTES
from tests.helpers.children import ROOT
from tests.helpers.vault_folders import new_vault, reopen
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.vault import PIECE_BYTES, Stored
from workstation.core.vault_errors import VaultLocked

GROUP, NAME, PIECES = "PKG-1", "weights.bin", 11


def content(pieces: int = PIECES, tail: int = 77) -> bytes:
    """Pieces that all differ."""
    return b"".join(hashlib.shake_128(bytes([n])).digest(PIECE_BYTES) for n in range(pieces)) + b"t" * tail


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint every two pieces in place of every 32."""
    monkeypatch.setattr(resuming, "CHECKPOINT_BYTES", 2 * PIECE_BYTES)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[OpenVault]:
    """An empty one."""
    opened = new_vault(tmp_path / "v")
    yield opened
    opened.lock()


def pieces_of(whole: bytes) -> Iterator[bytes]:
    """As a medium gives them."""
    return (whole[at : at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES))


def breaking(whole: bytes, after: int, error: BaseException) -> Iterator[bytes]:
    """The first pieces, then an error."""
    for number, piece in enumerate(pieces_of(whole)):
        if number == after:
            raise error
        yield piece


def cut_short(vault: OpenVault, whole: bytes, after: int = 8, error: BaseException | None = None) -> None:
    """Begin to seal, and stop."""
    stop = error or JobCancelled()
    with pytest.raises(type(stop)), vault.ingest() as batch:
        batch.add(breaking(whole, after, stop), untrusted_name=NAME, group=GROUP)


def sealed_again(vault: OpenVault, whole: bytes, name: str = NAME, group: str = GROUP) -> tuple[Stored, int]:
    """Seal to the end; how many pieces were sealed for it."""
    sealed = 0
    seal_into = resuming.PieceCipher.seal_into

    def counted(*words: object, **more: object) -> None:
        nonlocal sealed
        sealed += 1
        seal_into(*words, **more)  # type: ignore[arg-type]  # passed on as it came

    with pytest.MonkeyPatch.context() as patch, vault.ingest() as batch:
        patch.setattr(resuming.PieceCipher, "seal_into", counted)
        stored = batch.add(pieces_of(whole), untrusted_name=name, group=group)
        batch.flush()
    assert stored.digests["sha384"] == hashlib.sha384(whole).hexdigest()
    vault.verify(stored.ref, stored.digests["sha384"])
    assert len(vault.containers()) == 1
    return stored, sealed


def again(vault: OpenVault, root: Path) -> OpenVault:
    """Locked and unlocked; what was begun for the package is spared."""
    vault.lock()
    opened = reopen(root)
    opened.sweep(set, {GROUP})
    return opened


def parts(root: Path) -> list[Path]:
    """Unfinished containers."""
    return list((root / "objects").glob("*.part"))


def test_what_is_whole_is_not_sealed_again(vault: OpenVault, tmp_path: Path) -> None:
    """After an interruption and a new unlock, only what lies behind the last checkpoint is sealed."""
    cut_short(vault, content(), after=9)
    vault = again(vault, tmp_path / "v")
    _stored, sealed = sealed_again(vault, content())
    assert sealed <= PIECES + 1 - 5
    vault.sweep(lambda: vault.containers().keys(), {GROUP})
    assert not list((tmp_path / "v" / "objects").glob("*.journal"))
    vault.lock()


def test_within_one_session_too(vault: OpenVault) -> None:
    """A job that was cancelled is taken up again without a new unlock."""
    cut_short(vault, content(), after=9)
    assert sealed_again(vault, content())[1] <= PIECES + 1 - 5


def test_locking_pauses(vault: OpenVault, tmp_path: Path) -> None:
    """A vault that is locked in the middle of a file goes on with it after the next unlock."""

    def source() -> Iterator[bytes]:
        for number, piece in enumerate(pieces_of(content())):
            if number == 9:
                vault.lock()
            yield piece

    with pytest.raises(VaultLocked), vault.ingest() as batch:
        batch.add(source(), untrusted_name=NAME, group=GROUP)
    assert sealed_again(again(vault, tmp_path / "v"), content())[1] <= PIECES + 1 - 5


@pytest.mark.parametrize("piece", [0, 3, 5])
def test_another_source_is_sealed_as_it_is_now(vault: OpenVault, tmp_path: Path, piece: int) -> None:
    """A source that changed meanwhile is sealed from the first changed piece on, as it was read."""
    cut_short(vault, content(), after=9)
    changed = bytearray(content())
    changed[piece * PIECE_BYTES + 7] ^= 1
    _stored, sealed = sealed_again(again(vault, tmp_path / "v"), bytes(changed))
    assert sealed == PIECES + 1 - piece


@pytest.mark.parametrize("size", [PIECE_BYTES + 5, 3 * PIECE_BYTES, 4 * PIECE_BYTES + 1])
def test_a_source_that_grew_shorter_is_sealed_as_it_is_now(
    vault: OpenVault, tmp_path: Path, size: int
) -> None:
    """A source that now ends within what was kept becomes an object of its new length."""
    cut_short(vault, content(), after=9)
    sealed_again(again(vault, tmp_path / "v"), content()[:size])


def flip(path: Path, place: int) -> None:
    """One bit."""
    with path.open("rb+") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def a_changed_piece(root: Path) -> None:
    """In the third sealed piece."""
    flip(parts(root)[0], HEADER_BYTES + 2 * SEALED_PIECE_BYTES + 100)


def a_changed_header(root: Path) -> None:
    """Of the container."""
    flip(parts(root)[0], 3)


def a_changed_journal(root: Path) -> None:
    """In what is sealed of it."""
    flip(next((root / "objects").glob("*.journal")), 40)


def a_shorter_part(root: Path) -> None:
    """Less than the journal says."""
    os.truncate(parts(root)[0], SEALED_PIECE_BYTES)


def no_part(root: Path) -> None:
    """A journal about nothing."""
    parts(root)[0].unlink()


@pytest.mark.parametrize(
    "damage", [a_changed_piece, a_changed_header, a_changed_journal, a_shorter_part, no_part]
)
def test_what_was_changed_meanwhile_is_not_used(
    vault: OpenVault, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """A changed, shortened or missing remainder is sealed anew, as far as it is not whole."""
    cut_short(vault, content(), after=9)
    vault.lock()
    damage(tmp_path / "v")
    opened = reopen(tmp_path / "v")
    opened.sweep(set, {GROUP})
    _stored, sealed = sealed_again(opened, content())
    assert sealed > PIECES + 1 - 5
    opened.lock()


def test_nobody_else_gets_what_was_begun(vault: OpenVault, tmp_path: Path) -> None:
    """Another name or another package begins anew, and what nobody awaits is swept."""
    cut_short(vault, content(), after=9)
    vault = again(vault, tmp_path / "v")
    with vault.ingest() as batch:
        batch.add(pieces_of(content()), untrusted_name="other.bin", group=GROUP)
        batch.add(pieces_of(content()), untrusted_name=NAME, group="PKG-2")
    assert len(parts(tmp_path / "v")) == 1
    vault.sweep(set, {"PKG-3"})
    assert not list((tmp_path / "v" / "objects").iterdir())
    vault.lock()


def test_the_name_of_a_file_is_not_in_its_journal(vault: OpenVault, tmp_path: Path) -> None:
    """The journal is sealed: neither the file's name nor its package can be read in it."""
    cut_short(vault, content(), after=9)
    (journal,) = (tmp_path / "v" / "objects").glob("*.journal")
    assert NAME.encode() not in journal.read_bytes()
    assert GROUP.encode() not in journal.read_bytes()


def test_killed_it_loses_at_most_one_stretch(tmp_path: Path) -> None:
    """After kill -9 in the middle of a file only what came since the last checkpoint is sealed again."""
    root = tmp_path / "v"
    new_vault(root).lock()
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from storage.vault import resuming
from tests.helpers.vault_folders import reopen
from tests.storage.vault import test_resuming as here
resuming.CHECKPOINT_BYTES = 2 << 20
def source():
    for number, piece in enumerate(here.pieces_of(here.content())):
        if number == 9:
            print("nine", flush=True)
            sys.stdin.read()
        yield piece
with reopen(Path({str(root)!r})).ingest() as batch:
    batch.add(source(), untrusted_name=here.NAME, group=here.GROUP)
"""
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "nine\n"
        child.send_signal(signal.SIGKILL)
    opened = reopen(root)
    opened.sweep(set, {GROUP})
    # Nine pieces were read and eight sealed; the last checkpoint is at six, of which five are written out.
    assert sealed_again(opened, content())[1] <= PIECES + 1 - 5
    opened.lock()


def test_an_object_that_no_row_named_is_gone_on_with(vault: OpenVault, tmp_path: Path) -> None:
    """A crash between the object's last rename and the commit costs no more than one in its middle."""
    with vault.ingest() as batch:
        batch.add(pieces_of(content()), untrusted_name=NAME, group=GROUP)
        batch.flush()
    vault = again(vault, tmp_path / "v")
    assert vault.containers()
    assert sealed_again(vault, content())[1] <= 4
    vault.lock()


def test_progress_goes_on_from_the_beginning(vault: OpenVault) -> None:
    """What is compared counts as done, so that a person sees the whole file."""
    cut_short(vault, content(), after=9)
    seen: list[Progress] = []
    with vault.ingest(JobControl(seen.append)) as batch:
        batch.add(pieces_of(content()), untrusted_name=NAME, group=GROUP)
    assert seen[0].done_bytes <= PIECE_BYTES
