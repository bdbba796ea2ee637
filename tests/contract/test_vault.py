"""What every vault promises, on disk and in memory alike."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.vault.pieces import path_of
from tests.helpers.memory_vault import MemoryVault
from tests.helpers.vault_folders import (
    LIGHT_COST,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    PERSON,
    new_vault,
    passphrase,
)
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.vault import PIECE_BYTES, ContainerKind, ObjectRef, Stored, Vault
from workstation.core.vault_errors import (
    CredentialsRefused,
    EpochUnknown,
    ObjectMissing,
    ObjectTampered,
    SourceSizeChanged,
    VaultLocked,
)

OTHER = "PER-EVE"
SIZES = (0, 1, 4_096, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 3 * PIECE_BYTES + 5)


@dataclass
class Harness:
    """A vault and the ways to do it harm."""

    vault: Vault
    flip: Callable[[ObjectRef], None]
    lose: Callable[[ObjectRef], None]
    rotate: Callable[[], None]


def _on_disk(folder: Path) -> Harness:
    vault = new_vault(folder / "vault")
    vault.add_slot(
        person_id=OTHER, login_name="eve", passphrase=passphrase(OTHER_PASSPHRASE), cost=LIGHT_COST
    )

    def path(ref: ObjectRef) -> Path:
        return path_of(vault.root, ref.kind, ref.container_id)

    def flip(ref: ObjectRef) -> None:
        with path(ref).open("r+b") as file:
            file.seek(ref.offset + 12)
            byte = file.read(1)[0]
            file.seek(ref.offset + 12)
            file.write(bytes([byte ^ 1]))

    def rotate() -> None:
        people = len(vault.slots())
        vault.add_slot(person_id=f"PER-{people}", login_name="gone", passphrase=passphrase(), cost=LIGHT_COST)
        vault.remove_slot(f"PER-{people}")

    return Harness(vault, flip, lambda ref: path(ref).unlink(), rotate)


def _in_memory(folder: Path) -> Harness:
    vault = MemoryVault(person_id=PERSON, passphrase=PASSPHRASE)
    vault.people[OTHER] = OTHER_PASSPHRASE

    def flip(ref: ObjectRef) -> None:
        objects = vault.kept[ref.container].objects
        content = bytearray(objects[ref.offset] or b"\x00")
        content[0] ^= 1
        objects[ref.offset] = bytes(content)

    def lose(ref: ObjectRef) -> None:
        del vault.kept[ref.container]

    return Harness(vault, flip, lose, vault.rotate)


@pytest.fixture(params=[_on_disk, _in_memory], ids=["disk", "memory"])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    """Both kinds."""
    made = request.param(tmp_path)
    yield made
    made.vault.lock()


@pytest.fixture
def vault(harness: Harness) -> Vault:
    """Just the vault."""
    return harness.vault


def store(vault: Vault, *contents: bytes) -> list[Stored]:
    """Sealed and durable."""
    with vault.ingest() as batch:
        stored = [batch.add([content]) for content in contents]
        batch.flush()
    return stored


@pytest.mark.parametrize("size_bytes", SIZES)
def test_what_goes_in_comes_out(vault: Vault, size_bytes: int) -> None:
    """An object of any size streams and reads back as it was stored, with its true digests."""
    content = os.urandom(size_bytes)
    with vault.ingest() as batch:
        stored = batch.add(
            io.BytesIO(content), expected_size=size_bytes, digests=("md5", "sha256", "sha384", "sha512")
        )
        batch.flush()
    assert stored.size_bytes == stored.ref.size_bytes == size_bytes
    assert stored.digests == {
        name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha256", "sha384", "sha512")
    }
    source = vault.open(stored.ref, untrusted_name="model.bin")
    assert b"".join(source.stream()) == content
    assert source.read_at(0, size_bytes + 10) == content
    assert (source.name, source.size_bytes) == ("model.bin", size_bytes)
    vault.verify(stored.ref, stored.digests["sha384"])
    source.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    size_bytes=st.one_of(st.integers(0, 300), st.integers(PIECE_BYTES - 3, 2 * PIECE_BYTES + 3)),
    chunk=st.one_of(st.integers(1, 50), st.integers(PIECE_BYTES - 2, PIECE_BYTES + 2)),
    reads=st.lists(
        st.tuples(st.integers(0, 2 * PIECE_BYTES + 9), st.integers(0, PIECE_BYTES + 9)), max_size=6
    ),
)
def test_any_read_is_the_slice(
    vault: Vault, size_bytes: int, chunk: int, reads: list[tuple[int, int]]
) -> None:
    """Whatever the chunks an object came in, a read at any place gives exactly that slice."""
    content = (b"0123456789abcdef-" * (size_bytes // 17 + 1))[:size_bytes]
    chunk = max(chunk, size_bytes // 2_000 + 1)
    with vault.ingest() as batch:
        chunks = (memoryview(content)[at : at + chunk] for at in range(0, size_bytes, chunk))
        stored = batch.add(chunks)
        batch.flush()
    source = vault.open(stored.ref)
    assert stored.digests["sha384"] == hashlib.sha384(content).hexdigest()
    for offset, size in reads:
        assert source.read_at(offset, size) == content[offset : offset + size]
    assert b"".join(source.stream()) == content
    source.close()
    vault.delete(stored.ref)


def test_a_reference_survives_as_text(vault: Vault) -> None:
    """A reference written to text and parsed again opens the same object."""
    stored = store(vault, b"content")[0]
    assert len(stored.ref.text) == 104
    assert vault.open(ObjectRef.parse(stored.ref.text)).read_at(0, 7) == b"content"


@pytest.mark.parametrize("size_bytes", [1, 5_000, PIECE_BYTES + 7])
def test_a_flipped_bit_is_refused(harness: Harness, size_bytes: int) -> None:
    """A stored object with one changed bit never yields its changed part, by any way of reading."""
    vault = harness.vault
    good, bad = store(vault, os.urandom(20), os.urandom(size_bytes))
    harness.flip(bad.ref)
    for read in (
        lambda: vault.open(bad.ref).read_at(0, 1),
        lambda: list(vault.open(bad.ref).stream()),
        lambda: vault.verify(bad.ref),
        lambda: vault.verify(bad.ref, bad.digests["sha384"]),
    ):
        with pytest.raises(ObjectTampered) as caught:
            read()
        assert caught.value.container == bad.ref.container
    vault.verify(good.ref, good.digests["sha384"])


def test_a_lost_container_is_named(harness: Harness) -> None:
    """An object whose container is gone is reported missing, with the container's name."""
    stored = store(harness.vault, os.urandom(PIECE_BYTES + 1))[0]
    harness.lose(stored.ref)
    for read in (lambda: harness.vault.open(stored.ref), lambda: harness.vault.verify(stored.ref)):
        with pytest.raises(ObjectMissing) as caught:
            read()
        assert caught.value.container == stored.ref.container


