"""Text from outside is shown as typed: no markup, nothing invisible, nothing cut."""

import io
import unicodedata
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.render import render
from reports.styles import BODY, CELL_DIGEST, Style
from reports.text import break_lines, drawable, is_hidden, set_name, set_text, text_width, visible
from tests.helpers import pdf_structure as read
from tests.helpers.sample_report import AT, sample_report
from workstation.core.report import (
    Attachment,
    Block,
    Bullets,
    Callout,
    Chart,
    Column,
    Contents,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    ReportDocument,
    Row,
    SignatureBlock,
    Table,
    TextStyle,
)
from workstation.core.report_charts import CoverageMap, CoverageRow, Reading, ThresholdReadings

STYLES = st.sampled_from([BODY, CELL_DIGEST, Style(font="FRW-SemiBold", size=25, leading=31)])


def every_place(text: str) -> ReportDocument:
    """A document with the text in every place that takes one."""
    fact = Fact(label=text, value=text)
    blocks: tuple[Block, ...] = (
        Contents(title=text),
        Heading(text=text, portion=text),
        Paragraph(text=text, portion=text),
        Bullets(items=(text,), portions=(text,)),
        KeyValues(facts=(fact, replace(fact, style=TextStyle.DIGEST)), caption=text),
        Table(
            columns=(Column(header=text), Column(header=text, share=0.1)),
            rows=(Row(cells=(text, text), portion=text),),
            caption=text,
        ),
        Chart(
            caption=text or "c",
            alternative=text or "a",
            data=CoverageMap(states=(text, "b"), rows=(CoverageRow(label=text, counts=(1, 0)),)),
        ),
        Chart(
            caption=text or "c",
            alternative=text or "a",
            data=ThresholdReadings(
                unit=text, scale_from=0, scale_to=1, readings=(Reading(label=text, value=2),)
            ),
        ),
        Callout(title=text, text=text, items=(text,)),
        SignatureBlock(field_name="A", role=text, name=text, statement=text),
    )
    sample = sample_report(watermark=text)
    return replace(
        sample,
        title=text,
        subtitle=text,
        identifier=text,
        date_text=text,
        marking=f"SECRET {text[:60]}",
        authority=(text,),
        key_facts=KeyFacts(headline=fact, facts=(fact, fact)),
        metadata=replace(sample.metadata, author_office=text, subject=text, keywords=(text,)),
        attachments=(
            Attachment(name=f"{text}.json", media_type="application/json", description=text, content=b"{}"),
        ),
        blocks=blocks,
    )


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b>",
        "&amp; &lt; &#65;",
        "<para>x</para>",
        '<img src="file:///etc/passwd"/>',
        "</para><font size=99>",
        "(a) \\( \\) \\n Tj ET EMC",
        "%(x)s {title} {0}",
        "]]> --> <?xpacket end?>",
    ],
)
def test_markup_is_shown_as_typed(text: str) -> None:
    """What looks like markup, in whatever place, is read back from the page character by character."""
    made = render(every_place(text), at=AT)
    whole = read.squeezed("".join(read.page_texts(made)))
    assert whole.count(read.squeezed(text)) >= 20
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert read.drawn_marks(opened)[1] == []
        assert str(opened.docinfo["/Author"]) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gnp\u202efdp.exe", "gnp\u2039U+202E\u203afdp.exe"),
        ("a\u200bb", "a\u2039U+200B\u203ab"),
        ("a\ufeffb", "a\u2039U+FEFF\u203ab"),
        ("a\x00b", "a\u2039U+0000\u203ab"),
        ("a\x1b[31mb", "a\u2039U+001B\u203a[31mb"),
        ("a\u00adb", "a\u2039U+00AD\u203ab"),
        ("a\u2028b", "a\u2039U+2028\u203ab"),
        ("a\u3000b", "a\u2039U+3000\u203ab"),
        ("\ud800", "\u2039U+D800\u203a"),
        ("\U000e0041", "\u2039U+E0041\u203a"),
        ("\u7cfb\u7edf", "\u2039U+7CFB U+7EDF\u203a"),
        ("\u2039U+202E\u203a", "\u2039U+2039\u203aU+202E\u203a"),
        ("a" + " " * 40 + "b", "a\u2039U+0020\u00d740\u203ab"),
        ("\u200b" * 3000, "\u2039U+200B\u00d73000\u203a"),
        ("caf\u00e9 \u0416 \u03a9 \u2192", "caf\u00e9 \u0416 \u03a9 \u2192"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """Controls, direction marks, zero-width and unknown characters appear as their code points."""
    assert visible(text) == shown


def test_a_newline_in_a_name_is_no_line_break() -> None:
    """A file name with a newline stays one string; running text begins a new line instead."""
    name = set_name("a\nb", BODY, 400)
    assert "".join(piece.text for piece in name[0].pieces) == "a\u2039U+000A\u203ab"
    assert len(set_text("a\nb\r\nc", BODY, 400)) == 3


def test_no_hidden_character_reaches_a_page() -> None:
    """A text of every format and control character leaves none of them in the file's text."""
    hidden = "".join(
        chr(code)
        for code in range(0x2FFF)
        if is_hidden(chr(code)) and unicodedata.category(chr(code)) != "Cn"
    )
    whole = "".join(read.page_texts(render(every_place(f"x{hidden}x"), at=AT)))
    assert {char for char in whole if is_hidden(char)} <= {"\r", "\n"}


def test_right_to_left_text_does_not_turn_the_line_round() -> None:
    """Hebrew and Arabic are shown as code points, in the order of the text, and what follows stays put."""
    made = render(every_place("abc \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 def"), at=AT)
    whole = read.squeezed("".join(read.page_texts(made)))
    assert "abc\u2039U+05E9U+05DCU+05D5U+05DD\u203a\u2039U+0645" in whole


@given(text=st.text(max_size=300), style=STYLES, width=st.floats(min_value=30, max_value=500))
def test_no_line_is_wider_than_its_room(text: str, style: Style, width: float) -> None:
    """However text is broken, every line fits, and all of its drawable characters stay in order."""
    pieces = drawable(text, style)
    lines = break_lines(pieces, width)
    assert all(line.width <= width + 0.01 for line in lines)
    for line in lines:
        seen = sum(text_width(piece.text, piece.style) for piece in line.pieces)
        trailing = "".join(piece.text for piece in line.pieces)
        spaces = len(trailing) - len(trailing.rstrip(" "))
        assert seen - spaces * style.size <= line.width + 0.01
    joined = "".join(piece.text for line in lines for piece in line.pieces)
    assert joined == "".join(piece.text for piece in pieces)


@given(text=st.text(max_size=200))
def test_visible_text_is_visible(text: str) -> None:
    """Nothing hidden is left, and text without anything hidden or unknown stays as it is."""
    shown = visible(text)
    assert not any(is_hidden(char) for char in shown)
    if text.isascii() and text.isprintable() and " " * 9 not in text:
        assert shown == text


@pytest.mark.parametrize("unit", ["word ", "\u00fe", "/path-part", "\u7cfb\u7edf", "\u202e", "a\n"])
def test_a_hundred_thousand_characters_survive(unit: str) -> None:
    """A text of 100,000 characters in a paragraph and in a cell is drawn to its last character."""
    text = (unit * 100_000)[:99_997] + "END"
    sample = sample_report(items=1)
    blocks: tuple[Block, ...] = (
        Paragraph(text=text),
        Table.of(("Name", Column(header="Text", share=5)), (("n", text),)),
    )
    made = render(replace(sample, blocks=blocks), at=AT)
    pages = read.page_texts(made)
    assert sum(page.count("END") for page in pages) == 2
    if unit == "\u00fe":
        assert sum(page.count("\u00fe") for page in pages) == 2 * 99_997


@pytest.mark.parametrize("unit", ["word ", "\u00fe", "\u202e\u05d0"])
def test_long_text_in_every_place_is_survived(unit: str) -> None:
    """Text of 3,000 characters in every place at once is drawn, inside the marks and inside the pages."""
    made = render(every_place(unit * (3_000 // len(unit))), at=AT)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert read.drawn_marks(opened)[1] == []
        assert [str(entry.T) for entry in opened.Root.AcroForm.Fields] == ["A"]
    with pypdfium2.PdfDocument(made) as document:
        for page in document:
            text = page.get_textpage()
            for number in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(number)
                assert left > 0
                assert bottom > 0
                assert right < 612
                assert top < 792


@settings(max_examples=25)
@given(text=st.text(max_size=60))
def test_any_text_in_every_place_is_drawn(text: str) -> None:
    """No text whatever stops a report from being drawn, tagged and read back."""
    with pikepdf.open(io.BytesIO(render(every_place(text), at=AT))) as opened:
        marks, loose = read.drawn_marks(opened)
        owned = {mark for node in read.structure(opened).walk() for mark in node.marks}
        assert loose == []
        assert owned == set(marks)
