"""Passphrase rules, costs, self-test, single writer, digests: the small parts."""

import hashlib
import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.single_writer import SingleWriter, is_held
from storage.vault import FIPS_COST, calibrated_cost, costs, known_answers, require_strong
from storage.vault.header import parse
from storage.vault.header_values import HeaderDamaged
from storage.vault.ingest import Filler
from storage.vault.lane import Digests, HashingLane
from storage.vault.passphrases import MIN_CHARACTERS
from tests.helpers.children import ROOT, run_python
from workstation.core.vault import PIECE_BYTES, Argon2idCost, ContainerKind, Cost, ObjectRef, Pbkdf2Cost
from workstation.core.vault_errors import (
    KnownAnswerFailed,
    MemoryTooSmall,
    PassphraseTooWeak,
    ReferenceDamaged,
    VaultFormatNewer,
    VaultInUse,
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"", "length"),
        (b"fourteen chars", "length"),
        ("ä".encode() * 14, "length"),
        (b"aaaaaaaaaaaaaaaaaaaa", "variety"),
        (b"abababababababababab", "variety"),
        (b"1234567890123456789", "sequence"),
        (b"0987654321098765432", "sequence"),
        (b"qwertyuiopasdfghjkl", "sequence"),
        (b"ABCDEFGHIJKLMNOPQRST", "sequence"),
        (b"eleanor.rigby eleanor.rigby", "login"),
        (b"Eleanor.Rigby1!", "login"),
        (b"\xff\xfe not utf-8 at all", "encoding"),
        (b"cut in the middle of \xc3", "encoding"),
        (b"x" * 1_025, "too-long"),
    ],
)
def test_a_weak_passphrase_breaks_a_named_rule(text: bytes, rule: str) -> None:
    """Each kind of weak passphrase is refused by the name of its rule."""
    with pytest.raises(PassphraseTooWeak) as caught:
        require_strong(bytearray(text), "eleanor.rigby")
    assert caught.value.facts == {"rule": rule, "minimum_characters": MIN_CHARACTERS}


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "nur kleine buchstaben",
        "gut, daß Räuber ruhen",
        "四月 桜 静か 朝 光 川 山 海 風",
        "eleanor.rigby keeps the ledger",
    ],
)
def test_a_long_sentence_is_enough(text: str) -> None:
    """Any long sentence is taken, in any script, without capitals, digits or signs."""
    passphrase = bytearray(text.encode())
    require_strong(passphrase, "eleanor.rigby")
    assert passphrase == text.encode()


def timer(*seconds: float) -> Iterator[float]:
    """A stopwatch that shows these lengths, one after the other."""
    return itertools.accumulate(itertools.chain.from_iterable((1.0, s) for s in seconds))


@pytest.mark.parametrize(
    ("seconds", "bound", "expected"),
    [
        ((0.2, 0.2), True, Argon2idCost(memory_kib=262_144, passes=4, lanes=4)),
        ((0.2, 0.2), False, Argon2idCost(memory_kib=262_144, passes=7, lanes=4)),
        ((0.001, 0.001), True, Argon2idCost(memory_kib=262_144, passes=16, lanes=4)),
        ((9.0, 0.2), True, Argon2idCost(memory_kib=262_144, passes=4, lanes=4)),
        ((0.9, 0.9), True, Argon2idCost(memory_kib=262_144, passes=3, lanes=4)),
        ((4.0, 4.0, 2.0, 2.0, 1.0, 1.0), True, Argon2idCost(memory_kib=65_536, passes=3, lanes=4)),
        ((9.0,) * 6, True, Argon2idCost(memory_kib=65_536, passes=3, lanes=4)),
    ],
)
def test_calibration_aims_at_the_target(
    monkeypatch: pytest.MonkeyPatch, seconds: tuple[float, ...], bound: bool, expected: Cost
) -> None:
    """The cost fits the machine, is doubled without a device secret, and never falls below the floor."""
    monkeypatch.setattr(costs, "stretch", lambda *_: bytearray())
    clock = timer(*seconds)
    found = calibrated_cost(device_bound=bound, fips=False, timer=lambda: next(clock))
    assert found == expected
    costs.require_cost(found, costs.Profile.REAL)


