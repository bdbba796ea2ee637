"""What the reviewer's keys sign at certifying: quantum-safe, found again in the export, of one person."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from reports.certification import CERTIFICATES, CERTIFICATION, PREDICATE_TYPE, attest, read
from reports.dsse import StatementRefused, _canonical, read_envelope
from reports.trust import fingerprint
from reports.verifying import verify_export
from tests.helpers.signing_office import SIGNED, Office, certified_files, found_office, write_export
from workstation.core.signatures import IssuedIdentity
from workstation.core.verifications import ExportVerification

DATA = b'{"case": "CASE-TEST"}\n'


def _verdicts(
    verifier: ModuleType, office: Office, folder: Path
) -> tuple[ExportVerification, list[tuple[str, str, str, str]]]:
    roots = {fingerprint(der) for der in office.authority.roots_der}
    alone = verifier.Verification(str(folder), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    alone.run([])
    return verify_export(folder, office.trust, at=SIGNED), alone.problems


def _exported(office: Office, signed: bytes, folder: Path, files: Mapping[str, bytes]) -> Path:
    """An export the officer signed with these files in place of the right ones."""
    named = {name.replace(".", "__"): content for name, content in files.items()}
    return write_export(office, folder, report=signed, certified=False, **named)


def test_the_reviewer_signs_with_a_quantum_safe_key_too(
    office: Office, genuine: Path, verifier: ModuleType
) -> None:
    """Both verifiers find P-384 and ML-DSA-87 of the reviewer over the revision that was certified."""
    ours, theirs = _verdicts(verifier, office, genuine)
    assert (ours.problems, theirs) == ((), [])
    rows = [row for row in ours.signatures if row.where == CERTIFICATION]
    assert [(row.person_id, row.algorithm) for row in rows] == [
        ("PER-REVIEWER", "ecdsa-p384-sha384"),
        ("PER-REVIEWER", "ml-dsa-87"),
    ]


def _by(office: Office, who: IssuedIdentity, report: bytes, data: bytes = DATA) -> dict[str, bytes]:
    with office.sign_as(who) as signer:
        return attest(report, {"determination.json": data}, signer=signer, at=SIGNED)


def test_what_was_certified_must_be_what_left(
    office: Office, signed: bytes, tmp_path: Path, verifier: ModuleType
) -> None:
    """Another document, other data, or nothing of a document at all: both verifiers refuse and name it."""
    right = certified_files(office, signed, DATA)
    cases = {
        "another": _by(office, office.reviewer, b"%PDF-1.7 another"),
        "longer": _by(office, office.reviewer, signed + b"more"),
        "data": certified_files(office, signed, b"{}"),
        "rubbish": {**right, CERTIFICATION: b"{}"},
        "cut": {**right, CERTIFICATION: right[CERTIFICATION][:-1]},
    }
    for name, files in cases.items():
        folder = _exported(office, signed, tmp_path / name, files)
        ours, theirs = _verdicts(verifier, office, folder)
        wanted = "EXP-106" if name in {"rubbish", "cut"} else "EXP-132"
        assert (wanted, CERTIFICATION) in {(one.code, one.path) for one in ours.problems}, name
        assert (wanted, CERTIFICATION) in {(code, path) for _weight, code, path, _detail in theirs}, name


def test_a_stranger_s_certification_is_refused(
    office: Office, signed: bytes, tmp_path: Path, verifier: ModuleType
) -> None:
    """Of another office, or with one of the two kinds of key left out, both verifiers refuse."""
    stranger = found_office(name="Elsewhere").reviewer
    cases = {"stranger": (certified_files_by(office, stranger, signed), "EXP-109")}
    right = certified_files(office, signed, DATA)
    other = found_office(name="Third")
    cases["no-certificates"] = (
        {**right, CERTIFICATES: certified_files(other, signed, DATA)[CERTIFICATES]},
        "EXP-109",
    )
    for name, (files, code) in cases.items():
        folder = _exported(office, signed, tmp_path / name, files)
        ours, theirs = _verdicts(verifier, office, folder)
        assert (code, CERTIFICATION) in {(one.code, one.path) for one in ours.problems}, name
        assert (code, CERTIFICATION) in {(found, path) for _weight, found, path, _detail in theirs}, name


def certified_files_by(office: Office, who: IssuedIdentity, report: bytes) -> dict[str, bytes]:
    """As ``certified_files``, by somebody else."""
    return certified_files(replace(office, reviewer=who), report, DATA)


def test_the_officer_cannot_certify_in_the_reviewer_s_place(
    office: Office, signed: bytes, tmp_path: Path
) -> None:
    """The statement must be of the one whose signature certifies the document."""
    files = certified_files_by(office, office.officer, signed)
    folder = _exported(office, signed, tmp_path / "export", files)
    answer = verify_export(folder, office.trust, at=SIGNED)
    assert [(one.code, one.detail) for one in answer.problems] == [
        ("EXP-132", "signed by somebody else than the document")
    ]


def test_a_removed_or_exchanged_certification_is_named(
    office: Office, genuine: Path, other: Path, tmp_path: Path, verifier: ModuleType
) -> None:
    """Taken out of the folder, or put in from another export, it is named by both."""
    for name in (CERTIFICATION, CERTIFICATES):
        folder = tmp_path / f"without-{name}"
        shutil.copytree(genuine, folder)
        (folder / name).unlink()
        ours, theirs = _verdicts(verifier, office, folder)
        assert ("EXP-102", name) in {(one.code, one.path) for one in ours.problems}
        assert ("EXP-102", name) in {(code, path) for _weight, code, path, _detail in theirs}
    folder = tmp_path / "exchanged"
    shutil.copytree(genuine, folder)
    shutil.copy(other / CERTIFICATION, folder / CERTIFICATION)
    ours, theirs = _verdicts(verifier, office, folder)
    assert ("EXP-101", CERTIFICATION) in {(one.code, one.path) for one in ours.problems}
    assert ("EXP-101", CERTIFICATION) in {(code, path) for _weight, code, path, _detail in theirs}


@pytest.mark.parametrize("change", [b'"certifiedBytes":true', b'"certifiedBytes":0', b'"certifiedBytes":-1'])
def test_sizes_that_are_none_are_refused(change: bytes) -> None:
    """A truth value, nothing and less than nothing are not sizes."""
    office = found_office()
    files = _by(office, office.reviewer, b"%PDF")
    envelope = read_envelope(files[CERTIFICATION], predicate_type=PREDICATE_TYPE)
    payload = re.sub(rb'"certifiedBytes":4', change, envelope.payload)
    assert payload != envelope.payload
    with pytest.raises(StatementRefused):
        read(_canonical(payload, []))
