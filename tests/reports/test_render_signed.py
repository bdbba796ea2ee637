"""What a drawn report was before it is signed, it is afterwards: tagged, embedded, whole."""

import io

import pikepdf
import pytest

from reports.render import render
from reports.signing import certify, release
from tests.helpers import pdf_structure as read
from tests.helpers.sample_report import sample_report
from tests.helpers.signing_office import SIGNED, found_office


@pytest.fixture(scope="module")
def signed() -> bytes:
    """The sample, certified by its reviewer and released by the officer."""
    office = found_office(demo=True)
    drawn = render(sample_report(items=6), at=SIGNED)
    certified = certify(
        drawn,
        field="Reviewer",
        signer=office.sign_as(office.reviewer),
        trust=office.trust,
        timestamper=office.clock(),
        at=SIGNED,
        reason="I have examined the material.",
    )
    return release(
        certified,
        field="SecurityOfficer",
        signer=office.sign_as(office.officer),
        trust=office.trust,
        timestamper=office.clock(),
        at=SIGNED,
        reason="Released.",
    )


def test_the_fields_take_both_signatures(signed: bytes) -> None:
    """Both fields of a drawn report are filled in order, and nothing says "Not signed" any more."""
    with pikepdf.open(io.BytesIO(signed)) as opened:
        fields = list(opened.Root.AcroForm.Fields)
        assert [str(field.T) for field in fields] == ["Reviewer", "SecurityOfficer"]
        for field in fields:
            assert "/ByteRange" in field.V
            assert b"Not signed" not in field.AP.N.read_bytes()


def test_a_signed_report_is_still_tagged(signed: bytes) -> None:
    """After both signatures every mark has its owner, both fields their place, and the XMP is as drawn."""
    with pikepdf.open(io.BytesIO(signed)) as opened:
        marks, loose = read.drawn_marks(opened)
        tree = read.structure(opened)
        assert loose == []
        assert {mark for node in tree.walk() for mark in node.marks} == set(marks)
        parents = read.parent_tree(opened)
        for node in tree.find("Form"):
            (widget,) = node.objects
            assert node.raw is not None
            assert parents[int(widget.StructParent)].objgen == node.raw.objgen
            assert str(widget.TU).startswith("Signature: ")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in opened.Root.Metadata.read_bytes()
        assert str(opened.docinfo["/ModDate"]) == SIGNED.strftime("D:%Y%m%d%H%M%SZ")


def test_every_font_of_a_signed_report_is_embedded(signed: bytes) -> None:
    """The visible signature blocks bring no font that is not inside the file."""
    with pikepdf.open(io.BytesIO(signed)) as opened:
        fonts = [
            entry
            for entry in opened.objects
            if isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == pikepdf.Name.Font
        ]
        shown = {str(font.BaseFont) for font in fonts if "/FontDescriptor" not in font}
        used = {
            str(font.BaseFont)
            for page in opened.pages
            for resources in _resources(page.obj)
            for font in resources.get("/Font", {}).values()
        }
        assert used
        assert not used & shown


def _resources(page: pikepdf.Object) -> list[pikepdf.Object]:
    found = [page.Resources]
    waiting = [annotation.AP.N for annotation in page.get("/Annots", []) if "/AP" in annotation]
    while waiting:
        form = waiting.pop()
        resources = form.get("/Resources")
        if resources is not None:
            found.append(resources)
            waiting += list(resources.get("/XObject", {}).values())
    return found
