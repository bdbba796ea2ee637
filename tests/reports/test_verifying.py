"""Verifying an export folder as a stranger would."""

import io
import json
import os
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from reports import bundle
from reports.authority import crls, serials
from reports.certification import CERTIFICATION
from reports.dsse import StatementRefused, read_envelope
from reports.manifest import SIGNATURE_FILES
from reports.trust import load_trust
from reports.verifying import looks_like_export, verify_export
from tests.helpers.export_mutations import MUTATIONS, Mutation
from tests.helpers.signing_office import (
    FOUNDED,
    SIGNED,
    Office,
    complete,
    document,
    found_office,
    signed_document,
    write_export,
    write_trust,
)
from workstation.core.examination import Outcome
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.signature_errors import NoTrustRoot, SignedDocumentInvalid, TrustUnreadable
from workstation.core.signatures import TrustStore
from workstation.core.verification_errors import ExportFileChanged, as_error, require
from workstation.core.verifications import EXIT_STATUS, ExportVerification, Problem


@pytest.fixture
def export(genuine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(genuine, tmp_path / "export"))


def _verify(office: Office, folder: Path, *, days: float = 0, **options: bool) -> ExportVerification:
    return verify_export(folder, office.trust, at=SIGNED + timedelta(days=days), **options)


def _found(answer: ExportVerification) -> set[tuple[str, str]]:
    return {(problem.code, problem.path) for problem in answer.problems}


# --- genuine exports -------------------------------------------------------------------------------------


def test_an_untouched_export_verifies(office: Office, genuine: Path) -> None:
    """Every file is as signed; statement, CMS files, the reviewer's statement and PDF signatures stand."""
    answer = _verify(office, genuine)
    assert (answer.outcome, answer.problems) == (Outcome.ACCEPT, ())
    assert {row.state for row in answer.files} == {"as-signed", "signature"}
    assert sorted((row.kind, row.algorithm) for row in answer.signatures) == [
        ("cms", "ecdsa-p384-sha384"),
        ("cms", "ml-dsa-87"),
        *2 * [("dsse", "ecdsa-p384-sha384")],
        *2 * [("dsse", "ml-dsa-87")],
    ]
    assert all(row.valid and row.trusted for row in answer.signatures)
    by = {(row.where, row.person_id) for row in answer.signatures}
    assert by - {(CERTIFICATION, "PER-REVIEWER")} == {(name, "PER-OFFICER") for name in SIGNATURE_FILES[1:]}
    assert [row.unchanged for row in answer.documents] == [True]
    assert answer.claimed_at == SIGNED
    assert answer.predicate["export"] == {"case": "CASE-TEST"}
    assert len(answer.roots_sha384) == 2
    require(answer)


def test_the_answer_is_json_with_outcome_findings_and_facts(office: Office, export: Path) -> None:
    """``to_json`` is what a script reads; every finding has a code, a severity, a path and a message."""
    (export / "report.pdf").write_bytes(b"x")
    answer = json.loads(json.dumps(_verify(office, export).to_json()))
    assert set(answer) == {"outcome", "findings", "facts"}
    assert answer["outcome"] == "reject"
    assert all(set(one) == {"code", "severity", "path", "message"} for one in answer["findings"])
    assert EXIT_STATUS[Outcome(answer["outcome"])] == 2


def test_trust_is_read_from_a_folder_or_a_file(office: Office, genuine: Path, tmp_path: Path) -> None:
    """A folder of PEM and DER files serves; so does one file with everything in it."""
    folder = write_trust(office, tmp_path / "trust")
    assert verify_export(genuine, folder, at=SIGNED).outcome is Outcome.ACCEPT
    both = tmp_path / "both.pem"
    both.write_bytes((folder / "root-ec.pem").read_bytes() + (folder / "root-pq.pem").read_bytes())
    assert verify_export(genuine, both, at=SIGNED).outcome is Outcome.ACCEPT


def test_one_root_alone_is_not_enough(office: Office, genuine: Path, tmp_path: Path) -> None:
    """Trusting only the P-384 root, or only the ML-DSA-87 root, is refused."""
    folder = write_trust(office, tmp_path / "trust")
    for name in ("root-ec.pem", "root-pq.pem"):
        answer = verify_export(genuine, load_trust(folder / name), at=SIGNED)
        assert ("EXP-109", "export.dsse.json") in _found(answer)


def test_files_in_folders_and_empty_files_are_part_of_an_export(office: Office, tmp_path: Path) -> None:
    """Names with folders, marking words and blanks, and an empty file, are signed and verified like any."""
    folder = tmp_path / "deep"
    folder.mkdir()
    write_export(
        office, folder, **{"sub/(U) TOP SECRET--NOFORN note__txt": b"", "sub/b/c__bin": b"\0" * 5000}
    )
    assert _verify(office, folder).outcome is Outcome.ACCEPT


