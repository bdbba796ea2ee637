"""PDF (ISO 32000): structure, what a viewer would run or fetch, attachments, archival claims, signatures.

Three independent readers look at the same bytes, because a file that reads differently in two of them can
show one text to the reviewer and another to the signer:

* pyHanko, which follows the cross-reference data as written and repairs nothing, judges the structure;
* qpdf repairs what it can, and its repaired objects are searched for active content;
* PDFium is what the pages are shown with; it must find the same pages as qpdf.
"""

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workstation.examine.documents import pdf_active, pdf_archival, pdf_attachments, pdf_signatures, plain
from workstation.examine.documents.pdf_objects import MAX_PAGE_UNITS, MAX_PAGES, TooMany, text_of
from workstation.examine.reader import Notes, Source, SourceFile, pieces

if TYPE_CHECKING:
    import pikepdf

_NAMES_IN_BYTES = re.compile(
    rb"/(JavaScript|JS|Launch|SubmitForm|ImportData|GoToR|GoToE|RichMedia|XFA|EmbeddedFiles?|Rendition)\b"
)
_HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Libraries report about hostile bytes through logs and warnings; the answer leaves through ``Notes``."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def examine(source: Source, notes: Notes) -> None:
    """Examine one PDF file."""
    with quiet():
        _header(source, notes)
        signed = pdf_signatures.Structure(source)
        encrypted = signed.encrypted
        if signed.failure and not encrypted:
            notes.caution("PDF_MALFORMED", signed.failure)
        document = _opened(source, notes, encrypted=encrypted)
        if document is None:
            seen_fields = _search_bytes(source, notes)
        else:
            with document:
                seen_fields = pdf_signatures.signed_fields(document)
                _look(source, document, notes)
        pdf_signatures.report(signed, seen_fields, notes)


def _header(source: Source, notes: Notes) -> None:
    head = source.read_at(0, 1_029)
    at = head.find(b"%PDF-")
    version = re.match(rb"%PDF-(\d\.\d)", head[at : at + 8]) if at >= 0 else None
    if version is None:
        notes.caution("PDF_MALFORMED", "no %PDF header in the first 1024 bytes")
    else:
        notes.facts["pdf_version"] = version[1].decode()
    if at > 0:
        notes.note("PDF_IRREGULAR", f"{at} bytes before the header")
    tail = source.read_at(max(0, source.size_bytes - 66_000), 66_000)
    end = tail.rfind(b"PK\x05\x06")
    if end >= 0 and len(tail) - end >= 22:  # noqa: PLR2004 - a zip end record
        comment = int.from_bytes(tail[end + 20 : end + 22], "little")
        if end + 22 + comment == len(tail):
            notes.caution("PDF_POLYGLOT", "the file is also a zip archive")


def _opened(source: Source, notes: Notes, *, encrypted: bool) -> "pikepdf.Pdf | None":
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    try:
        document = pikepdf.open(SourceFile(source))  # type: ignore[arg-type]  # a file object in all it uses
    except pikepdf.PasswordError:
        notes.incomplete("PDF_ENCRYPTED", "a password is needed to open it")
        return None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError) as error:
        why = plain.visible(str(error).rpartition(": ")[2])[:200]
        if "unsupported encryption" in why:
            notes.incomplete("PDF_ENCRYPTED", why)
        else:
            notes.incomplete("PDF_MALFORMED", why)
            if encrypted:
                notes.incomplete("PDF_ENCRYPTED", "the encryption dictionary cannot be used")
        return None
    if document.is_encrypted:
        notes.caution("PDF_ENCRYPTED", "opens without a password, yet its content is encrypted")
    return document


def _look(source: Source, document: "pikepdf.Pdf", notes: Notes) -> None:
    pages = _pages(document, notes)
    _compare(source, document, pages, notes)
    _describe(document, notes)
    try:
        objects = pdf_active.report(document, notes)
        pdf_attachments.report(objects.attached, notes)
    except TooMany as reason:
        notes.incomplete("PDF_TOO_LARGE", str(reason))
    pdf_archival.report(source, document, notes)


