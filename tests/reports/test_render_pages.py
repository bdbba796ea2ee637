"""Blocks flow over pages: what stays together, what repeats, what is never lost; and other tools agree."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from reports.layout import Fragment, nothing, paginate
from reports.render import ReportTooLong, render
from reports.styles import BODY_BOTTOM, BODY_TOP
from reports.tagging import Painter
from reports.timeline import lay_timeline
from tests.helpers import pdf_structure as read
from tests.helpers.sample_report import AT, sample_report
from workstation.core.report import (
    Align,
    Block,
    Bullets,
    Chart,
    Column,
    Heading,
    KeyValues,
    PageBreak,
    Paragraph,
    ReportDocument,
    SignatureBlock,
    Table,
)
from workstation.core.report_charts import (
    CoverageMap,
    CoverageRow,
    ThresholdReadings,
    TimelineMark,
    WindowTimeline,
)

SAMPLE = sample_report(items=4)


def drawn(*blocks: Block) -> list[str]:
    """The pages of a document of these blocks, from the second page on."""
    return read.page_texts(render(replace(SAMPLE, blocks=(PageBreak(), *blocks)), at=AT))[1:]


def test_rows_of_a_long_table_are_all_there_once() -> None:
    """Of a table over many pages every row is drawn once, in order, under a repeated header."""
    rows = [(f"row-{number:04d}", "text " * (number % 40)) for number in range(300)]
    pages = drawn(Table.of(("Head-A", "Head-B"), rows))
    whole = "".join(pages)
    assert re.findall(r"row-\d{4}", whole) == [name for name, _ in rows]
    assert [page.count("Head-A") for page in pages] == [1] * len(pages)
    assert len(pages) > 8


def test_a_row_taller_than_a_page_is_divided() -> None:
    """A cell of 2,000 lines runs over pages and loses none of them, and its neighbour is drawn once."""
    words = [f"w{number:05d}" for number in range(6_000)]
    pages = drawn(Table.of(("A", "B"), [("neighbour", " ".join(words))]))
    whole = "".join(pages)
    assert re.findall(r"w\d{5}", whole) == words
    assert whole.count("neighbour") == 1
    assert len(pages) > 10


def test_a_short_table_is_not_divided() -> None:
    """A table of four rows moves to the next page as a whole, with its caption."""
    filler = Paragraph(text="\n".join(["line"] * 36))
    table = Table.of(("A", "B"), [(f"cell-{number}", "x") for number in range(4)], caption="The caption")
    pages = drawn(filler, table)
    assert "The caption" not in pages[0]
    assert "cell-0" not in pages[0]
    assert "The caption" in pages[1]
    assert "cell-3" in pages[1]


def test_a_heading_never_ends_a_page() -> None:
    """Wherever the page ends, a heading is on the page of the first lines of what follows it."""
    for lines in range(30, 44):
        pages = drawn(
            Paragraph(text="\n".join(["line"] * lines)), Heading(text="Heading-X"), Paragraph(text="After-X")
        )
        (page,) = [page for page in pages if "Heading-X" in page]
        assert "After-X" in page


def test_an_empty_table_says_so() -> None:
    """A table without rows tells the reader that there are none."""
    assert "None." in drawn(Table.of(("A", "B"), []))[0]
    assert drawn(KeyValues(facts=()), Bullets(items=()), Paragraph(text="after"))[0].count("after") == 1


def test_a_document_of_nothing_is_a_page() -> None:
    """A document without any block still has its marked first page."""
    assert len(read.page_texts(render(replace(SAMPLE, blocks=()), at=AT))) == 1


def test_too_many_pages_are_refused() -> None:
    """A document nobody could check is refused with its number of pages."""
    with pytest.raises(ReportTooLong) as caught:
        render(replace(SAMPLE, blocks=(Heading(text="H"), PageBreak()) * 5_001), at=AT)
    assert caught.value.pages > 5_000


@given(
    parts=st.lists(
        st.tuples(
            st.floats(min_value=0.5, max_value=400),
            st.floats(min_value=0, max_value=40),
            st.booleans(),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_nothing_is_placed_outside_the_page(parts: list[tuple[float, float, bool, bool]]) -> None:
    """Every fragment lands once, in order, inside the body of a page and below its predecessor."""
    repeated = Fragment(height=20, paint=nothing)
    fragments = [
        Fragment(
            height=height, paint=nothing, gap=gap, keep_with_next=keep, repeat=repeated if again else None
        )
        for height, gap, keep, again in parts
    ]
    pages = paginate(fragments)
    placed = [item for page in pages for item in page if item.fragment is not repeated]
    assert [item.fragment for item in placed] == fragments
    for page in pages:
        bottom = BODY_TOP + 0.001
        for item in page:
            assert item.top <= bottom
            bottom = item.top - item.fragment.height + 0.001
            assert bottom > BODY_BOTTOM - 0.01


START = date(2027, 3, 1)


@given(
    marks=st.lists(st.tuples(st.integers(min_value=-3, max_value=40), st.text(max_size=30)), max_size=12),
    opened=st.one_of(st.none(), st.integers(min_value=-5, max_value=45)),
    now=st.integers(min_value=-10, max_value=60),
    length=st.integers(min_value=1, max_value=400),
)
def test_any_window_can_be_drawn(
    marks: list[tuple[int, str]], opened: int | None, now: int, length: int
) -> None:
    """A timeline with marks inside, outside or on the edges of the window has a height and draws."""
    data = WindowTimeline(
        earliest=START,
        opened=None if opened is None else START + timedelta(days=opened),
        as_of=START + timedelta(days=now),
        planned_release=START + timedelta(days=length),
        marks=tuple(TimelineMark(day=START + timedelta(days=day), label=label) for day, label in marks),
    )
    height, paint = lay_timeline(data)
    painter = Painter(Canvas(io.BytesIO()))
    painter.artifact()
    paint(painter, 700)
    painter.end_page()
    assert 80 < height < 500


def test_large_and_empty_charts_are_drawn() -> None:
    """A map of 80 rows runs over pages; one without counts and readings without any are drawn as well."""
    rows = tuple(CoverageRow(label=f"Section {number}", counts=(number % 3, 1, 0)) for number in range(80))
    large = Chart(
        caption="Large", alternative="eighty rows", data=CoverageMap(states=("a", "b", "c"), rows=rows)
    )
    empty = Chart(
        caption="Empty",
        alternative="nothing",
        data=CoverageMap(states=("a",), rows=(CoverageRow(label="none", counts=(0,)),)),
    )
    readings = Chart(
        caption="No readings",
        alternative="none",
        data=ThresholdReadings(unit="", scale_from=0, scale_to=1, readings=()),
    )
    pages = drawn(large, empty, readings)
    assert sum(len(re.findall(r"Section \d+", page)) for page in pages) == 80


def test_a_document_refuses_what_cannot_be_read() -> None:
    """Skipped heading levels, doubled fields, crooked rows and pictures without words are no documents."""
    field = SignatureBlock(field_name="A", role="r", name="n", statement="s")
    with pytest.raises(ValueError, match="deep"):
        replace(SAMPLE, blocks=(Heading(text="top"), Heading(text="deep", level=3)))
    with pytest.raises(ValueError, match="A"):
        replace(SAMPLE, blocks=(field, field))
    with pytest.raises(ValueError, match="x"):
        replace(field, field_name="a.b x")
    with pytest.raises(ValueError, match="2"):
        Table.of(("A", "B"), [("one",)])
    with pytest.raises(ValueError, match="Cap"):
        Chart(caption="Cap", alternative=" ", data=CoverageMap(states=("a",), rows=()))
    with pytest.raises(ValueError, match="0"):
        Column(header="A", share=0, align=Align.LEFT)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed on this machine")
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a file."""
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    path.write_bytes(render(sample_report(), at=AT))
    return path


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def test_qpdf_finds_no_fault(file: Path) -> None:
    """The file's syntax and streams pass qpdf without a warning."""
    assert "No syntax or stream encoding errors found" in _run(_tool("qpdf"), "--check", str(file))


