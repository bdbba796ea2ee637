"""Signatures on a document: what a good one looks like, their order, and what is refused."""

import io
import shutil
import subprocess
from datetime import timedelta

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reports.authority import crls, serials
from reports.signature_stamps import signature_lines, stamp_style, visible
from reports.signing import archive, certify, release
from reports.verifying_pdf import verify_pdf
from tests.helpers.pdf_changes import flip, stamp_page
from tests.helpers.signing_office import (
    OFFICER_FIELD,
    REVIEWER_FIELD,
    SIGNED,
    Office,
    document,
    found_office,
    sign_step,
    signed_document,
)
from workstation.core.examination import Outcome
from workstation.core.signature_errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificationMissing,
    DocumentUnreadable,
    RevocationListUnusable,
    SameSigner,
    SignatureFieldFilled,
    SignatureFieldMissing,
    SignedDocumentInvalid,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import TrustStore
from workstation.core.verifications import PdfVerification

BOTH = (REVIEWER_FIELD, OFFICER_FIELD)


def _verify(office: Office, pdf: bytes) -> PdfVerification:
    return verify_pdf(pdf, office.trust, at=SIGNED, path="report.pdf", expected_fields=BOTH)


def _codes(answer: PdfVerification) -> set[str]:
    return {problem.code for problem in answer.problems}


# --- what a good document looks like -------------------------------------------------------------------


def test_both_signatures_verify_and_the_last_covers_the_entire_file(office: Office, signed: bytes) -> None:
    """The reviewer certifies a revision, the officer covers the whole file and allows nothing more."""
    answer = _verify(office, signed)
    first, last = answer.signatures
    assert (answer.outcome, answer.problems, answer.unchanged) == (Outcome.ACCEPT, (), True)
    assert (first.certifies, first.permission, first.covers) == (True, "fill-forms", "revision")
    assert (last.certifies, last.permission, last.covers) == (False, "no-changes", "entire-file")
    assert (first.later_changes, last.later_changes) == ("signing", "none")
    assert (first.person_id, last.person_id) == ("PER-REVIEWER", "PER-OFFICER")
    assert {first.claimed_at, last.claimed_at} == {SIGNED}
    assert answer.revisions[-1].signed_by == (OFFICER_FIELD,)
    assert answer.revisions[-1].end_byte in {len(signed), len(signed) - 1}


def test_a_document_with_the_reviewer_s_signature_only_verifies_as_such(office: Office) -> None:
    """Between the two signatures the document is unchanged and the officer's field is named as open."""
    half = sign_step(certify, office, document())
    answer = verify_pdf(half, office.trust, at=SIGNED, expected_fields=(REVIEWER_FIELD,))
    assert answer.outcome is Outcome.ACCEPT
    assert answer.unsigned_fields == (OFFICER_FIELD,)
    assert _codes(_verify(office, half)) == {"EXP-119"}


def test_revocation_lists_travel_inside_the_document(office: Office, signed: bytes) -> None:
    """With the roots alone, and no list beside the document, the signatures verify."""
    bare = TrustStore(roots_der=office.trust.roots_der)
    assert verify_pdf(signed, bare, at=SIGNED, expected_fields=BOTH).outcome is Outcome.ACCEPT


def test_the_visible_blocks_use_embedded_fonts_and_say_claimed(office: Office, signed: bytes) -> None:
    """Each block names person, role and the claimed time; every font it uses is embedded."""
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        blocks = [field.AP.N for field in pdf.Root.AcroForm.Fields]
        for block in blocks:
            fonts = block.Resources.XObject["/FrwStamp"].Resources.Font
            assert fonts.keys()
            assert all("/FontFile2" in font.FontDescriptor for font in fonts.values())
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=signed, capture_output=True, check=True)
    for word in ("Ann Reviewer, Lead reviewer", "Otto Officer, Security officer", "Claimed time"):
        assert word in text.stdout.decode()


def test_a_block_too_small_for_its_text_shows_what_fits_and_never_more() -> None:
    """The longest text is set smaller, then cut; it never leaves its field."""
    lines = signature_lines(name="N" * 400, role="R", claimed_at=SIGNED, statement="s " * 400, key="0" * 16)
    assert stamp_style(lines, width_pt=60, height_pt=20).background is not None


def test_hidden_characters_of_a_name_become_visible() -> None:
    """Bidi controls, zero width and control characters cannot reorder or hide a signer's name."""
    assert visible("a\u202eb\u200bc\x07d") == "a\ufffdb\ufffdc\ufffdd"


def test_an_archive_copy_is_covered_by_a_timestamp_and_can_be_renewed(office: Office, signed: bytes) -> None:
    """Document timestamps after the lock leave both signatures valid and cover the whole file again."""
    archived = archive(signed, trust=office.trust, timestamper=office.clock(), at=SIGNED)
    later = SIGNED + timedelta(days=20)
    renewed = archive(archived, trust=office.trust, timestamper=office.clock(later), at=later)
    answer = verify_pdf(renewed, office.trust, at=later, expected_fields=BOTH)
    assert (answer.outcome, answer.unchanged) == (Outcome.ACCEPT, True)
    assert [row.kind for row in answer.signatures] == ["pdf", "pdf", "pdf-timestamp", "pdf-timestamp"]
    assert answer.signatures[-1].covers == "entire-file"
    with pytest.raises(SignedDocumentInvalid):
        archive(stamp_page(signed), trust=office.trust, timestamper=office.clock(), at=SIGNED)