# --- damage ----------------------------------------------------------------------------------------------


def _damage(mutation: Mutation, seed: int, export: Path, other: Path) -> str:
    return mutation(export, other, random.Random(seed))  # noqa: S311 - damage, not secrets


@pytest.mark.parametrize(
    "mutation", sorted({*MUTATIONS}, key=lambda one: one.__name__), ids=lambda m: m.__name__
)
@pytest.mark.parametrize("seed", range(6))
def test_any_single_damage_is_refused_and_named(
    office: Office, export: Path, other: Path, mutation: Mutation, seed: int
) -> None:
    """Changed, cut, missing, added, swapped, exchanged, linked, renamed: refused, and the file is named."""
    name = _damage(mutation, seed, export, other)
    answer = _verify(office, export)
    assert answer.outcome is Outcome.REJECT
    assert name in {problem.path.partition("#")[0] for problem in answer.problems}
    with pytest.raises(Exception, match="EXP-1"):
        require(answer)


def test_the_report_of_another_export_is_named_even_with_its_own_evidence(
    office: Office, export: Path, other: Path
) -> None:
    """Taking report, manifest and CMS files of another export still fails at the statement."""
    for name in ("report.pdf", "SHA384SUMS", "SHA384SUMS.ec.p7s", "SHA384SUMS.pq.p7s"):
        shutil.copy(other / name, export / name)
    complete(export)
    assert {("EXP-101", "report.pdf"), ("EXP-105", "SHA384SUMS")} <= _found(_verify(office, export))


def test_a_missing_completion_marker_is_said(office: Office, export: Path) -> None:
    """Everything signed is there, but writing may have been interrupted: a person must look."""
    (export / "COMPLETE").unlink()
    answer = _verify(office, export)
    assert (answer.outcome, _found(answer)) == (Outcome.WARN, {("EXP-102", "COMPLETE")})


def test_a_statement_without_ml_dsa_is_a_downgrade(office: Office, export: Path) -> None:
    """Dropping the ML-DSA-87 signature from the statement is refused as a missing signature."""
    path = export / "export.dsse.json"
    envelope = json.loads(path.read_bytes())
    del envelope["signatures"][1]
    path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
    complete(export)
    assert ("EXP-107", path.name) in _found(_verify(office, export))


def test_links_devices_and_odd_names_are_refused(office: Office, export: Path) -> None:
    """A named pipe, a link to a folder, a name with a line feed and an empty folder are each named."""
    os.mkfifo(export / "pipe")
    (export / "link").symlink_to("/")
    (export / "line\nfeed").write_bytes(b"")
    (export / "nothing").mkdir()
    found = _found(_verify(office, export))
    assert {
        ("EXP-104", "pipe"),
        ("EXP-104", "link"),
        ("EXP-104", "line\nfeed"),
        ("EXP-103", "nothing/"),
    } <= found


def test_an_empty_folder_and_a_folder_of_rubbish_are_refused(office: Office, tmp_path: Path) -> None:
    """Nothing there, or megabytes of brackets, is a refusal that names what is missing or unreadable."""
    assert not looks_like_export(tmp_path)
    answer = _verify(office, tmp_path)
    assert ("EXP-102", "export.dsse.json") in _found(answer)
    (tmp_path / "export.dsse.json").write_bytes(b"[" * (1 << 20))
    (tmp_path / "SHA384SUMS").write_bytes(b"\xff" * (1 << 20))
    (tmp_path / "SHA384SUMS.ec.p7s").write_bytes(b"\x30\x80" * 1000)
    (tmp_path / "CERTIFICATES.pem").write_bytes(b"-----BEGIN CERTIFICATE-----" * 10_000)
    assert looks_like_export(tmp_path)
    assert {("EXP-106", "export.dsse.json"), ("EXP-106", "CERTIFICATES.pem")} <= _found(
        _verify(office, tmp_path)
    )


def test_a_control_file_beyond_bounds_is_refused_unread(office: Office, export: Path) -> None:
    """A statement of 17 MiB is named and never parsed."""
    with (export / "export.dsse.json").open("r+b") as stream:
        stream.truncate(17 << 20)
    assert ("EXP-121", "export.dsse.json") in _found(_verify(office, export))


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[],"signatures":[]}',
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":1e999,"payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":' + b"9" * 10_000 + b"}",
        b'{"payload":NaN}',
        b"[" * 100_000,
    ],
)
def test_statements_in_another_form_are_refused(content: bytes) -> None:
    """Not an object, members twice, fractions, endless numbers, depth: each is refused as a form."""
    with pytest.raises(StatementRefused):
        read_envelope(content)


# --- signers ---------------------------------------------------------------------------------------------


def test_an_unknown_signer_is_refused(genuine: Path) -> None:
    """Another office's roots do not vouch for this export."""
    stranger = found_office(name="Office for Tests")
    assert ("EXP-109", "export.dsse.json") in _found(_verify(stranger, genuine))


