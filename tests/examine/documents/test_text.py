"""Text, Markdown, CSV, YAML, JSON, XML and SVG."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.documents import codes, examined
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.documents import plain
from workstation.examine.documents.json_scan import NotJson, scan
from workstation.examine.reader import BytesSource


def test_ordinary_text_needs_nobody() -> None:
    """A UTF-8 text in any script with emoji gives no caution."""
    text = (
        "Grüße, שלום, 你好, \U0001f469\u200d\U0001f52c, "
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\n"
    )
    notes = examined(text.encode(), "card.md")
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.kind == "markdown"
    assert notes.facts["encoding"] == "utf-8"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("access\u202e level", "TEXT_BIDI"),
        ("a\u2066b\u2069", "TEXT_BIDI"),
        ("hi\U000e0069\U000e0067\U000e006e", "TEXT_HIDDEN"),
        ("\x1b[2J", "TEXT_ESCAPE"),
        ("a\u200bb", "TEXT_INVISIBLE"),
        ("a\0b" * 10, "TEXT_BINARY"),
        ("tags: !!python/object/apply:os.system [id]", "TEXT_YAML_OBJECT"),
        ("<script>alert(1)</script>", "MARKDOWN_ACTIVE"),
        ("[x](javascript:alert(1))", "MARKDOWN_ACTIVE"),
    ],
)
def test_what_a_reader_would_not_see_is_named(text: str, code: str) -> None:
    """Reordering, hidden, steering and acting parts of a text each have their code."""
    assert code in codes(examined(text.encode(), "card.md"))


def test_a_sign_split_between_two_pieces_is_found() -> None:
    """A pattern across the edge of two mebibytes is counted once."""
    text = "x" * ((1 << 20) - 4) + "<script>" + "y" * 100
    notes = examined(text.encode(), "card.md")
    assert [f.detail for f in notes.findings if f.code == "MARKDOWN_ACTIVE"] == ["1 scripts"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read(codec: str) -> None:
    """A byte-order mark decides the encoding, and reordering is found in each."""
    notes = examined("a\u202eb\n".encode(codec), "a.txt")
    assert "TEXT_BIDI" in codes(notes)


def test_old_encodings_are_shown_and_said_so() -> None:
    """Text that is not UTF-8 is shown as Windows-1252 with a note."""
    notes = examined("Gr\xfc\xdfe".encode("cp1252"), "a.txt")
    assert codes(notes) == {"TEXT_ENCODING"}


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /c calc'!A1", "@SUM(A1)", "+cmd"])
def test_formulas_in_tables_are_named(cell: str) -> None:
    """A cell that a spreadsheet program would run is a caution; numbers with signs are not."""
    assert "CSV_FORMULA" in codes(examined(f"a,b\n1,{cell}\n".encode(), "a.csv"))
    assert "CSV_FORMULA" not in codes(examined(b"a,b\n-1.5,+2\n-3,1e-5\n", "a.csv"))


@given(st.text())
def test_visible_text_has_no_invisible_character(text: str) -> None:
    """After ``visible`` none of the characters that the scan counts is left, line feeds and tabs aside."""
    shown = plain.visible(text)
    for pattern in (plain.BIDI, plain.DIRECTION_MARKS, plain.TAGS, plain.ZERO_WIDTH, plain.INNER_BOM):
        assert not pattern.search(shown)
    assert not plain.CONTROL.search(shown)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_examined_as_text(content: bytes) -> None:
    """Whatever the bytes, a text reader ends without a crash code."""
    for name in ("a.txt", "a.md", "a.csv", "a.json", "a.jsonl", "a.xml", "a.svg", "a.html", "a.ipynb"):
        assert "EXAMINE_CRASHED" not in codes(examined(content, name))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON, st.sampled_from([None, 2]), st.booleans())
def test_valid_json_passes_the_scan(value: object, indent: int | None, ascii_only: object) -> None:
    """Everything the standard library writes is accepted, with the depth it has."""
    text = json.dumps(value, indent=indent, ensure_ascii=bool(ascii_only))
    facts = scan(text)
    assert not facts.duplicates
    assert facts.depth == _depth(value)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(st.text(alphabet='{}[]",:\\tfnu019.e-+ \n', max_size=30))
def test_the_scan_agrees_with_the_standard_library(text: str) -> None:
    """What the scan accepts the standard library accepts, and the other way round."""
    try:
        json.loads(text)
        wanted = True
    except ValueError:
        wanted = False
    try:
        scan(text)
        got = True
    except NotJson:
        got = False
    assert got == wanted


def test_repeated_names_are_named_whatever_their_spelling() -> None:
    """An escaped spelling of a name is the same name."""
    notes = examined(b'{"a": 1, "\\u0061": 2}', "a.json")
    assert "JSON_DUPLICATE_NAME" in codes(notes)


def test_the_same_name_in_two_objects_is_no_repetition() -> None:
    """Sibling objects may use the same names."""
    assert codes(examined(b'[{"a": 1}, {"a": {"a": 2}}]', "a.json")) == set()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[1,]", "{'a': 1}", '"\x01"', "01", "nul"]
)
def test_broken_json_is_kept_as_text(text: str) -> None:
    """JSON too deep or broken is inconclusive, never a crash."""
    notes = examined(text.encode(), "a.json")
    assert "JSON_INVALID" in codes(notes)
    assert "EXAMINE_CRASHED" not in codes(notes)
    assert not notes.complete


def test_lines_of_json_are_checked_one_by_one() -> None:
    """A broken line is named by its number; a file of lines named ``.json`` is recognised."""
    notes = examined(b'{"a": 1}\n{"b": }\n{"c": 3}\n', "a.jsonl")
    assert [f.detail.split(",")[0] for f in notes.findings] == ["line 2"]
    assert examined(b'{"a": 1}\n{"b": 2}\n', "a.json").kind == "json-lines"


def test_a_notebook_says_what_it_would_run() -> None:
    """Code cells are noted, active outputs are a caution."""
    cell = {"cell_type": "code", "source": ["1"], "outputs": [{"data": {"text/html": "<script>"}}]}
    notes = examined(json.dumps({"nbformat": 4, "cells": [cell]}).encode(), "a.ipynb")
    assert {"TEXT_CODE", "NOTEBOOK_ACTIVE"} <= codes(notes)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://x/y"> %p;]><a/>',
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "1"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    ],
)
def test_a_declared_entity_is_rejected(text: str) -> None:
    """Entities are never expanded; declaring one is enough to be quarantined, in every encoding."""
    for codec in ("utf-8", "utf-16"):
        notes = examined(text.encode(codec), "a.xml")
        assert outcome_of(notes.findings) is Outcome.REJECT, codec
        assert "XML_ENTITY" in codes(notes)


def test_a_named_document_type_is_only_noted() -> None:
    """A public identifier without internal subset is ordinary in drawings."""
    svg = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'
    )
    notes = examined(svg.encode(), "a.svg")
    assert codes(notes) == {"XML_DOCTYPE"}
    assert notes.kind == "svg"


def test_a_definition_from_elsewhere_is_for_a_person() -> None:
    """An external document type that no reader has built in would be fetched; those of the web would not."""
    notes = examined(b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>', "a.xml")
    assert "XML_EXTERNAL" in codes(notes)
    page = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/x.dtd"><html/>'
    assert codes(examined(page, "a.xml")) == {"XML_DOCTYPE"}


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<script>x</script>", "SVG_ACTIVE"),
        ('<rect onload="x()"/>', "SVG_ACTIVE"),
        ('<a href="javascript:x()"/>', "SVG_ACTIVE"),
        ("<foreignObject/>", "SVG_ACTIVE"),
        ('<image href="http://example.org/a.png"/>', "XML_EXTERNAL"),
        ("<style>@import url(http://example.org/a.css);</style>", "XML_EXTERNAL"),
    ],
)
def test_active_drawings_are_named(inner: str, code: str) -> None:
    """Scripts, handlers and references that leave the drawing are cautions."""
    assert code in codes(examined(f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'.encode(), "a.svg"))


@pytest.mark.parametrize("text", ["<a>", "<a></b>", "<a>&undefined;</a>", "<a" * 5000, "<a>" * 5_000])
def test_broken_xml_is_inconclusive(text: str) -> None:
    """XML that is not well-formed or too deep is kept and named."""
    notes = examined(b'<?xml version="1.0"?>' + text.encode(), "a.xml")
    assert codes(notes) == {"XML_INVALID"}
    assert not notes.complete


def test_the_same_encoding_is_found_for_a_stretch_and_for_the_whole() -> None:
    """The quick look at the head agrees with the whole text where a mark is present."""
    source = BytesSource("x".encode("utf-16"))
    assert plain.head_encoding(source) == plain.encoding_of(source)
