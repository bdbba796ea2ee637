"""Office files, legacy files, images, CMS."""

import asyncio
import io
import struct
import warnings

import pytest
from asn1crypto import cms
from PIL import Image
from pyhanko.sign import signers

from tests.helpers.archives import ZipMember, make_zip
from tests.helpers.documents import authority, codes, examined, office, relationship
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.container import Container, OpenableItem
from workstation.examine.documents import cms as cms_reader
from workstation.examine.documents.office import extract_text
from workstation.examine.examiner import Examiner
from workstation.examine.reader import BytesSource, Notes


def test_an_ordinary_document_needs_nobody() -> None:
    """A DOCX without anything special is taken in and its text can be read."""
    notes = examined(office(), "a.docx")
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.kind == "docx"
    assert extract_text(BytesSource(office())).strip() == "Hello"


_FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DDE</w:instrText></w:r>'
    '<w:r><w:instrText>AUTO cmd "/c calc"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    "</w:p>"
)


@pytest.mark.parametrize(
    ("parts", "body", "code"),
    [
        ({"word/vbaProject.bin": b"x"}, "", "OFFICE_MACRO"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "", "OFFICE_OBJECT"),
        (
            {"word/_rels/document.xml.rels": relationship("oleObject", "http://x/a.doc")},
            "",
            "OFFICE_EXTERNAL",
        ),
        (
            {"word/_rels/settings.xml.rels": relationship("attachedTemplate", "http://x/a.dotm")},
            "",
            "OFFICE_TEMPLATE",
        ),
        (
            {"word/_rels/document.xml.rels": relationship("aFChunk", "a.htm", external=False)},
            "",
            "OFFICE_CHUNK",
        ),
        (
            {"word/_rels/document.xml.rels": relationship("hyperlink", "file://host/share")},
            "",
            "OFFICE_EXTERNAL",
        ),
        ({}, _FIELD, "OFFICE_DDE"),
        ({}, '<w:fldSimple w:instr="DDE Excel a"/>', "OFFICE_DDE"),
        ({}, '<w:fldSimple w:instr="INCLUDEPICTURE &quot;http://x/y&quot;"/>', "OFFICE_EXTERNAL"),
        ({"xl/externalLinks/externalLink1.xml": '<ddeLink ddeService="cmd"/>'}, "", "OFFICE_DDE"),
        ({"docProps/x.xml": "<a>"}, "", "OFFICE_INVALID"),
    ],
)
def test_what_an_office_program_would_do_is_named(parts: dict[str, str], body: str, code: str) -> None:
    """Macros, objects, outside content, templates, fields and chunks are each a caution."""
    notes = examined(office(parts, body), "a.docx")
    assert code in codes(notes)
    assert outcome_of(notes.findings) is Outcome.WARN


def test_an_ordinary_hyperlink_needs_nobody() -> None:
    """Web links are counted."""
    parts = {"word/_rels/document.xml.rels": relationship("hyperlink", "https://example.org")}
    notes = examined(office(parts), "a.docx")
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.facts["links"] == 1


def test_an_entity_in_a_part_is_rejected() -> None:
    """An XXE in any part quarantines the document."""
    part = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    notes = examined(office({"word/styles.xml": part}), "a.docx")
    assert "XML_ENTITY" in codes(notes)
    assert outcome_of(notes.findings) is Outcome.REJECT


def test_hidden_text_is_extracted_and_noted() -> None:
    """Text that an office program would hide is shown and said to be hidden."""
    body = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>"
    assert "OFFICE_HIDDEN_TEXT" in codes(examined(office(body=body), "a.docx"))
    assert "secret" in extract_text(BytesSource(office(body=body)))