def test_calibration_in_fips_mode_uses_pbkdf2(monkeypatch: pytest.MonkeyPatch) -> None:
    """In FIPS mode the derivation is PBKDF2 with at least a million rounds."""
    monkeypatch.setattr(costs, "stretch", lambda *_: bytearray())
    for seconds, iterations in ((0.35, 2_000_000), (9.0, 1_000_000)):
        clock = timer(seconds, seconds)
        found = calibrated_cost(device_bound=True, fips=True, timer=lambda clock=clock: next(clock))
        assert isinstance(found, Pbkdf2Cost)
        assert abs(found.iterations - iterations) <= 1
    assert FIPS_COST.iterations == 1_000_000


def test_calibration_takes_less_memory_where_there_is_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 256 MiB cannot be had, half is tried, down to the floor, and below it that is said."""
    limit_kib = 128 * 1024

    def stretch(_text: bytearray, _salt: bytes, cost: Argon2idCost) -> bytearray:
        if cost.memory_kib > limit_kib:
            raise MemoryTooSmall(needed_bytes=cost.memory_kib * 1024)
        return bytearray()

    monkeypatch.setattr(costs, "stretch", stretch)
    clock = itertools.count(0.0, 0.2)
    found = calibrated_cost(device_bound=True, fips=False, timer=lambda: next(clock))
    assert isinstance(found, Argon2idCost)
    assert found.memory_kib == limit_kib
    limit_kib = 1
    with pytest.raises(MemoryTooSmall):
        calibrated_cost(device_bound=True, fips=False, timer=lambda: next(clock))


def test_the_self_test_passes() -> None:
    """Every primitive gives its known answer here."""
    known_answers.require_known_answers()
    assert len(known_answers.TESTS) == 9


@pytest.mark.parametrize(
    ("name", "primitive"),
    [
        ("AESGCM", "AES-256-GCM"),
        ("aes_key_wrap", "AES-KW"),
        ("aes_key_unwrap", "AES-KW"),
        ("HKDF", "HKDF-SHA384"),
        ("Argon2id", "Argon2id"),
        ("PBKDF2HMAC", "PBKDF2-SHA384"),
        ("MLKEM1024PrivateKey", "ML-KEM-1024"),
        ("MLDSA87PrivateKey", "ML-DSA-87"),
        ("ec", "ECDSA P-384"),
        ("hashlib", "SHA-384"),
    ],
)
def test_a_missing_primitive_stops_the_program(
    monkeypatch: pytest.MonkeyPatch, name: str, primitive: str
) -> None:
    """A primitive the library does not have fails the self-test by its name."""
    monkeypatch.setattr(known_answers, name, None)
    with pytest.raises(KnownAnswerFailed) as caught:
        known_answers.require_known_answers()
    assert caught.value.primitive == primitive


def test_a_wrong_answer_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cipher that decrypts anything, a verifier that accepts anything and a wrong hash are all noticed."""

    class Careless:
        """Wraps the real cipher and swallows wrong tags."""

        def __init__(self, key: bytes) -> None:
            self._real = real(key)

        def encrypt(self, *arguments: bytes) -> bytes:
            return self._real.encrypt(*arguments)

        def decrypt_into(self, *arguments: bytes) -> int:
            return self._real.decrypt_into(*arguments)

        def decrypt(self, *_: bytes) -> bytes:
            return b""

    real = known_answers.AESGCM
    monkeypatch.setattr(known_answers, "AESGCM", Careless)
    with pytest.raises(KnownAnswerFailed) as caught:
        known_answers.require_known_answers()
    assert caught.value.primitive == "AES-256-GCM"


def test_the_lock_falls_with_the_process(tmp_path: Path) -> None:
    """A process that ends without releasing, however it ends, leaves no lock."""
    path = tmp_path / "lock"
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from storage.single_writer import SingleWriter\n"
        f"SingleWriter(Path({str(path)!r}))\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "held\n"
    assert is_held(path)
    with pytest.raises(VaultInUse) as caught:
        SingleWriter(path)
    assert caught.value.pid == child.pid
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    assert not is_held(path)
    SingleWriter(path).release()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"pid":"x","host":1}', b"[" * 5_000])