def test_a_revoked_signer_is_refused_with_a_newer_list(office: Office, genuine: Path) -> None:
    """A list from the other channel that names the officer overrules the list in the export."""
    gone = dict.fromkeys(serials(office.officer), SIGNED)
    lists = crls(office.authority, gone, at=SIGNED, next_update=SIGNED + timedelta(days=30))
    answer = verify_export(genuine, office.trust.with_crls(lists), at=SIGNED)
    named = {path.partition("#")[0] for code, path in _found(answer) if code == "EXP-110"}
    assert named == {"export.dsse.json", "SHA384SUMS.ec.p7s", "SHA384SUMS.pq.p7s"}
    assert answer.documents == ()  # a PDF nobody vouches for is not opened


def test_an_old_list_is_said_and_a_policy_refuses_it(office: Office, genuine: Path) -> None:
    """After the list has ended a person must look; with a policy on its age it is refused."""
    later = _verify(office, genuine, days=90)
    assert later.outcome is Outcome.WARN
    assert {code for code, _path in _found(later)} == {"EXP-114"}
    assert {row.age for row in later.crls} == {SIGNED + timedelta(days=90) - FOUNDED}
    given = office.trust
    strict = TrustStore(roots_der=given.roots_der, crls_der=given.crls_der, max_crl_age=timedelta(days=7))
    refused = verify_export(genuine, strict, at=SIGNED)
    assert {code for code, _path in _found(refused)} == {"EXP-115"}


def test_a_demo_export_never_verifies_as_real(tmp_path: Path) -> None:
    """Refused with the demo roots trusted; allowed by name it verifies and still says demo."""
    demo = found_office(demo=True)
    folder = write_export(demo, tmp_path)
    assert "DEMO" in (folder / "VERIFY.txt").read_text()
    refused = _verify(demo, folder)
    assert (refused.outcome, _found(refused)) == (Outcome.REJECT, {("EXP-116", "")})
    allowed = _verify(demo, folder, demo_allowed=True)
    assert (allowed.outcome, allowed.demo) == (Outcome.ACCEPT, True)


# --- trust folders and jobs ------------------------------------------------------------------------------


def test_a_trust_folder_without_roots_is_refused(office: Office, tmp_path: Path) -> None:
    """No root, a leaf instead of a root, or rubbish: each is refused before anything is verified."""
    with pytest.raises(NoTrustRoot):
        load_trust(tmp_path)
    (tmp_path / "leaf.der").write_bytes(office.officer.ec_certificate_der)
    with pytest.raises(TrustUnreadable):
        load_trust(tmp_path)
    (tmp_path / "leaf.der").write_bytes(b"rubbish")
    with pytest.raises(TrustUnreadable):
        load_trust(tmp_path)
    with pytest.raises(TrustUnreadable):
        load_trust(tmp_path / "absent.pem")


def test_verifying_can_be_cancelled(office: Office, genuine: Path) -> None:
    """A cancelled job stops instead of answering."""
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        verify_export(genuine, office.trust, at=SIGNED, job=job)


def test_every_problem_has_an_error_that_tells_it() -> None:
    """A problem becomes a typed error with its path and detail as facts."""
    problem = Problem(code="EXP-101", severity=Outcome.REJECT, path="report.pdf", detail="d")
    error = as_error(problem)
    assert isinstance(error, ExportFileChanged)
    assert error.facts == {"path": "report.pdf", "detail": "d"}


def test_the_statement_beside_the_report_is_the_one_inside_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that carries another edition of the data beside it is neither composed nor believed."""
    with pikepdf.open(io.BytesIO(document())) as pdf:
        pdf.attachments["determination.json"] = b'{"case": "CASE-OTHER"}\n'
        whole = io.BytesIO()
        pdf.save(whole)
    report = signed_document(office, whole.getvalue())
    with pytest.raises(SignedDocumentInvalid):
        write_export(office, tmp_path / "refused", report=report)
    monkeypatch.setattr(bundle, "_require_same_attachments", lambda *_: None)
    folder = write_export(office, tmp_path / "export", report=report)
    answer = verify_export(folder, office.trust, at=SIGNED)
    assert [(one.code, one.path) for one in answer.problems] == [("EXP-131", "determination.json")]
    same = write_export(
        office, tmp_path / "same", report=report, determination__json=b'{"case": "CASE-OTHER"}\n'
    )
    assert verify_export(same, office.trust, at=SIGNED).outcome is Outcome.ACCEPT


def test_an_export_stripped_of_list_and_statement_is_still_an_export(office: Office, export: Path) -> None:
    """Taking away everything that names the files does not make a plain folder of it."""
    for name in ("SHA384SUMS", "export.dsse.json"):
        (export / name).unlink()
    assert looks_like_export(export)
    assert _verify(office, export).outcome is Outcome.REJECT
