"""Sealed exports open for their recipients and for nobody else, with a script that shares no code with us."""

import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import resources
from reports.sealing import HpkeSealer
from workstation.core.media import OutgoingFile, outgoing_bytes
from workstation.core.release_control import RecipientKeyInvalid
from workstation.core.sealing import OPENING_NAME, SEALED_NAME

SCRIPT = Path(resources.__file__).parent / "verify" / "open_sealed.py"
SEALER = HpkeSealer()
BIG = bytes(range(256)) * 4_096 * 3 + b"end"
FILES = {"report.pdf": BIG, "more/empty": b"", "SHA384SUMS": b"x  y\n", "exact": b"z" * 512}


def outgoing(files: dict[str, bytes]) -> list[OutgoingFile]:
    """Files as a release hands them over."""
    return [outgoing_bytes(name, content) for name, content in files.items()]


def public_pem(key: mlkem.MLKEM1024PrivateKey) -> bytes:
    """What a recipient gives to the office."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def written(keys: Sequence[mlkem.MLKEM1024PrivateKey], folder: Path, files: dict[str, bytes]) -> Path:
    """Seal to these keys, write what goes on the medium, and each private key beside it."""
    raw = [SEALER.read_key(public_pem(key)) for key in keys]
    for file in SEALER.seal(outgoing(files), raw, export_id="EXPORT-7"):
        content = b"".join(file.pieces())
        assert len(content) == file.size_bytes
        (folder / file.name).write_bytes(content)
    for number, key in enumerate(keys):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"key{number}.pem").write_bytes(pem)
    return folder / SEALED_NAME


def opened(sealed: Path, key: Path) -> tuple[int, str, dict[str, bytes] | None]:
    """Exit status, what was said, and the files that came out."""
    into = sealed.parent / "out"
    words = [sys.executable, "-I", str(SCRIPT), "open", str(sealed), "--key", str(key), "--into", str(into)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    found = None
    if into.exists():
        found = {str(p.relative_to(into)): p.read_bytes() for p in into.rglob("*") if p.is_file()}
    assert not into.with_name("out.opening").exists()
    return done.returncode, done.stdout + done.stderr, found


@pytest.fixture(scope="module")
def keys() -> list[mlkem.MLKEM1024PrivateKey]:
    """Two recipients and a stranger."""
    return [mlkem.MLKEM1024PrivateKey.generate() for _ in range(3)]


def test_each_recipient_opens_it_and_a_stranger_does_not(
    keys: list[mlkem.MLKEM1024PrivateKey], tmp_path: Path
) -> None:
    """Both recipients get every byte back; a key it was not sealed to is refused by its fingerprint."""
    sealed = written(keys[:2], tmp_path, FILES)
    (tmp_path / "key2.pem").write_bytes(
        keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    status, told, found = opened(sealed, tmp_path / "key2.pem")
    assert (status, found) == (2, None)
    assert SEALER.fingerprint(SEALER.read_key(public_pem(keys[2]))) in told
    for name in ("key0.pem", "key1.pem"):
        status, _told, found = opened(sealed, tmp_path / name)
        assert (status, found) == (0, FILES)
        for path in sorted((tmp_path / "out").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def test_nothing_of_the_content_is_readable_on_the_medium(
    keys: list[mlkem.MLKEM1024PrivateKey], tmp_path: Path
) -> None:
    """Neither a file's bytes nor its name stands in what goes on the medium; the note names only keys."""
    sealed = written(keys[:1], tmp_path, {"secret-name.pdf": b"SECRET CONTENT" * 100})
    for name in (SEALED_NAME, OPENING_NAME):
        content = (sealed.parent / name).read_bytes()
        assert b"SECRET CONTENT" not in content
        assert b"secret-name" not in content
    assert SEALER.fingerprint(SEALER.read_key(public_pem(keys[0]))) in (tmp_path / OPENING_NAME).read_text()


@pytest.mark.parametrize(
    ("what", "place"),
    [("version", 7), ("header", 60), ("box of the key", 400), ("first piece", 2_000), ("last byte", -1)],
)
def test_a_changed_byte_is_refused_and_leaves_nothing(
    keys: list[mlkem.MLKEM1024PrivateKey], tmp_path: Path, what: str, place: int
) -> None:
    """Wherever one byte is changed, nothing comes out."""
    sealed = written(keys[:1], tmp_path, FILES)
    content = bytearray(sealed.read_bytes())
    content[place] ^= 1
    sealed.write_bytes(content)
    status, told, found = opened(sealed, tmp_path / "key0.pem")
    assert (status, found) == (2, None), what
    assert told.startswith("Refused: ")


