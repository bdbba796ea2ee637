"""A drawn report is archival, accessible and the same every time."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pikepdf
import pytest
from defusedxml import ElementTree

from reports.pages import MarkingTooLong
from reports.render import ReportUnmarked, render
from tests.helpers import pdf_structure as read
from tests.helpers.children import ROOT
from tests.helpers.sample_report import AT, DIGEST, HEAD, WATERMARK, sample_report
from workstation.core.report import ReportDocument

SAMPLE = sample_report()


@pytest.fixture(scope="module")
def drawn() -> bytes:
    """The sample, drawn once."""
    return render(SAMPLE, at=AT)


@pytest.fixture
def pdf(drawn: bytes) -> Iterator[pikepdf.Pdf]:
    """The sample opened by an independent library."""
    with pikepdf.open(io.BytesIO(drawn)) as opened:
        yield opened


def test_equal_documents_are_equal_bytes(drawn: bytes) -> None:
    """Drawing the same document again gives the same bytes, in another process and hash order too."""
    script = (
        "from reports.render import render\n"
        "from tests.helpers.sample_report import AT, sample_report\n"
        "import sys; sys.stdout.buffer.write(render(sample_report(), at=AT))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        capture_output=True,
        check=True,
    ).stdout
    assert render(SAMPLE, at=AT) == drawn
    assert other == drawn


def test_another_moment_is_another_file(drawn: bytes) -> None:
    """The date of the file is the one that was given."""
    assert render(SAMPLE, at=AT.replace(second=6)) != drawn
    with pytest.raises(ValueError, match="2027"):
        render(SAMPLE, at=datetime(2027, 3, 22))


def test_an_unmarked_document_is_refused() -> None:
    """A document whose banner is blank is not drawn."""
    with pytest.raises(ReportUnmarked):
        render(replace(SAMPLE, marking="  "), at=AT)


def test_everything_drawn_is_tagged(pdf: pikepdf.Pdf) -> None:
    """No text, line or fill stands outside of a structure element or an artifact."""
    marks, loose = read.drawn_marks(pdf)
    assert loose == []
    assert len(marks) > 100


def test_every_mark_is_in_the_parent_tree(pdf: pikepdf.Pdf) -> None:
    """Marks, structure tree and parent tree tell the same story, from each side."""
    marks, _ = read.drawn_marks(pdf)
    tree = read.structure(pdf)
    owners = {mark: node for node in tree.walk() for mark in node.marks}
    assert set(owners) == set(marks)
    assert sum(len(node.marks) for node in tree.walk()) == len(owners)
    parents = read.parent_tree(pdf)
    for (page, mcid), tag in marks.items():
        node = owners[page, mcid]
        assert node.role == tag
        assert node.raw is not None
        assert parents[page][mcid].objgen == node.raw.objgen
        assert int(pdf.pages[page].StructParents) == page


def test_every_annotation_has_its_place_in_the_tree(pdf: pikepdf.Pdf) -> None:
    """Links and signature fields are reached from the tree and lead back to it; their pages follow it."""
    parents = read.parent_tree(pdf)
    reached = {held.objgen: node for node in read.structure(pdf).walk() for held in node.objects}
    annotations = [entry for page in pdf.pages for entry in page.obj.get("/Annots", [])]
    assert {entry.objgen for entry in annotations} == set(reached)
    assert len(reached) == 10
    for entry in annotations:
        node = reached[entry.objgen]
        assert node.role == {"/Link": "Link", "/Widget": "Form"}[str(entry.Subtype)]
        assert node.raw is not None
        assert parents[int(entry.StructParent)].objgen == node.raw.objgen
        assert int(entry.F) & 4
    assert {str(page.obj.Tabs) for page in pdf.pages} == {"/S"}


def test_the_reading_order_is_the_order_of_the_document(pdf: pikepdf.Pdf) -> None:
    """Marking, notice, kind and title come first; headings descend without a gap; signatures are last."""
    tree = read.structure(pdf)
    texts = read.element_texts(pdf)
    said = ["".join(texts[mark] for mark in node.marks).strip() for node in tree.kids]
    assert said[:4] == ["UNCLASSIFIED", WATERMARK, "DETERMINATION REPORT", "(U) Aster-3 by Northwind Compute"]
    levels = [int(node.role[1]) for node in tree.walk() if re.fullmatch(r"H\d", node.role)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [node.objects[0].T for node in tree.find("Form")] == ["Reviewer", "SecurityOfficer"]
    assert tree.kids[-1].find("Form")


def test_tables_say_what_heads_what(pdf: pikepdf.Pdf) -> None:
    """Header cells have a scope, every row of a table is equally long, and captions come first."""
    tree = read.structure(pdf)
    tables = tree.find("Table")
    assert len(tables) == 6
    for table in tables:
        assert {cell.scope for cell in table.find("TH")} <= {"Row", "Column"}
        lengths = {len(row.kids) for row in table.find("TR")}
        assert len(lengths) == 1
        assert [kid.role for kid in table.kids if kid.role == "Caption"] == [
            kid.role for kid in table.kids[:1] if kid.role == "Caption"
        ]


def test_a_repeated_header_is_read_once(pdf: pikepdf.Pdf, drawn: bytes) -> None:
    """The header of a table that runs over pages is seen on each of them and is content on the first only."""
    tree = read.structure(pdf)
    texts = read.element_texts(pdf)
    heads = ["".join(texts[mark] for mark in cell.marks).strip() for cell in tree.find("TH")]
    assert heads.count("Ground") == 1
    seen = [page for page in read.page_texts(drawn) if "Ground" in page]
    assert len(seen) >= 3


def test_figures_have_alternatives(pdf: pikepdf.Pdf) -> None:
    """Every drawing carries its text alternative and says where it stands."""
    figures = read.structure(pdf).find("Figure")
    assert len(figures) == 3
    for figure in figures:
        assert len(figure.alternative) > 80
        assert figure.raw is not None
        assert len(figure.raw.A.BBox) == 4


def test_fonts_are_embedded_and_speak_unicode(pdf: pikepdf.Pdf) -> None:
    """Every font of every page is a subset within the file, with a map to Unicode."""
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            assert re.fullmatch(r"/[A-Z]{6}\+IBMPlex.*", str(font.BaseFont))
            assert len(font.FontDescriptor.FontFile2.read_bytes()) > 1_000
            codes = re.findall(rb"^<\w\w> <(\w{4})>$", font.ToUnicode.read_bytes(), re.MULTILINE)
            assert len(codes) > 90
            assert not {b"0000", b"FEFF", b"FFFE"} & set(codes)


def test_the_catalog_is_that_of_an_accessible_archive(pdf: pikepdf.Pdf) -> None:
    """Language, title display, marks, output intent and outline are in the catalog."""
    root = pdf.Root
    assert str(root.Lang) == "en-US"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
    assert root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
    assert pdf.pdf_version == "1.7"
    with pdf.open_outline() as outline:
        assert [item.title for item in outline.root][-1] == "Signatures"
        assert len(outline.root[0].children) == 3


def test_the_metadata_says_what_the_file_is(pdf: pikepdf.Pdf) -> None:
    """XMP claims PDF/A-3a and PDF/UA-1, explains its schemas and agrees with the information dictionary."""
    packet = pdf.Root.Metadata
    assert "/Filter" not in packet
    tree = ElementTree.fromstring(packet.read_bytes())
    values = {
        node.tag.rpartition("}")[0][1:] + node.tag.rpartition("}")[2]: (node.text or "")
        for node in tree.iter()
    }
    assert values["http://www.aiim.org/pdfa/ns/id/part"] == "3"
    assert values["http://www.aiim.org/pdfa/ns/id/conformance"] == "A"
    assert values["http://www.aiim.org/pdfua/ns/id/part"] == "1"
    own = "urn:frontier-review-workstation:report:1#"
    assert values[f"{own}AuditChainHead"] == HEAD
    assert values[f"{own}PackageDigest"] == DIGEST
    assert values[f"{own}Marking"] == "UNCLASSIFIED"
    schemas = [node.text for node in tree.iter() if node.tag.endswith("}namespaceURI")]
    assert schemas == ["http://www.aiim.org/pdfua/ns/id/", own]
    texts = [node.text for node in tree.iter() if node.text]
    for key in ("/Title", "/Author", "/Subject", "/Keywords", "/Producer"):
        assert str(pdf.docinfo[key]) in texts
    assert str(pdf.docinfo["/CreationDate"]) == "D:20270322150405Z"
    assert values["http://ns.adobe.com/xap/1.0/CreateDate"] == "2027-03-22T15:04:05Z"


def test_the_data_is_attached(pdf: pikepdf.Pdf) -> None:
    """The machine-readable determination is in the file as associated data, byte for byte."""
    (attachment,) = SAMPLE.attachments
    (spec,) = pdf.Root.AF
    assert str(spec.AFRelationship) == "/Data"
    assert str(spec.UF) == "determination.json"
    assert str(spec.EF.F.Subtype) == "/application/json"
    assert spec.EF.F.read_bytes() == attachment.content
    assert pdf.Root.Names.EmbeddedFiles.Names[1].objgen == spec.objgen


def test_signature_fields_wait_to_be_signed(pdf: pikepdf.Pdf) -> None:
    """Both fields have a size, a tooltip and an appearance; only the last one locks the document."""
    first, last = pdf.Root.AcroForm.Fields
    for entry in (first, last):
        left, bottom, right, top = (float(value) for value in entry.Rect)
        assert (round(right - left, 1), round(top - bottom, 1)) == (230.4, 79.2)
        assert str(entry.TU).startswith("Signature: ")
        assert b"Not signed" in entry.AP.N.read_bytes()
        assert "/V" not in entry
    assert "/Lock" not in first
    assert (str(last.Lock.Action), int(last.Lock.P)) == ("/All", 1)


def test_every_page_is_marked_and_numbered(drawn: bytes) -> None:
    """The banner stands twice on every page, with identifier, page n of m and the demonstration notice."""
    pages = read.page_texts(drawn)
    for number, page in enumerate(pages, start=1):
        assert page.count("UNCLASSIFIED") >= 2
        assert f"Page {number} of {len(pages)}" in page
        assert "DET-4H8K2P6R" in page
        assert page.count(WATERMARK) >= 1


def test_a_real_report_has_no_watermark() -> None:
    """Without a watermark text nothing of it is drawn."""
    pages = read.page_texts(render(sample_report(watermark=""), at=AT))
    assert not [page for page in pages if "DEMO" in page]


@pytest.mark.parametrize(
    ("marking", "ground", "text"),
    [
        ("UNCLASSIFIED", "0 .478431 .2 rg", "1 1 1 rg"),
        ("CUI", ".313725 .168627 .521569 rg", "1 1 1 rg"),
        ("SECRET//NOFORN", ".784314 .062745 .180392 rg", "1 1 1 rg"),
        ("TOP SECRET//NOFORN", "1 .54902 0 rg", "0 0 0 rg"),
        ("TOP SECRET//SI/TK//NOFORN", ".988235 .909804 .227451 rg", "0 0 0 rg"),
        ("//JOINT SECRET CAN USA", ".784314 .062745 .180392 rg", "1 1 1 rg"),
        ("COSMIC TRICK", "1 1 1 rg", "0 0 0 rg"),
    ],
)
def test_the_banner_has_its_colour_and_a_text_that_stands_out(marking: str, ground: str, text: str) -> None:
    """Ground and text colour follow the level; what is not recognised is black on white."""
    small = ReportDocument(
        kind=SAMPLE.kind,
        title="T",
        identifier="I",
        date_text="D",
        marking=marking,
        metadata=SAMPLE.metadata,
        blocks=(),
    )
    with pikepdf.open(io.BytesIO(render(small, at=AT))) as opened:
        content = opened.pages[0].Contents.read_bytes().decode("latin-1")
    banner = content[: content.index(f"({marking}) Tj")]
    assert banner.rindex(ground) < banner.rindex(text) or ground == text
    assert banner.rstrip().rpartition(" rg ")[0].endswith(text.removesuffix(" rg"))


def test_a_very_long_marking_is_never_cut() -> None:
    """A banner of many countries runs over lines until the whole of it stands twice on every page."""
    countries = " ".join(["AUS", "CAN", "DEU", "GBR", "NZL"] * 20)
    marking = f"TOP SECRET//SI-G/TK//FGI {countries}//ORCON/NOFORN"
    pages = read.page_texts(render(replace(SAMPLE, marking=marking), at=AT))
    for page in pages:
        assert read.squeezed(page).count(read.squeezed(marking)) >= 2


def test_a_marking_that_fills_the_page_is_refused() -> None:
    """A banner that could only be printed unreadably small or cut is refused with its length."""
    with pytest.raises(MarkingTooLong) as caught:
        render(replace(SAMPLE, marking="SECRET//REL TO " + "USA, " * 400), at=AT)
    assert caught.value.facts == {"characters": 2015}