def _compound(*names: str) -> bytes:
    """A compound file with one directory sector and one allocation sector."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HH", header, 30, 9, 6)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<II", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    directory = b""
    for name in names:
        raw = name.encode("utf-16-le") + b"\0\0"
        directory += raw.ljust(64, b"\0") + struct.pack("<HB", len(raw), 2).ljust(64, b"\0")
    return bytes(header) + table + directory.ljust(512, b"\0")


@pytest.mark.parametrize(
    ("names", "kind", "code"),
    [
        (("Root Entry", "WordDocument"), "doc", "OFFICE_LEGACY"),
        (("Root Entry", "Workbook", "VBA"), "xls", "OFFICE_MACRO"),
        (("Root Entry", "EncryptedPackage"), "office-encrypted", "OFFICE_ENCRYPTED"),
        (("Root Entry", "WordDocument", "ObjectPool"), "doc", "OFFICE_OBJECT"),
    ],
)
def test_legacy_files_are_named_and_never_called_read(names: tuple[str, ...], kind: str, code: str) -> None:
    """A compound file is at best inconclusive, and its marks are named."""
    notes = examined(_compound(*names))
    assert notes.kind == kind
    assert code in codes(notes)
    assert not notes.complete


def test_a_looping_directory_ends() -> None:
    """A directory chain that returns to itself is broken, not endless."""
    content = bytearray(_compound("Root Entry"))
    struct.pack_into("<I", content, 512 + 4, 1)
    assert "OLE_INVALID" in codes(examined(bytes(content)))


def test_rich_text_is_looked_over() -> None:
    """Objects in rich text are named; the text stays unread."""
    notes = examined(rb"{\rtf1{\object\objemb{\*\objdata 0105}}}", "a.rtf")
    assert {"OFFICE_OBJECT", "OFFICE_LEGACY"} <= codes(notes)


def picture(kind: str, size: tuple[int, int] = (8, 6)) -> bytes:
    """A small image of a kind."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_ordinary_images_need_nobody(kind: str) -> None:
    """Each raster format is decoded whole."""
    notes = examined(picture(kind))
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.kind == kind.lower()
    assert (notes.facts["width_px"], notes.facts["height_px"]) == (8, 6)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_cut_images_are_inconclusive(kind: str) -> None:
    """An image without its second half is not called looked at."""
    content = picture(kind, (64, 64))
    notes = examined(content[: len(content) // 2], f"a.{kind.lower()}")
    assert not notes.complete


def test_bytes_behind_a_picture_are_named() -> None:
    """An archive glued to a picture is noticed."""
    assert "IMAGE_TRAILING" in codes(examined(picture("PNG") + b"PK\x03\x04" + bytes(40)))


def test_a_huge_picture_is_not_decoded() -> None:
    """Dimensions beyond the ceiling are refused before memory is spent."""
    content = bytearray(picture("PNG"))
    content[16:24] = struct.pack(">II", 100_000, 100_000)
    import zlib

    content[29:33] = struct.pack(">I", zlib.crc32(bytes(content[12:29])))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        notes = examined(bytes(content))
    assert "IMAGE_TOO_LARGE" in codes(notes)


def _signature(content: bytes, *, detached: bool) -> bytes:
    signer: signers.SimpleSigner = authority()[1]
    info: cms.ContentInfo = asyncio.run(signer.async_sign_general_data(content, "sha256", detached=detached))
    return bytes(info.dump())


def _beside(name: str, content: bytes, signature: bytes) -> Notes:
    files = Container(
        [OpenableItem(path=name, size_bytes=len(content), open=lambda: BytesSource(content, name))]
    )
    notes = Notes(f"{name}.p7s", folder=files)
    cms_reader.examine(BytesSource(signature, f"{name}.p7s"), notes)
    return notes


def test_a_detached_signature_is_checked_against_the_file_beside_it() -> None:
    """The right content is intact, other content is rejected, missing content is for a person."""
    signature = _signature(b"report", detached=True)
    assert "CMS_SIG_INTACT" in codes(_beside("a.bin", b"report", signature))
    wrong = _beside("a.bin", b"raport", signature)
    assert outcome_of(wrong.findings) is Outcome.REJECT
    alone = examined(signature, "a.bin.p7s")
    assert codes(alone) == {"CMS_CONTENT_MISSING"}


def test_an_attached_signature_is_checked() -> None:
    """A message that carries its content needs no other file."""
    notes = examined(_signature(b"report", detached=False), "a.p7m")
    assert "CMS_SIG_INTACT" in codes(notes)
    assert notes.facts["detached"] is False


def test_a_broken_message_is_inconclusive() -> None:
    """Bytes that only look like a signature file are named unreadable."""
    notes = examined(b"\x30\x82" + bytes(30), "a.p7s")
    assert codes(notes) == {"CMS_INVALID"}


@pytest.mark.parametrize("method", [0, 8])
def test_a_zip_that_carries_a_document_is_no_document(method: int) -> None:
    """A stored document shows its parts' names; the zip around it is opened, and danger beside it found."""
    content = make_zip(
        ZipMember(name=b"report.docx", data=office(), method=method),
        ZipMember(name=b"model.pkl", data=b"cposix\nsystem\n(S'true'\ntR."),
    )
    with Examiner() as examiner:
        found = examiner.examine(BytesSource(content, "all.zip"))
    kinds = {file.path: file.kind for file in found.files}
    assert kinds == {"report.docx": "docx", "model.pkl": "pickle", "": "zip"}
    assert found.outcome is Outcome.REJECT
