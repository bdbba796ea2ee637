"""Signatures on a document: order, refusals, what every later change does to them."""

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from reports.authority import crls, serials
from reports.signature_stamps import signature_lines, stamp_style, visible
from reports.signing import certify, release
from reports.verifying_pdf import verify_pdf
from tests.helpers.signing_office import (
    OFFICER_FIELD,
    REVIEWER_FIELD,
    SIGNED,
    Office,
    document,
    found_office,
    signed_document,
    this_machine_s_clock,
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
from workstation.core.signatures import IssuedIdentity, TrustStore
from workstation.core.verifications import PdfVerification

BOTH = (REVIEWER_FIELD, OFFICER_FIELD)


@pytest.fixture(scope="module")
def office() -> Office:
    return found_office()


@pytest.fixture(scope="module")
def signed(office: Office) -> bytes:
    return signed_document(office)


def _sign(
    step: Callable[..., bytes],
    office: Office,
    pdf: bytes,
    *,
    by: IssuedIdentity | None = None,
    field: str = "",
    trust: TrustStore | None = None,
    days: float = 0,
) -> bytes:
    at = SIGNED + timedelta(days=days)
    identity = by or (office.reviewer if step is certify else office.officer)
    with office.sign_as(identity) as signer:
        return step(
            pdf,
            field=field or (REVIEWER_FIELD if step is certify else OFFICER_FIELD),
            signer=signer,
            trust=trust or office.trust,
            timestamper=office.clock(at),
            at=at,
            reason="For the test.",
        )


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
    half = _sign(certify, office, document())
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


# --- refusals before signing ---------------------------------------------------------------------------


def test_the_officer_cannot_sign_before_the_reviewer(office: Office) -> None:
    """A release without certification is refused."""
    with pytest.raises(CertificationMissing):
        _sign(release, office, document())


def test_nobody_signs_twice(office: Office, signed: bytes) -> None:
    """A filled field, a second certification and a third signature are refused."""
    half = _sign(certify, office, document())
    with pytest.raises(DocumentUnreadable):
        _sign(certify, office, half)
    with pytest.raises(SignatureFieldFilled):
        _sign(release, office, half, field=REVIEWER_FIELD)
    with pytest.raises(SignatureFieldFilled):
        _sign(release, office, signed)


def test_one_person_cannot_sign_as_both(office: Office) -> None:
    """The reviewer's identity is refused for the release of the same document."""
    with pytest.raises(SameSigner):
        _sign(release, office, _sign(certify, office, document()), by=office.reviewer)


def test_the_last_field_must_lock_everything(office: Office) -> None:
    """A release into a field without a full lock, or into none, is refused."""
    half = _sign(certify, office, _without_lock(document()))
    with pytest.raises(SignatureFieldMissing):
        _sign(release, office, half)
    with pytest.raises(SignatureFieldMissing):
        _sign(certify, office, document(), field="Nobody")


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
        _sign(certify, office, content)


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
        _sign(certify, office, pdf, days=4 * 365)
    with pytest.raises(CertificateNotYetValid):
        _sign(certify, office, pdf, days=-60)
    with pytest.raises(SignerRevoked):
        _sign(certify, office, pdf, trust=listed)
    with pytest.raises(SignerUnknown):
        _sign(certify, office, pdf, by=stranger.reviewer)
    with pytest.raises(RevocationListUnusable):
        _sign(certify, office, pdf, trust=without)
    with pytest.raises(RevocationListUnusable):
        _sign(certify, office, pdf, days=100)


def test_a_document_changed_between_the_signatures_is_not_released(office: Office) -> None:
    """The officer cannot sign what is no longer what the reviewer signed."""
    half = _sign(certify, office, document())
    with pytest.raises(SignedDocumentInvalid):
        _sign(release, office, _stamp_page(half))
    with pytest.raises(SignedDocumentInvalid):
        _sign(release, office, _flip(half, half.index(b"Determination") if b"Determination" in half else 900))


# --- changes after signing -----------------------------------------------------------------------------


def _flip(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def _update(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _stamp_page(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f"))
        writer.add_stream_to_page(0, stream)

    return _update(pdf, change)


def _append_page(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"0 0 200 200 re f")
        box = generic.ArrayObject([generic.NumberObject(side) for side in (0, 0, 595, 842)])
        page = {
            "/Type": generic.NameObject("/Page"),
            "/MediaBox": box,
            "/Contents": writer.add_object(stream),
        }
        writer.insert_page(
            generic.DictionaryObject({generic.NameObject(name): value for name, value in page.items()})
        )

    return _update(pdf, change)


def _annotate(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        note = {"/Type": "/Annot", "/Subtype": "/Square"}
        annotation = generic.DictionaryObject(
            {generic.NameObject(name): generic.NameObject(value) for name, value in note.items()}
        )
        box = generic.ArrayObject([generic.NumberObject(side) for side in (50, 50, 300, 300)])
        annotation[generic.NameObject("/Rect")] = box
        writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(annotation))

    return _update(pdf, change)


def _rename_field(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field[generic.NameObject("/TU")] = generic.TextStringObject("Signed by somebody else")
        writer.mark_update(writer.root["/AcroForm"]["/Fields"].raw_get(0))

    return _update(pdf, change)


def _touch_catalogue(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[generic.NameObject("/Lang")] = generic.TextStringObject("xx")
        writer.update_root()

    return _update(pdf, change)


@pytest.mark.parametrize(
    "change",
    [
        _stamp_page,
        _append_page,
        _annotate,
        _rename_field,
        _touch_catalogue,
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


@pytest.mark.parametrize("change", [_stamp_page, _append_page, _annotate])
def test_changes_between_the_signatures_show_at_the_reviewer_s(
    office: Office, change: Callable[[bytes], bytes]
) -> None:
    """A change after certification is named at the certifying signature."""
    answer = verify_pdf(change(_sign(certify, office, document())), office.trust, at=SIGNED, path="r.pdf")
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
        assert _verify(office, _flip(signed, at)).outcome is Outcome.REJECT, at


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
    pdf.write_bytes(_stamp_page(signed))
    said = subprocess.run(["pdfsig", "-nocert", pdf], capture_output=True, text=True, check=True).stdout
    assert said.count("Signature is Valid.") == 2
    assert _verify(office, pdf.read_bytes()).outcome is Outcome.REJECT
