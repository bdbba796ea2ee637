"""Composing an export: what it holds, what is refused, and that tools which are not ours verify it."""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from reports.bundle import compose, open_content
from reports.desk import Desk
from reports.manifest import name_fault
from tests.helpers.signing_office import (
    OFFICER_FIELD,
    REVIEWER_FIELD,
    SIGNED,
    Office,
    complete,
    document,
    found_office,
    this_machine_s_clock,
    write_export,
)
from workstation.core.examination import Outcome
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.signature_errors import (
    BundleContentUnreadable,
    BundleIncomplete,
    BundleNameRefused,
    CertificateExpired,
    SignedDocumentInvalid,
)
from workstation.core.signatures import TrustStore
from workstation.core.verifications import Bundle, Content


def _compose(
    office: Office,
    files: Mapping[str, Content | Path],
    *,
    predicate: Mapping[str, object] | None = None,
    days: float = 0,
    job: JobControl | None = None,
) -> Bundle:
    at = SIGNED + timedelta(days=days)
    with office.sign_as(office.officer) as officer:
        return compose(
            files,
            signers=[officer],
            predicate=predicate or {},
            trust=office.trust,
            timestamper=office.clock(at),
            at=at,
            job=job,
        )


def test_a_bundle_names_every_file_with_size_and_digest(
    office: Office, signed: bytes, tmp_path: Path
) -> None:
    """Bytes, a path and an opener are all content; sizes and digests are those of the bytes."""
    large = tmp_path / "large.bin"
    large.write_bytes(b"\1" * 9_000_000)
    files: dict[str, Content | Path] = {
        "report.pdf": signed,
        "a.bin": large,
        "b.bin": lambda: io.BytesIO(b"bb"),
    }
    bundle = _compose(office, files)
    for entry in bundle.entries:
        with open_content(entry.content) as stream:
            content = stream.read()
        assert (entry.size_bytes, entry.sha384) == (len(content), hashlib.sha384(content).hexdigest())
    assert {"report.pdf", "a.bin", "b.bin", "SHA384SUMS", "SHA384SUMS.ec.p7s", "SHA384SUMS.pq.p7s"} < {
        *bundle.names
    }
    assert {"export.dsse.json", "VERIFY.txt", "CERTIFICATES.pem", "REVOCATION-EC.pem"} < {*bundle.names}
    assert bundle.size_bytes == sum(entry.size_bytes for entry in bundle.entries)


def test_large_content_is_streamed(office: Office, signed: bytes) -> None:
    """No read asks for more than 4 MiB at once, however large the file."""
    asked: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    def opened() -> BinaryIO:
        return Watched(b"x" * (20 << 20))

    _compose(office, {"report.pdf": signed, "big.bin": opened})
    assert asked
    assert all(0 < size <= 4 << 20 for size in asked)


def test_the_statement_carries_the_workflow_s_predicate(office: Office, signed: bytes) -> None:
    """What the workflow states (case, determination, marking) stands beside sizes, documents and signers."""
    bundle = _compose(office, {"report.pdf": signed}, predicate={"case": "CASE-7", "marking": "UNCLASSIFIED"})
    predicate = bundle.statement["predicate"]
    assert isinstance(predicate, dict)
    assert predicate["export"] == {"case": "CASE-7", "marking": "UNCLASSIFIED"}
    assert predicate["signedDocuments"] == [{"name": "report.pdf", "fields": [REVIEWER_FIELD, OFFICER_FIELD]}]
    assert predicate["demo"] is False


@pytest.mark.parametrize(
    "name",
    [
        "SHA384SUMS",
        "verify.TXT",
        "COMPLETE",
        "a" * 201,
        "/".join("a" * 9),
        "sub/nul",
        "REPORT.PDF",
        "../x",
        "/x",
        "a//b",
        "",
        ".hidden",
        "a\\b",
        "con.txt",
        "a\nb",
        "report.pdf ",
        "x.",
        "é",
        "a\u202eb",
        "-rf",
    ],
)
def test_names_a_medium_could_not_carry_are_refused(office: Office, signed: bytes, name: str) -> None:
    """Escapes, reserved and misleading names, names taken, and ones differing in capitals only."""
    with pytest.raises(BundleNameRefused):
        _compose(office, {"report.pdf": signed, name: b"x"})