def test_poppler_reads_the_structure(file: Path) -> None:
    """Pdfinfo sees a tagged file and prints the tree from title to signature fields."""
    tree = _run(_tool("pdfinfo"), "-struct-text", str(file))
    for role in ("Document", "H1", "H2", "Table", "TH", "TD", "Figure", "L", "LBody", "TOC", "Form", "Link"):
        assert re.search(rf"^\s*{role}\b", tree, re.MULTILINE), role
    assert "Covered frontier model" in tree
    assert "Tagged:          yes" in _run(_tool("pdfinfo"), str(file))


def test_every_page_can_be_drawn_elsewhere(file: Path, tmp_path: Path) -> None:
    """Poppler draws every page without a word of complaint."""
    run = subprocess.run(
        [_tool("pdftoppm"), "-r", "30", "-gray", str(file), str(tmp_path / "page")],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert run.stderr == b""
    assert len(list(tmp_path.iterdir())) == len(read.page_texts(file.read_bytes()))


def test_the_whole_large_report_is_drawn() -> None:
    """A report of 500 items has all of them, on more than 40 pages."""
    pages = read.page_texts(render(sample_report(items=500), at=AT))
    found = [int(number) for page in pages for number in re.findall(r"Question (\d+):", page)]
    assert found == list(range(1, 501))
    assert len(pages) > 40


def test_documents_may_be_drawn_in_threads() -> None:
    """Two reports drawn at the same time are the reports they are alone."""
    from concurrent.futures import ThreadPoolExecutor

    documents: list[ReportDocument] = [sample_report(items=number) for number in (3, 9, 14, 20)]
    alone = [render(document, at=AT) for document in documents]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda document: render(document, at=AT), documents))
    assert together == alone
