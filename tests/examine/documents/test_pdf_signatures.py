"""PDF signatures: intact, altered, changed afterwards, forged, trusted."""

import io
import select
import socket

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

from tests.helpers.documents import authority, codes, examined, pdf, signed
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.reader import Notes


def verified(content: bytes, **options: object) -> tuple[Outcome, Notes]:
    """Outcome and notes of the verify verb."""
    notes = examined(content, "a.pdf", verifying=True, **options)  # type: ignore[arg-type]  # keywords pass through
    return outcome_of(notes.findings), notes


def test_an_intact_signature_is_taken_and_its_signer_called_unverified() -> None:
    """Without a trust file integrity is confirmed and identity is not."""
    outcome, notes = verified(signed(pdf()))
    assert outcome is Outcome.ACCEPT
    assert "PDF_SIG_IDENTITY_UNVERIFIED" in codes(notes)
    assert notes.facts["signatures"] == 1
    details = notes.facts["signature_details"]
    assert isinstance(details, list)
    assert details[0]["coverage"] == "ENTIRE_FILE"
    assert "Test Signer" in details[0]["signer"]


def test_a_trust_file_verifies_the_signer() -> None:
    """With the root named the signer is verified; with another root the signer is not trusted."""
    content = signed(pdf())
    outcome, notes = verified(content, trust=(authority()[0],))
    assert outcome is Outcome.ACCEPT
    assert "PDF_SIG_TRUSTED" in codes(notes)
    other = _other_root()
    outcome, notes = verified(content, trust=(other,))
    assert outcome is Outcome.WARN
    assert "PDF_SIG_UNTRUSTED" in codes(notes)


def _other_root() -> bytes:
    authority.cache_clear()
    root, _signer = authority()
    authority.cache_clear()
    return root


def test_a_pdf_without_signature_is_for_a_person_when_one_was_asked_for() -> None:
    """Verify answers *warn* for an unsigned PDF; inspect has nothing to say about it."""
    outcome, notes = verified(pdf())
    assert outcome is Outcome.WARN
    assert "PDF_UNSIGNED" in codes(notes)
    assert "PDF_UNSIGNED" not in codes(examined(pdf()))


def test_one_changed_byte_breaks_the_signature() -> None:
    """Altered signed content is rejected when verifying and for a person on intake."""
    content = signed(pdf(compress_streams=False))
    changed = content.replace(b"(Page 1)", b"(Page 9)")
    assert changed != content
    outcome, notes = verified(changed)
    assert outcome is Outcome.REJECT
    assert "PDF_SIG_BROKEN" in codes(notes)
    assert outcome_of(examined(changed).findings) is Outcome.WARN


def test_two_signatures_are_both_fine() -> None:
    """A second signature is an allowed addition after the first."""
    outcome, notes = verified(signed(signed(pdf()), "Sig2"))
    assert outcome is Outcome.ACCEPT
    assert notes.facts["signatures"] == 2
    assert "PDF_SIG_REVISED_AFTER" in codes(notes)


def _page_replaced(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 12 Tf (Paid) Tj ET"))
    writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _annotation_added(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page_reference = writer.root["/Pages"]["/Kids"].raw_get(0)
    page = page_reference.get_object()
    stamp = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
            generic.NameObject("/Contents"): generic.TextStringObject("Paid"),
            generic.NameObject("/Rect"): generic.ArrayObject(
                [generic.NumberObject(n) for n in (0, 0, 90, 90)]
            ),
        }
    )
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", []), writer.add_object(stamp)])
    writer.mark_update(page_reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("attack", [_page_replaced, _annotation_added])
def test_content_added_after_signing_is_rejected(attack: object) -> None:
    """Incremental saving attacks leave the digest intact and are still found."""
    changed = attack(signed(pdf()))  # type: ignore[operator]  # a function by the line above
    outcome, notes = verified(changed)
    assert outcome is Outcome.REJECT
    assert "PDF_SIG_CHANGED_AFTER" in codes(notes)


def test_a_second_signature_after_a_certification_that_forbids_it_is_rejected() -> None:
    """A document certified for no changes accepts no later signature."""
    first = signed(pdf(), certify=MDPPerm.NO_CHANGES)
    writer = IncrementalPdfFileWriter(io.BytesIO(first))
    writer.root["/Lang"] = generic.TextStringObject("en")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    outcome, notes = verified(out.getvalue())
    assert outcome is Outcome.REJECT
    assert "PDF_SIG_CHANGED_AFTER" in codes(notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/ByteRange", b"/ByteRangX"),
        (b"/Contents <", b"/Contentz <"),
    ],
)
def test_a_signature_without_its_parts_never_passes(old: bytes, new: bytes) -> None:
    """Universal forgery: a signature whose range or value is missing is rejected when verifying."""
    content = signed(pdf())
    changed = content.replace(old, new) if old in content else content.replace(old[:-2], new[:-2])
    assert changed != content
    outcome, _notes = verified(changed)
    assert outcome is Outcome.REJECT


def test_an_emptied_signature_value_never_passes() -> None:
    """A signature value of zeros is rejected when verifying."""
    content = signed(pdf())
    start = (
        content.index(b"/Contents <") + 11 if b"/Contents <" in content else content.index(b"/Contents<") + 10
    )
    end = content.index(b">", start)
    outcome, _notes = verified(content[:start] + b"0" * (end - start) + content[end:])
    assert outcome is Outcome.REJECT


def test_a_wrapped_byte_range_never_passes() -> None:
    """A range that skips more than the signature value does not cover the file."""
    content = signed(pdf())
    start = content.index(b"/ByteRange")
    end = content.index(b"]", start)
    numbers = [int(n) for n in content[start + 10 : end].strip(b" [").split()]
    forged = f"/ByteRange [0 {numbers[1]} {numbers[2] + 40} {numbers[3] - 40}]".encode()
    room = end + 1 - start
    outcome, _notes = verified(content[:start] + forged.ljust(room)[:room] + content[end + 1 :])
    assert outcome is Outcome.REJECT


def test_bytes_appended_after_the_signed_file_are_noticed() -> None:
    """A tail that belongs to no revision is not called covered."""
    content = signed(pdf()) + b"\n% more\n" + b"A" * 300
    _outcome, notes = verified(content)
    details = notes.facts["signature_details"]
    assert isinstance(details, list)
    assert details[0]["coverage"] != "ENTIRE_FILE" or "PDF_SIG_CHANGED_AFTER" in codes(notes)


def test_a_signed_pdf_rewritten_by_another_program_loses_its_signature() -> None:
    """Saving a signed file anew breaks the signature, and that is said."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed(pdf()))) as document:
        document.save(out)
    outcome, _notes = verified(out.getvalue())
    assert outcome is Outcome.REJECT


def test_validation_needs_no_socket_and_no_select(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the sandbox a socket pair and ``select`` are refused; validation works all the same."""

    def refuse(*_arguments: object) -> None:
        raise PermissionError

    content = signed(pdf())
    monkeypatch.setattr(socket, "socketpair", refuse)
    monkeypatch.setattr(select, "select", refuse)
    assert verified(content, trust=(authority()[0],))[0] is Outcome.ACCEPT
