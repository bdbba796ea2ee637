"""Signed documents under attack, and what tools that are not ours say of them."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from reports.authority import crls, serials
from reports.signing import certify
from reports.verifying_pdf import verify_pdf
from tests.helpers.pdf_changes import annotate, append_page, flip, rename_field, stamp_page, touch_catalogue
from tests.helpers.signing_office import (
    OFFICER_FIELD,
    REVIEWER_FIELD,
    SIGNED,
    Office,
    document,
    found_office,
    sign_step,
    signed_document,
    this_machine_s_clock,
)
from workstation.core.examination import Outcome
from workstation.core.verifications import PdfVerification

BOTH = (REVIEWER_FIELD, OFFICER_FIELD)


def _verify(office: Office, pdf: bytes) -> PdfVerification:
    return verify_pdf(pdf, office.trust, at=SIGNED, path="report.pdf", expected_fields=BOTH)


def _codes(answer: PdfVerification) -> set[str]:
    return {problem.code for problem in answer.problems}


@pytest.mark.parametrize(
    "change",
    [
        stamp_page,
        append_page,
        annotate,
        rename_field,
        touch_catalogue,
        lambda pdf: pdf + b"\n",
        lambda pdf: pdf + pdf,
    ],
    ids=["stamp", "page", "annotation", "form", "catalogue", "a line feed", "itself again"],
)
def test_anything_appended_after_the_last_signature_is_refused(
    office: Office, signed: bytes, change: Callable[[bytes], bytes]
) -> None:
    """Whatever is appended, the document is no longer called unchanged, whichever viewer calls it valid."""
    answer = _verify(office, change(signed))
    assert answer.outcome is Outcome.REJECT
    assert not answer.unchanged
    assert _codes(answer) & {"EXP-117", "EXP-118", "EXP-120"}


@pytest.mark.parametrize("change", [stamp_page, append_page, annotate])
def test_changes_between_the_signatures_show_at_the_reviewer_s(
    office: Office, change: Callable[[bytes], bytes]
) -> None:
    """A change after certification is named at the certifying signature."""
    answer = verify_pdf(change(sign_step(certify, office, document())), office.trust, at=SIGNED, path="r.pdf")
    assert ("EXP-118", f"r.pdf#{REVIEWER_FIELD}") in {(one.code, one.path) for one in answer.problems}


def test_cutting_off_the_last_revision_is_noticed(office: Office, signed: bytes) -> None:
    """Without the officer's revision the expected signature is reported missing."""
    first = _verify(office, signed).revisions[-2].end_byte
    answer = _verify(office, signed[: first + 1])
    assert answer.outcome is Outcome.REJECT
    assert "EXP-119" in _codes(answer)


def test_an_unsigned_document_is_reported_as_unsigned(office: Office) -> None:
    """No signature at all is its own answer, never "unchanged"."""
    answer = verify_pdf(document(), office.trust, at=SIGNED)
    assert _codes(answer) == {"EXP-119"}
    assert not answer.unchanged


def test_every_flipped_byte_is_refused(office: Office, signed: bytes) -> None:
    """A flipped bit anywhere in the file, inside the signature containers too, is refused."""
    for at in range(3, len(signed), len(signed) // 60):
        assert _verify(office, flip(signed, at)).outcome is Outcome.REJECT, at


def test_the_padding_of_a_signature_container_is_covered_too(office: Office, signed: bytes) -> None:
    """Bytes that no signature covers must be zeros."""
    last = _verify(office, signed).signatures[-1]
    hole_end = last.byte_range[2] - 1
    assert signed[hole_end - 4 : hole_end] == b"0000"
    changed = signed[: hole_end - 1] + b"1" + signed[hole_end:]
    assert "EXP-118" in _codes(_verify(office, changed))


def test_a_stranger_s_document_is_intact_but_unknown(office: Office) -> None:
    """Valid signatures of another office are not trusted here."""
    answer = _verify(office, signed_document(found_office(name="Other Office")))
    assert answer.outcome is Outcome.REJECT
    assert _codes(answer) == {"EXP-109"}
    assert all(row.valid and not row.trusted for row in answer.signatures)


def test_a_signer_revoked_later_is_refused(office: Office, signed: bytes) -> None:
    """A newer list from the other channel that names the officer makes the document refused."""
    gone = crls(
        office.authority,
        dict.fromkeys(serials(office.officer), SIGNED),
        at=SIGNED,
        next_update=SIGNED + timedelta(days=30),
    )
    answer = verify_pdf(signed, office.trust.with_crls(gone), at=SIGNED, path="r.pdf")
    assert {one.path for one in answer.problems if one.code == "EXP-110"} == {f"r.pdf#{OFFICER_FIELD}"}


def test_demo_signatures_never_verify_as_real() -> None:
    """With the demo roots trusted, a demo document is refused as such; allowed, it still says demo."""
    demo = found_office(demo=True)
    pdf = signed_document(demo)
    refused = verify_pdf(pdf, demo.trust, at=SIGNED)
    assert (refused.outcome, {one.code for one in refused.problems}) == (Outcome.REJECT, {"EXP-116"})
    allowed = verify_pdf(pdf, demo.trust, at=SIGNED, demo_allowed=True)
    assert (allowed.outcome, allowed.demo) == (Outcome.ACCEPT, True)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x00" * 4096, b"%PDF-1.7\n" + b"<<" * 20_000])
def test_hostile_bytes_are_refused_not_raised(office: Office, content: bytes) -> None:
    """Whatever a parser makes of rubbish, the answer is a refusal."""
    assert _verify(office, content).outcome is Outcome.REJECT


# --- tools that are not ours -----------------------------------------------------------------------------


def _trusting_nss(office: Office, folder: Path) -> Path:
    database = folder / "nss"
    database.mkdir()
    root = folder / "root.pem"
    certificate = x509.load_der_x509_certificate(office.authority.ec_certificate_der)
    root.write_bytes(certificate.public_bytes(Encoding.PEM))
    where = ["-d", f"sql:{database}"]
    subprocess.run(["certutil", "-N", *where, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", *where, "-n", "root", "-t", "CT,C,C", "-i", root], check=True)
    return database


def test_pdfsig_agrees(tmp_path: Path) -> None:
    """Poppler calls both signatures valid and trusted, and the last "Total document signed"."""
    if shutil.which("pdfsig") is None or shutil.which("certutil") is None:
        pytest.skip("pdfsig (poppler-utils) or certutil (NSS tools) is not installed")
    now = this_machine_s_clock(tmp_path)
    office = found_office(at=now - timedelta(days=1))
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(signed_document(office, at=now))
    command = ["pdfsig", "-nssdir", _trusting_nss(office, tmp_path), "-no-ocsp", pdf]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    first, last = said.split("Signature #")[1:]
    for part in (first, last):
        assert "Signature is Valid." in part
        assert "Certificate is Trusted." in part
    assert "Total document signed" in last
    assert "Not total document signed" not in last


def test_pdfsig_is_fooled_where_we_are_not(office: Office, signed: bytes, tmp_path: Path) -> None:
    """The reason for being strict: pdfsig calls the signatures of a stamped page valid, exit status 0."""
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig (poppler-utils) is not installed")
    pdf = tmp_path / "stamped.pdf"
    pdf.write_bytes(stamp_page(signed))
    said = subprocess.run(["pdfsig", "-nocert", pdf], capture_output=True, text=True, check=True).stdout
    assert said.count("Signature is Valid.") == 2
    assert _verify(office, pdf.read_bytes()).outcome is Outcome.REJECT