def test_another_digest_is_refused(vault: Vault) -> None:
    """An intact object is refused when a different SHA-384 is asked for."""
    stored = store(vault, b"content")[0]
    with pytest.raises(ObjectTampered):
        vault.verify(stored.ref, hashlib.sha384(b"other").hexdigest())


def test_one_objects_reference_does_not_open_another(vault: Vault) -> None:
    """A reference with the place of one object and the key of another is refused."""
    one, two = store(vault, b"first", b"other")
    mixed = replace(one.ref, wrapped_key=two.ref.wrapped_key)
    with pytest.raises(ObjectTampered):
        vault.open(mixed).read_at(0, 5)


def test_an_epoch_that_never_was_is_refused(vault: Vault) -> None:
    """A reference of an epoch the vault does not hold is refused by name of the epoch."""
    stored = store(vault, b"content")[0]
    for act in (lambda: vault.open(replace(stored.ref, epoch=9)).read_at(0, 1), lambda: vault.audit_key(9)):
        with pytest.raises(EpochUnknown):
            act()


def test_without_flush_nothing_is_kept(vault: Vault) -> None:
    """Leaving a batch without flushing leaves no container behind; what was flushed before stays."""
    with vault.ingest() as batch:
        kept = batch.add(io.BytesIO(b"kept"))
        batch.flush()
        batch.add(io.BytesIO(b"forgotten"))
        batch.add(io.BytesIO(os.urandom(PIECE_BYTES + 1)))
    vault.verify(kept.ref, kept.digests["sha384"])
    assert set(vault.containers()) == {kept.ref.container}


