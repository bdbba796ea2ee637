"""A sealed export is told as one to be opened first, by both verifiers alike."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem

from reports.manifest import COMPLETE, STATEMENT, looks_like_export
from reports.sealing import HpkeSealer
from reports.trust import fingerprint
from reports.verifying import verify_export
from tests.helpers.signing_office import SIGNED, Office
from tests.reports.test_sealing import outgoing, public_pem
from workstation.core.media import WrittenFile, completion_marker
from workstation.core.sealing import OPENING_NAME, SEALED_NAME
from workstation.core.verification_errors import StillSealed, require

Told = set[tuple[str, str, str]]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A sealed export as it lies on a medium, marker and all."""
    folder, sealer = tmp_path / "sealed", HpkeSealer()
    folder.mkdir()
    raw = sealer.read_key(public_pem(mlkem.MLKEM1024PrivateKey.generate()))
    written = []
    for file in sealer.seal(
        outgoing({"report.pdf": b"%PDF-", STATEMENT: b"{}"}), [raw], export_id="EXPORT-7"
    ):
        content = b"".join(file.pieces())
        (folder / file.name).write_bytes(content)
        digest = hashlib.sha384(content).hexdigest()
        written.append(WrittenFile(name=file.name, size_bytes=len(content), sha384=digest))
    (folder / COMPLETE).write_bytes(completion_marker(written))
    return folder


def told_by_both(verifier: ModuleType, office: Office, folder: Path) -> Told:
    """What both say of it: how heavy, which code, which file."""
    ours = verify_export(folder, office.trust, at=SIGNED)
    roots = {fingerprint(der) for der in office.authority.roots_der}
    theirs = verifier.Verification(
        str(folder), roots=roots, keys=set(), at=int(SIGNED.timestamp()), demo_allowed=False
    )
    assert theirs.run([]) == ours.outcome.value == "reject"
    said = {(one.severity.value, one.code, one.path) for one in ours.problems}
    assert said == {problem[:3] for problem in theirs.problems}
    return said


def test_a_sealed_export_is_to_be_opened_first(verifier: ModuleType, office: Office, sealed: Path) -> None:
    """Both say that it is sealed, with one code of its own, and call nothing missing or broken."""
    assert looks_like_export(sealed)
    assert told_by_both(verifier, office, sealed) == {("reject", "EXP-133", SEALED_NAME)}
    with pytest.raises(StillSealed):
        require(verify_export(sealed, office.trust, at=SIGNED))


_DAMAGE: list[tuple[Callable[[Path], object], tuple[str, str, str]]] = [
    (lambda folder: (folder / "more.txt").write_bytes(b"x"), ("reject", "EXP-103", "more.txt")),
    (lambda folder: (folder / OPENING_NAME).unlink(), ("reject", "EXP-102", OPENING_NAME)),
    (lambda folder: (folder / COMPLETE).unlink(), ("warn", "EXP-102", COMPLETE)),
    (lambda folder: (folder / COMPLETE).write_bytes(b"files 2\n"), ("reject", "EXP-101", COMPLETE)),
    (lambda folder: (folder / SEALED_NAME).write_bytes(b""), ("reject", "EXP-101", COMPLETE)),
    (lambda folder: (folder / "link").symlink_to(SEALED_NAME), ("reject", "EXP-104", "link")),
]


@pytest.mark.parametrize(("damage", "named"), _DAMAGE)
def test_what_is_odd_beside_it_is_named(
    verifier: ModuleType,
    office: Office,
    sealed: Path,
    damage: Callable[[Path], object],
    named: tuple[str, str, str],
) -> None:
    """A file nobody wrote, a missing one, a marker that does not fit: named by both, beside the seal."""
    damage(sealed)
    found = told_by_both(verifier, office, sealed)
    assert ("reject", "EXP-133", SEALED_NAME) in found
    assert named in found


def test_a_sealed_file_hides_no_broken_export(
    verifier: ModuleType, office: Office, genuine: Path, sealed: Path
) -> None:
    """Beside the files of an export a sealed file is one that nobody signed."""
    for path in genuine.iterdir():
        if path.is_file() and path.name != COMPLETE:
            (sealed / path.name).write_bytes(path.read_bytes())
    assert told_by_both(verifier, office, sealed) >= {
        ("reject", "EXP-103", SEALED_NAME),
        ("reject", "EXP-103", OPENING_NAME),
    }
