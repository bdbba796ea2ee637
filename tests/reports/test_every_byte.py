"""One changed byte anywhere in an export: both verifiers refuse it and name the very file."""

import functools
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reports import certification, verifying
from reports.trust import fingerprint
from reports.verifying import verify_export
from tests.helpers.signing_office import SIGNED, Office

SAMPLED, DENSE_STEP = 90, 101


@pytest.fixture
def export(genuine: Path, tmp_path: Path) -> Path:
    """A copy to damage, byte by byte."""
    folder = tmp_path / "export"
    shutil.copytree(genuine, folder)
    return folder


def _refused_and_named(
    verifier: ModuleType, office: Office, export: Path, name: str, offset: int, bit: int
) -> None:
    file = export / name
    with file.open("r+b") as stream:
        stream.seek(offset)
        (was,) = stream.read(1)
        stream.seek(offset)
        stream.write(bytes((was ^ 1 << bit,)))
    try:
        ours = verify_export(export, office.trust, at=SIGNED)
        roots = {fingerprint(der) for der in office.authority.roots_der}
        theirs = verifier.Verification(str(export), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
        theirs.run([])
        assert ours.outcome.value == theirs.outcome == "reject", (name, offset, bit)
        assert name in {one.path.partition("#")[0] for one in ours.problems}, (
            name,
            offset,
            bit,
            ours.problems,
        )
        assert name in {one[2] for one in theirs.problems}, (name, offset, bit, theirs.problems)
    finally:
        with file.open("r+b") as stream:
            stream.seek(offset)
            stream.write(bytes((was,)))


def _offsets(export: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(path for path in export.rglob("*") if path.is_file()):
        for offset in range(file.stat().st_size):
            yield file.relative_to(export).as_posix(), offset


def _remember(verifier: ModuleType, patch: pytest.MonkeyPatch) -> None:
    """Whatever the damage left alone is proved once: functions of their arguments alone."""
    patch.setattr(verifier, "verify_with", functools.cache(verifier.verify_with))
    patch.setattr(verifying, "verify_pdf", functools.cache(verifying.verify_pdf))
    patch.setattr(verifying, "check_manifest_signature", _first(verifying.check_manifest_signature))
    patch.setattr(certification, "check", _first(certification.check))


def _first(check):  # noqa: ANN001, ANN202 - any of these functions
    known: dict[tuple[object, ...], object] = {}

    def asked(*data: object, **named: object) -> object:
        plain = tuple(one for one in (*data, *named.values()) if isinstance(one, bytes | str))
        signers = frozenset(named["signer_keys"]) if "signer_keys" in named else frozenset()  # type: ignore[call-overload]  # a set of key ids
        key = (*plain, signers)
        if key not in known:
            known[key] = check(*data, **named)
        return known[key]

    return asked


def test_sampled_bytes_of_every_file_are_covered(
    verifier: ModuleType, office: Office, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first and last byte of each file and others drawn by lot, one bit of each turned."""
    _remember(verifier, monkeypatch)
    rng = random.Random("every byte")  # noqa: S311 - test inputs
    every: dict[str, list[int]] = {}
    for name, offset in _offsets(export):
        every.setdefault(name, []).append(offset)
    chosen = [(name, at) for name, all_of in every.items() for at in (all_of[0], all_of[-1])]
    while len(chosen) < SAMPLED:
        name = rng.choice(sorted(every))
        chosen.append((name, rng.choice(every[name])))
    for name, offset in chosen:
        _refused_and_named(verifier, office, export, name, offset, rng.randrange(8))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_bytes_all_over_the_export_are_covered(
    verifier: ModuleType, office: Office, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte of what is small and signs, every 101st of the rest, a bit of each turned."""
    _remember(verifier, monkeypatch)
    small = {"COMPLETE", "SHA384SUMS", "determination.json"}
    for number, (name, offset) in enumerate(_offsets(export)):
        if name in small or number % DENSE_STEP == 0:
            _refused_and_named(verifier, office, export, name, offset, number % 8)