def test_an_anchor_need_not_be_self_signed() -> None:
    """Trusting another office's issuing authority below a root serves, with that authority's list."""
    above, office = found_office(name="Above"), found_office(name="Below")
    root, issuing = above.authority, office.authority
    subordinate = _issued_by(root.ec_certificate_der, root.ec_key_der, issuing.ec_certificate_der)
    assert subordinate != issuing.ec_certificate_der
    trust = TrustStore(roots_der=(subordinate, issuing.pq_certificate_der), crls_der=office.trust.crls_der)
    answer = verify_pdf(signed_document(office), trust, at=SIGNED, expected_fields=BOTH)
    assert (answer.outcome, answer.problems) == (Outcome.ACCEPT, ())


def _issued_by(root_der: bytes, root_key_der: bytearray, authority_der: bytes) -> bytes:
    """The authority's certificate, issued by ``root`` instead of by itself."""
    root, old = (x509.load_der_x509_certificate(der) for der in (root_der, authority_der))
    key = serialization.load_der_private_key(root_key_der, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateBuilder(
        issuer_name=root.subject,
        subject_name=old.subject,
        public_key=old.public_key(),
        serial_number=old.serial_number,
        not_valid_before=old.not_valid_before_utc,
        not_valid_after=old.not_valid_after_utc,
        extensions=list(old.extensions),
    )
    return builder.sign(key, hashes.SHA384()).public_bytes(serialization.Encoding.DER)


# --- refusals before signing ---------------------------------------------------------------------------


def test_the_officer_cannot_sign_before_the_reviewer(office: Office) -> None:
    """A release without certification is refused."""
    with pytest.raises(CertificationMissing):
        sign_step(release, office, document())


def test_nobody_signs_twice(office: Office, signed: bytes) -> None:
    """A filled field, a second certification and a third signature are refused."""
    half = sign_step(certify, office, document())
    with pytest.raises(DocumentUnreadable):
        sign_step(certify, office, half)
    with pytest.raises(SignatureFieldFilled):
        sign_step(release, office, half, field=REVIEWER_FIELD)
    with pytest.raises(SignatureFieldFilled):
        sign_step(release, office, signed)


def test_one_person_cannot_sign_as_both(office: Office) -> None:
    """The reviewer's identity is refused for the release of the same document."""
    with pytest.raises(SameSigner):
        sign_step(release, office, sign_step(certify, office, document()), by=office.reviewer)


def test_the_last_field_must_lock_everything(office: Office) -> None:
    """A release into a field without a full lock, or into none, is refused."""
    half = sign_step(certify, office, _without_lock(document()))
    with pytest.raises(SignatureFieldMissing):
        sign_step(release, office, half)
    with pytest.raises(SignatureFieldMissing):
        sign_step(certify, office, document(), field="Nobody")


def _without_lock(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for field in opened.Root.AcroForm.Fields:
            if "/Lock" in field:
                del field["/Lock"]
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"not a pdf", b"%PDF-1.4\n" + b"[" * 5000])
def test_what_is_no_document_is_refused(office: Office, content: bytes) -> None:
    """Rubbish is refused as unreadable."""
    with pytest.raises(DocumentUnreadable):
        sign_step(certify, office, content)


def test_certificates_are_checked_before_anything_is_signed(office: Office) -> None:
    """Ended, not yet valid, revoked, unknown, without a current list: each is refused by its own name."""
    pdf = document()
    gone = crls(
        office.authority, dict.fromkeys(serials(office.reviewer), SIGNED), at=SIGNED, next_update=SIGNED
    )
    listed = office.trust.with_crls(gone)
    without = TrustStore(roots_der=office.trust.roots_der)
    stranger = found_office(name="Other Office")
    with pytest.raises(CertificateExpired):
        sign_step(certify, office, pdf, days=4 * 365)
    with pytest.raises(CertificateNotYetValid):
        sign_step(certify, office, pdf, days=-60)
    with pytest.raises(SignerRevoked):
        sign_step(certify, office, pdf, trust=listed)
    with pytest.raises(SignerUnknown):
        sign_step(certify, office, pdf, by=stranger.reviewer)
    with pytest.raises(RevocationListUnusable):
        sign_step(certify, office, pdf, trust=without)
    with pytest.raises(RevocationListUnusable):
        sign_step(certify, office, pdf, days=100)


def test_a_document_changed_between_the_signatures_is_not_released(office: Office) -> None:
    """The officer cannot sign what is no longer what the reviewer signed."""
    half = sign_step(certify, office, document())
    with pytest.raises(SignedDocumentInvalid):
        sign_step(release, office, stamp_page(half))
    with pytest.raises(SignedDocumentInvalid):
        sign_step(
            release, office, flip(half, half.index(b"Determination") if b"Determination" in half else 900)
        )
