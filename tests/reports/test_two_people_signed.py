"""What one person alone can make with keys of the office is no export: two sign what leaves."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

from reports import bundle, signing
from reports.certification import CERTIFICATION
from reports.trust import fingerprint
from reports.verifying import verify_export
from tests.helpers.signing_office import (
    SIGNED,
    Office,
    certified_files,
    complete,
    document,
    signed_document,
    write_export,
)
from workstation.core.signatures import IssuedIdentity

DATA = b'{"case": "CASE-TEST"}\n'


def _codes(verifier: ModuleType, office: Office, folder: Path) -> tuple[set[tuple[str, str]], ...]:
    roots = {fingerprint(der) for der in office.authority.roots_der}
    alone = verifier.Verification(str(folder), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    alone.run([])
    ours = verify_export(folder, office.trust, at=SIGNED)
    return (
        {(one.code, one.path) for one in ours.problems},
        {(code, path) for _weight, code, path, _detail in alone.problems},
    )


def _exported(
    office: Office, folder: Path, files: Mapping[str, bytes], *, by: IssuedIdentity, signed: tuple[str, ...]
) -> Path:
    with office.sign_as(by) as signer:
        made = bundle.compose(
            files,
            signers=[signer],
            predicate={"case": "CASE-TEST"},
            trust=office.trust,
            timestamper=office.clock(),
            at=SIGNED,
            signed_documents=signed,
        )
    folder.mkdir()
    for entry in made.entries:
        (folder / entry.name).write_bytes(bundle.open_content(entry.content).read())
    complete(folder)
    return folder


def test_an_export_whose_document_nobody_signed_is_refused(
    office: Office, tmp_path: Path, verifier: ModuleType
) -> None:
    """A statement by anybody of the office over an unsigned report is refused by both verifiers."""
    files = {"report.pdf": document("Nobody saw this"), "determination.json": DATA}
    folder = _exported(office, tmp_path / "export", files, by=office.reviewer, signed=())
    ours, alone = _codes(verifier, office, folder)
    assert ours == {("EXP-119", "export.dsse.json")}
    assert ("EXP-106", "export.dsse.json") in alone


@pytest.fixture
def by_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A report in which the reviewer signed as the officer as well, with tools that do not mind."""
    strangers = count()
    monkeypatch.setattr(signing, "person_of", lambda _certificate: (f"nobody {next(strangers)}", ""))
    return signed_document(replace(office, officer=office.reviewer))


def test_one_person_s_keys_make_no_export(
    office: Office, by_one: bytes, tmp_path: Path, verifier: ModuleType
) -> None:
    """Report, statement and certification of one and the same person are refused by both verifiers."""
    files = {"report.pdf": by_one, "determination.json": DATA}
    files |= certified_files(office, by_one, DATA)
    folder = _exported(office, tmp_path / "export", files, by=office.reviewer, signed=("report.pdf",))
    ours, alone = _codes(verifier, office, folder)
    assert ours == {("EXP-119", "report.pdf")}
    assert alone == {("EXP-132", CERTIFICATION)}


def test_an_officer_who_certified_the_report_releases_nothing(
    office: Office, by_one: bytes, tmp_path: Path
) -> None:
    """Whoever signed the statement may not be the only one who certified the document in it."""
    folder = tmp_path / "export"
    folder.mkdir()
    evil = replace(office, officer=office.reviewer)
    write_export(evil, folder, report=by_one, certified=False)
    answer = verify_export(folder, office.trust, at=SIGNED)
    assert {(one.code, one.detail) for one in answer.problems} == {("EXP-119", "of a second person")}