def test_a_source_that_fails_leaves_the_batch_usable(vault: Vault) -> None:
    """When a source breaks off, its object is forgotten and the ones before and after are stored."""

    def breaking(size_bytes: int) -> Iterator[bytes]:
        yield os.urandom(size_bytes)
        raise OSError(5, "the medium was pulled")

    with vault.ingest() as batch:
        before = batch.add(io.BytesIO(b"before"))
        for size_bytes in (10, PIECE_BYTES, 2 * PIECE_BYTES + 1):
            with pytest.raises(OSError, match="pulled"):
                batch.add(breaking(size_bytes))
        after = batch.add(io.BytesIO(b"after"))
        batch.flush()
    for stored in (before, after):
        vault.verify(stored.ref, stored.digests["sha384"])
    assert set(vault.containers()) == {before.ref.container, after.ref.container}


@pytest.mark.parametrize("actual", [0, 9, 11, PIECE_BYTES, 3 * PIECE_BYTES])
def test_a_source_of_another_size_is_refused(vault: Vault, actual: int) -> None:
    """A source that is longer or shorter than announced is refused and leaves nothing."""
    with vault.ingest() as batch:
        with pytest.raises(SourceSizeChanged) as caught:
            batch.add(io.BytesIO(bytes(actual)), expected_size=10, untrusted_name="weights")
        batch.flush()
    assert (caught.value.untrusted_name, caught.value.expected_bytes) == ("weights", 10)
    assert caught.value.read_bytes != 10
    assert all(name.startswith("p") for name in vault.containers())


def test_an_unknown_digest_is_a_defect(vault: Vault) -> None:
    """Asking for a digest nobody knows is refused before a byte is kept."""
    for size_bytes in (3, PIECE_BYTES + 1):
        with vault.ingest() as batch, pytest.raises(ValueError, match=r"sha13|unsupported hash"):
            batch.add(io.BytesIO(bytes(size_bytes)), digests=("sha13",))


def test_reads_out_of_bounds_are_refused(vault: Vault) -> None:
    """A negative place or a read above 64 MiB is a defect of the caller, said at once."""
    source = vault.open(store(vault, b"content")[0].ref)
    for offset, size_bytes in ((-1, 1), (0, -1), (0, (64 << 20) + 1)):
        with pytest.raises(ValueError, match="bounds"):
            source.read_at(offset, size_bytes)
    assert source.read_at(100, 5) == b""


def test_a_closed_reader_stays_closed(vault: Vault) -> None:
    """A reader that was closed reads no more."""
    (source := vault.open(store(vault, b"content")[0].ref)).close()
    with pytest.raises(ValueError, match="closed"):
        source.read_at(0, 1)


def test_deleted_objects_are_gone(vault: Vault) -> None:
    """A deleted object no longer reads, its neighbours do, and deleting twice is no error."""
    small, neighbour, large = store(vault, b"small", b"neighbour", os.urandom(PIECE_BYTES + 1))
    for stored in (small, large):
        vault.delete(stored.ref)
        vault.delete(stored.ref)
        with pytest.raises((ObjectMissing, ObjectTampered)):
            vault.verify(stored.ref)
    vault.verify(neighbour.ref, neighbour.digests["sha384"])
    assert large.ref.container not in vault.containers()


def test_a_sweep_removes_what_no_row_names(vault: Vault) -> None:
    """A sweep removes orphans, keeps what is named, and spares a batch still under way."""
    orphan, named = store(vault, os.urandom(PIECE_BYTES + 1), os.urandom(PIECE_BYTES + 2))
    assert {orphan.ref.kind, named.ref.kind} == {ContainerKind.OBJECT}
    with vault.ingest() as batch:
        under_way = [batch.add(io.BytesIO(os.urandom(size))) for size in (10, PIECE_BYTES + 1)]
        batch.flush()
        swept = vault.sweep(lambda: {named.ref.container})
        assert swept.containers == (orphan.ref.container,)
        assert swept.freed_bytes > PIECE_BYTES
    for stored in (named, *under_way):
        vault.verify(stored.ref, stored.digests["sha384"])
    swept = vault.sweep(lambda: {named.ref.container})
    assert set(swept.containers) == {stored.ref.container for stored in under_way}
    assert set(vault.containers()) == {named.ref.container}