def test_marked_file_names_are_fine() -> None:
    """Markings in file names, blanks and brackets are not odd."""
    for name in ("TOP SECRET--SI--NOFORN report.pdf", "(U) note.txt", "sub/[draft] a+b, v1.0.json"):
        assert name_fault(name) == ""


def test_an_incomplete_export_is_not_composed(office: Office, signed: bytes) -> None:
    """No report, an unsigned or changed one, a predicate that is not plain JSON: nothing is composed."""
    with pytest.raises(BundleIncomplete):
        _compose(office, {"determination.json": b"{}"})
    with pytest.raises(SignedDocumentInvalid):
        _compose(office, {"report.pdf": document()})
    with pytest.raises(SignedDocumentInvalid):
        _compose(office, {"report.pdf": signed + b"\n"})
    for predicate in ({"share": 0.5}, {"when": SIGNED}, {"n": 10**30}):
        with pytest.raises(BundleIncomplete):
            _compose(office, {"report.pdf": signed}, predicate=predicate)


def test_an_officer_whose_certificate_has_ended_cannot_compose(office: Office, signed: bytes) -> None:
    """The manifest is not signed with a certificate that no recipient could believe."""
    with pytest.raises(CertificateExpired):
        _compose(office, {"report.pdf": signed}, days=4 * 365)


def test_an_unreadable_file_and_a_cancelled_job_compose_nothing(
    office: Office, signed: bytes, tmp_path: Path
) -> None:
    """A file that cannot be opened is named; a cancelled job stops at the next piece."""
    with pytest.raises(BundleContentUnreadable):
        _compose(office, {"report.pdf": signed, "gone.bin": tmp_path / "gone"})
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        _compose(office, {"report.pdf": signed}, job=job)


def test_the_desk_does_the_whole_way_for_a_demonstration(tmp_path: Path) -> None:
    """Found an office, issue, certify, release, compose, verify: one door, demo from end to end."""
    desk = Desk(demo=True)
    authority = desk.create_authority("Training Office", at=SIGNED)
    people = [
        desk.issue(authority, person_id=f"PER-{name}", display_name=name, role=name, at=SIGNED)
        for name in ("Reviewer", "Officer")
    ]
    clock = desk.issue_timestamper(authority, at=SIGNED)
    trust = TrustStore(
        roots_der=authority.roots_der, crls_der=desk.revocation_lists(authority, at=SIGNED, revoked={})
    )
    with desk.signer(people[0]) as signer:
        pdf = desk.certify(
            document(), field=REVIEWER_FIELD, signer=signer, trust=trust, timestamper=clock, at=SIGNED
        )
    with desk.signer(people[1]) as signer:
        common = {"signer": signer, "trust": trust, "timestamper": clock, "at": SIGNED}
        pdf = desk.release(pdf, field=OFFICER_FIELD, **common)
        bundle = desk.compose({"report.pdf": pdf}, predicate={"case": "CASE-1"}, **common)
    for entry in bundle.entries:
        (tmp_path / entry.name).write_bytes(open_content(entry.content).read())
    complete(tmp_path)
    answer = desk.verify_export(tmp_path, trust, at=SIGNED)
    assert (answer.outcome, answer.demo) == (Outcome.ACCEPT, True)
    assert Desk(demo=False).verify_export(tmp_path, trust, at=SIGNED).outcome is Outcome.REJECT
    assert desk.verify_pdf(pdf, trust, at=SIGNED).unchanged


# --- tools that are not ours -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Path, Path]:
    """An export made now, for tools that look at the machine's clock, and a folder with the roots."""
    work = tmp_path_factory.mktemp("work")
    now = this_machine_s_clock(work)
    office = found_office(at=now - timedelta(days=1))
    folder = tmp_path_factory.mktemp("fresh")
    write_export(office, folder, at=now, note__txt=b"A note.\n")
    for name, der in zip(("root-ec.pem", "root-pq.pem"), office.authority.roots_der, strict=True):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (work / name).write_bytes(pem)
    return office, folder, work


def _commands(folder: Path) -> list[str]:
    """The commands VERIFY.txt tells a recipient to type, long ones joined."""
    text = (folder / "VERIFY.txt").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    words = ("(cd", "cat ", "openssl ", "mkdir ", "certutil ", "pdfsig ", "{ head", "python3 ")
    return [line for line in lines if line.startswith(words)]


def _shell(command: str, folder: Path, work: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "E": str(folder), "LC_ALL": "C.UTF-8", "HOME": str(work)}
    script = ["bash", "-c", command]
    return subprocess.run(script, cwd=work, env=environment, capture_output=True, text=True, check=False)