def test_a_strange_lock_file_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    """Whatever the lock file says, only the lock counts; unreadable facts are told as none."""
    path = tmp_path / "lock"
    holder = SingleWriter(path)
    path.write_bytes(content)
    with pytest.raises(VaultInUse) as caught:
        SingleWriter(path)
    assert caught.value.facts == {"pid": 0, "host": ""}
    holder.release()
    holder.release()
    SingleWriter(path).release()


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    """A child started by exec does not inherit the lock."""
    holder = SingleWriter(tmp_path / "lock")
    with subprocess.Popen(["sleep", "30"]) as child:
        holder.release()
        SingleWriter(tmp_path / "lock").release()
        child.kill()


def test_storage_imports_in_any_order() -> None:
    """The single writer and the vault can each be imported first."""
    for first in ("storage.single_writer", "storage.vault", "storage.vault.keys", "workstation.core.vault"):
        run_python(f"import {first}")


@given(st.binary(max_size=4_000), st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_a_filler_cuts_any_chunks_into_full_pieces(content: bytes, sizes: list[int]) -> None:
    """However the chunks fall, pieces are full until the last, and nothing is lost or repeated."""
    chunks, at = [], 0
    for size in itertools.cycle(sizes):
        if at >= len(content):
            break
        chunks += [content[at : at + size], b""]
        at += size
    for source in (chunks, io.BytesIO(content), map(bytearray, chunks)):
        filler, buffer, parts = Filler(source), memoryview(bytearray(512)), []
        while size := filler.fill(buffer):
            parts.append(bytes(buffer[:size]))
        assert b"".join(parts) == content
        assert all(len(part) == 512 for part in parts[:-1])


def test_digests_agree_with_the_standard_library() -> None:
    """The lane's digests over many pieces are those of the whole, whatever the mix of sizes."""
    content = os.urandom(12 * PIECE_BYTES + 5)
    lane = HashingLane()
    digests = Digests(("sha256", "md5"), lane)
    at = 0
    for size in itertools.cycle((PIECE_BYTES, 100, PIECE_BYTES // 2)):
        part = content[at : at + size]
        if not part:
            break
        buffer = lane.take()
        buffer[: len(part)] = part
        digests.update(buffer, len(part))
        at += size
    assert digests.result() == {
        name: hashlib.new(name, content).hexdigest() for name in ("sha384", "sha256", "md5")
    }
    lane.close()


def test_the_lane_wipes_what_it_held() -> None:
    """After closing, the buffers hold no plaintext."""
    lane = HashingLane()
    digests = Digests((), lane)
    buffers = []
    for _ in range(20):
        buffer = lane.take()
        buffers.append(buffer)
        buffer[:] = b"p" * PIECE_BYTES
        digests.update(buffer, PIECE_BYTES)
    lane.close()
    assert not any(any(buffer) for buffer in buffers)


refs = st.builds(
    ObjectRef,
    kind=st.sampled_from(ContainerKind),
    container_id=st.binary(min_size=16, max_size=16),
    offset=st.integers(0, 2**64 - 1),
    size_bytes=st.integers(0, 2**64 - 1),
    epoch=st.integers(0, 2**32 - 1),
    wrapped_key=st.binary(min_size=40, max_size=40),
)


@given(refs)
def test_references_survive_as_text(ref: ObjectRef) -> None:
    """Any reference parses back to itself."""
    assert ObjectRef.parse(ref.text) == ref


@given(refs, st.integers(0, 103), st.characters())
def test_another_spelling_is_no_reference(ref: ObjectRef, at: int, other: str) -> None:
    """A text that parses is exactly the text of what it parses to."""
    text = ref.text[:at] + other + ref.text[at + 1 :]
    with suppress(ReferenceDamaged):
        assert ObjectRef.parse(text).text == text


@given(st.text(max_size=200))
def test_any_other_text_is_no_reference(text: str) -> None:
    """Text that is not a reference is refused, never a crash."""
    with pytest.raises(ReferenceDamaged):
        ObjectRef.parse(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_damaged_header(content: bytes) -> None:
    """Bytes that are not a header are damaged or newer, never a crash."""
    with pytest.raises((HeaderDamaged, VaultFormatNewer)):
        parse(content)