def test_cut_extended_and_reordered_pieces_are_refused(
    keys: list[mlkem.MLKEM1024PrivateKey], tmp_path: Path
) -> None:
    """Pieces that are missing, added or exchanged are noticed, each before anything is kept."""
    sealed = written(keys[:1], tmp_path, FILES)
    whole = sealed.read_bytes()
    begin = 12 + int.from_bytes(whole[8:12], "big")
    piece = (1 << 20) + 16
    first, second = whole[begin : begin + piece], whole[begin + piece : begin + 2 * piece]
    rest = whole[begin + 2 * piece :]
    for spoiled in (
        whole[:-1],
        whole[: begin + piece],
        whole + b"x",
        whole[:begin] + second + first + rest,
        whole[:begin] + first + first + rest,
    ):
        sealed.write_bytes(spoiled)
        assert opened(sealed, tmp_path / "key0.pem")[::2] == (2, None)


def test_what_would_grow_on_the_way_out_is_refused(
    keys: list[mlkem.MLKEM1024PrivateKey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the public key can seal: a file of holes, a terabyte from a kilobyte, is no plain file."""
    entry = tarfile.TarInfo("report.pdf")
    entry.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,0"}
    hole = entry.tobuf(tarfile.PAX_FORMAT) + b"\0" * 1024
    monkeypatch.setattr("reports.sealing._archive", lambda _files: iter((hole,)))
    monkeypatch.setattr("reports.sealing._tar_bytes", lambda _size: len(hole) - 1024)
    sealed = written(keys[:1], tmp_path, {"report.pdf": b""})
    status, said, found = opened(sealed, tmp_path / "key0.pem")
    assert (status, found) == (2, None)
    assert "is no plain file" in said


def test_a_content_key_is_never_used_twice(keys: list[mlkem.MLKEM1024PrivateKey]) -> None:
    """The same files sealed twice share no piece: each sealing has a key of its own."""
    raw = [SEALER.read_key(public_pem(keys[0]))]
    one, two = (b"".join(SEALER.seal(outgoing(FILES), raw, export_id="E")[0].pieces()) for _ in range(2))
    begin = 12 + int.from_bytes(one[8:12], "big")
    assert one[begin : begin + 4_096] != two[begin : begin + 4_096]


def test_only_a_public_key_of_the_right_kind_is_taken(keys: list[mlkem.MLKEM1024PrivateKey]) -> None:
    """Another algorithm, a smaller ML-KEM, a private key and noise are no recipient's key."""
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    small = mlkem.MLKEM768PrivateKey.generate().public_key()
    private = keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (
        p384.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        small.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        private,
        b"",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ):
        with pytest.raises(RecipientKeyInvalid):
            SEALER.read_key(content)


@settings(max_examples=20)
@given(sizes=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=4))
def test_the_size_told_beforehand_is_the_size_written(sizes: list[int]) -> None:
    """What the preflight is told is what is written, to the byte."""
    key = mlkem.MLKEM1024PrivateKey.generate()
    files = [outgoing_bytes(f"f{number}", bytes(size)) for number, size in enumerate(sizes)]
    for file in SEALER.seal(files, [SEALER.read_key(public_pem(key))], export_id="E"):
        assert sum(len(piece) for piece in file.pieces()) == file.size_bytes


def test_a_recipient_makes_a_key_with_the_script(tmp_path: Path) -> None:
    """``new-key`` writes a protected private key and a public one that the office takes."""
    words = [sys.executable, "-I", str(SCRIPT), "new-key", str(tmp_path / "mine.pem")]
    done = subprocess.run(
        words, input="correct horse\ncorrect horse\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "ENCRYPTED" in (tmp_path / "mine.pem").read_text()
    assert (tmp_path / "mine.pem").stat().st_mode & 0o077 == 0
    raw = SEALER.read_key((tmp_path / "mine.pub.pem").read_bytes())
    assert SEALER.fingerprint(raw) in done.stdout
    again = subprocess.run(words, input="a\na\n", capture_output=True, text=True, check=False)
    assert again.returncode == 2