def _pages(document: "pikepdf.Pdf", notes: Notes) -> int:
    try:
        count = len(document.pages)
    except Exception as error:  # noqa: BLE001 - pikepdf maps several C++ failures to bare exceptions
        notes.incomplete(
            "PDF_MALFORMED", f"the page tree cannot be walked: {plain.visible(str(error))[-120:]}"
        )
        return 0
    notes.facts["pages"] = count
    if count > MAX_PAGES:
        notes.incomplete("PDF_TOO_LARGE", f"{count} pages, shown up to {MAX_PAGES}")
    return count


def _compare(source: Source, document: "pikepdf.Pdf", pages: int, notes: Notes) -> None:
    """PDFium shows the pages; if it finds others than qpdf, nobody knows what the file says."""
    import pypdfium2  # noqa: PLC0415 - only inside the sandbox

    shown = 0
    try:
        viewer = pypdfium2.PdfDocument(SourceFile(source))
        try:
            shown = len(viewer)
            _sizes(viewer, min(shown, MAX_PAGES), notes)
        finally:
            viewer.close()
    except (pypdfium2.PdfiumError, RuntimeError, ValueError) as error:
        if not document.is_encrypted:
            notes.incomplete("PDF_MALFORMED", f"it cannot be shown: {type(error).__name__}")
            return
    if shown != pages and not document.is_encrypted:
        notes.incomplete("PDF_MALFORMED", f"two readers find {pages} and {shown} pages")
    repairs = [plain.visible(str(w)).rpartition(": ")[2] for w in document.get_warnings()]
    if repairs:
        notes.note("PDF_IRREGULAR", f"{len(repairs)} repairs: " + "; ".join(repairs[:3]))


def _sizes(viewer: Any, pages: int, notes: Notes) -> None:
    """Whether every page object can be opened, and is of a size that can be drawn (ISO 32000-1 annex C)."""
    import pypdfium2  # noqa: PLC0415 - only inside the sandbox

    missing, huge = [], []
    for page in range(pages):
        try:
            width, height = viewer.get_page_size(page)
        except pypdfium2.PdfiumError:
            missing.append(page + 1)
        else:
            if not (width <= MAX_PAGE_UNITS and height <= MAX_PAGE_UNITS):
                huge.append(page + 1)
    if missing:
        notes.incomplete("PDF_MALFORMED", f"{len(missing)} pages cannot be shown, first: {missing[0]}")
    if huge:
        notes.note("PDF_IRREGULAR", f"{len(huge)} pages larger than {MAX_PAGE_UNITS} units, first: {huge[0]}")


def _describe(document: "pikepdf.Pdf", notes: Notes) -> None:
    for key, fact in (
        ("/Title", "title"),
        ("/Author", "author"),
        ("/Producer", "producer"),
        ("/Creator", "creator"),
    ):
        value = text_of(document.trailer, "/Info", key)
        if value:
            notes.facts[fact] = plain.visible(value)[:300]


def _search_bytes(source: Source, notes: Notes) -> int:
    """Where no reader gets in, the names of active content are still searched in the bytes.

    Returns:
        How many signature values seem to be there.
    """
    found: set[bytes] = set()
    carry, signatures = b"", 0
    for piece in pieces(source):
        window = _HEX_IN_NAME.sub(lambda m: bytes([int(m[1], 16)]), carry + piece)
        found.update(match[1] for match in _NAMES_IN_BYTES.finditer(window))
        signatures += piece.count(b"/ByteRange")
        carry = piece[-64:]
    if found:
        names = ", ".join(sorted(name.decode() for name in found))
        notes.caution("PDF_ACTIVE", f"names seen in the bytes: {names}")
    return signatures