def _needs(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


def _openssl_version() -> tuple[int, ...]:
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def test_every_command_of_verify_txt_works_as_written(fresh: tuple[Office, Path, Path]) -> None:
    """A recipient who types VERIFY.txt line by line is told that everything is in order."""
    _needs("openssl", "pdfsig", "certutil", "sha384sum")
    _office, folder, work = fresh
    tried = 0
    for command in _commands(folder):
        if command.startswith("python3") or "~/" in command:
            continue  # the one-file verifier has tests of its own
        if "pq." in command and command.startswith("openssl") and _openssl_version() < (3, 5):
            continue  # says itself that it needs OpenSSL 3.5
        done = _shell(command, folder, work)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        tried += 1
        if command.startswith("openssl"):
            assert "erification successful" in done.stderr
        if command.startswith("pdfsig") and "-dump" not in command:
            assert (
                done.stdout.count("Signature is Valid.") == done.stdout.count("Certificate is Trusted.") == 2
            )
            assert "Total document signed" in done.stdout.split("Signature #2")[1]
    assert tried >= 10
    assert {path.name for path in folder.iterdir()} == {*_listed(folder)}


def _listed(folder: Path) -> set[str]:
    manifest = (folder / "SHA384SUMS").read_text().splitlines()
    named = {line[98:] for line in manifest if not line.startswith("#")}
    return named | {"SHA384SUMS", "SHA384SUMS.ec.p7s", "SHA384SUMS.pq.p7s", "export.dsse.json", "COMPLETE"}


def _damage_note(folder: Path) -> None:
    (folder / "note.txt").write_bytes(b"A nope.\n")


def _damage_manifest(folder: Path) -> None:
    path = folder / "SHA384SUMS"
    path.write_text(path.read_text().replace("note.txt", "nope.txt"))


@pytest.mark.parametrize(
    ("damage", "start"), [(_damage_note, '(cd "$E" && sha384sum'), (_damage_manifest, "openssl cms")]
)
def test_these_tools_notice_damage(
    fresh: tuple[Office, Path, Path], tmp_path: Path, damage: Callable[[Path], None], start: str
) -> None:
    """The same commands fail on a changed file and on a changed manifest."""
    _needs("openssl", "sha384sum")
    _office, folder, work = fresh
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    damage(copy)
    _shell('cat root-ec.pem "$E"/REVOCATION-EC.pem > ec.pem', copy, work)
    command = next(one for one in _commands(copy) if one.startswith(start))
    assert _shell(command, copy, work).returncode != 0


def test_openssl_refuses_a_revoked_officer(fresh: tuple[Office, Path, Path], tmp_path: Path) -> None:
    """With a newer list in place of the one in the export, as VERIFY.txt says, openssl refuses too."""
    _needs("openssl")
    office, folder, work = fresh
    now = this_machine_s_clock(work)
    gone = {office.officer.ec_certificate_der: now}
    lists = Desk(demo=False).revocation_lists(office.authority, at=now, revoked=gone)
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "REVOCATION-EC.pem").write_bytes(x509.load_der_x509_crl(lists[0]).public_bytes(Encoding.PEM))
    _shell('cat root-ec.pem "$E"/REVOCATION-EC.pem > ec.pem', copy, work)
    command = next(one for one in _commands(copy) if one.startswith("openssl cms"))
    done = _shell(command, copy, work)
    assert done.returncode != 0
    assert "revoked" in done.stderr


def test_verify_txt_trusts_nothing_it_brings(fresh: tuple[Office, Path, Path]) -> None:
    """It says that keys come by another channel and prints no root's fingerprint."""
    office, folder, _work = fresh
    text = (folder / "VERIFY.txt").read_text()
    assert "ANOTHER CHANNEL" in text
    assert not [der for der in office.authority.roots_der if hashlib.sha384(der).hexdigest() in text]
    assert "$" not in text.replace('"$E"', "")


def test_the_statement_is_plain_in_toto_in_dsse(fresh: tuple[Office, Path, Path]) -> None:
    """Any DSSE reader finds an in-toto v1 statement whose subjects are the files."""
    _office, folder, _work = fresh
    envelope = json.loads((folder / "export.dsse.json").read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    for subject in statement["subject"]:
        content = (folder / subject["name"]).read_bytes()
        assert subject["digest"] == {"sha384": hashlib.sha384(content).hexdigest()}