def test_a_job_ticks_and_can_be_cancelled(vault: Vault) -> None:
    """Sealing reports bytes as they are done and stops at the next piece once cancelled."""
    seen: list[Progress] = []
    job = JobControl(seen.append)
    with vault.ingest(job, stage="intake.store", total_bytes=10) as batch:
        batch.add(io.BytesIO(b"x" * 10), untrusted_name="notes.txt")
        job.cancel()
        with pytest.raises(JobCancelled):
            batch.add(io.BytesIO(b"y" * 10))
    assert seen == [
        Progress(stage="intake.store", done_bytes=10, total_bytes=10, untrusted_detail="notes.txt")
    ]
    assert not vault.containers()


def test_keys_are_many_and_stay_the_same(harness: Harness) -> None:
    """Derived keys differ from each other, and only the audit key changes with the epoch."""
    vault = harness.vault
    before = (vault.database_key(), vault.audit_key(), vault.search_key())
    assert [len(key) for key in before] == [32, 48, 32]
    assert len({key[:32] for key in before}) == 3
    stored, epoch = store(vault, b"content")[0], vault.epoch
    harness.rotate()
    assert vault.epoch == epoch + 1
    assert (vault.database_key(), vault.search_key()) == (before[0], before[2])
    assert vault.audit_key() != before[1]
    assert vault.audit_key(epoch) == before[1]
    vault.verify(stored.ref, stored.digests["sha384"])
    again = vault.rewrap(stored.ref)
    assert again.epoch == vault.epoch
    vault.verify(again, stored.digests["sha384"])


def test_what_is_sealed_for_a_person_needs_the_persons_passphrase(vault: Vault) -> None:
    """Another person's passphrase, another person's name or a changed blob opens no personal seal."""
    blob = vault.seal_personal(PERSON, passphrase(), b"a signing key")
    assert vault.unseal_personal(PERSON, passphrase(), blob) == bytearray(b"a signing key")
    with pytest.raises(CredentialsRefused):
        vault.unseal_personal(PERSON, passphrase(OTHER_PASSPHRASE), blob)
    with pytest.raises(CredentialsRefused):
        vault.unseal_personal("PER-NOBODY", passphrase(), blob)
    with pytest.raises(ObjectTampered):
        vault.unseal_personal(OTHER, passphrase(OTHER_PASSPHRASE), blob)
    with pytest.raises(ObjectTampered):
        vault.unseal_personal(PERSON, passphrase(), blob[:-1] + bytes([blob[-1] ^ 1]))


def test_a_locked_vault_gives_nothing(vault: Vault) -> None:
    """After locking every method refuses, readers already open included, and locking twice is no error."""
    stored = store(vault, os.urandom(2 * PIECE_BYTES))[0]
    reader = vault.open(stored.ref)
    assert reader.read_at(0, 1)
    stream = reader.stream()
    next(stream)
    vault.lock()
    vault.lock()
    for act in (
        lambda: vault.ingest().__enter__(),
        lambda: vault.open(stored.ref),
        lambda: vault.verify(stored.ref),
        lambda: vault.delete(stored.ref),
        vault.containers,
        lambda: vault.sweep(set),
        lambda: vault.rewrap(stored.ref),
        vault.database_key,
        vault.audit_key,
        vault.search_key,
        lambda: vault.seal_personal(PERSON, passphrase(), b""),
        lambda: vault.unseal_personal(PERSON, passphrase(), b""),
        lambda: reader.read_at(0, 1),
        lambda: next(stream),
    ):
        with pytest.raises(VaultLocked):
            act()


def test_locking_stops_a_batch_under_way(vault: Vault) -> None:
    """A batch in progress stops at its next piece when the vault is locked, and keeps nothing unflushed."""
    with vault.ingest() as batch:
        batch.add(io.BytesIO(b"before"))

        def locking() -> Iterator[bytes]:
            yield bytes(PIECE_BYTES)
            vault.lock()
            yield bytes(PIECE_BYTES)

        with pytest.raises(VaultLocked):
            batch.add(locking())
        with pytest.raises(VaultLocked):
            batch.flush()
