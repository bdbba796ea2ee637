"""A report of a thousand pages and a log that breaks off, in the window."""

import io
import json
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from reportlab.pdfgen import canvas

from tests.ui.at_package import accepted, at_package
from tests.ui.bench import Bench
from tests.ui.stages import Office
from tests.ui.test_viewer import CONTROL, look, settle
from ui.widgets.picture import PicturePane

PAGES = 1_000
_SIZE = (300, 200)
SAMPLES = "Samples of the evaluation"


def report() -> bytes:
    """Small pages, each with its number; page 777 has a sentence of its own."""
    target = io.BytesIO()
    drawn = canvas.Canvas(target, pagesize=_SIZE, invariant=True)
    for number in range(1, PAGES + 1):
        drawn.drawString(20, 160, f"Safety report, page {number}")
        if number == 777:
            drawn.drawString(20, 120, "The threshold was crossed here.")
        drawn.showPage()
    drawn.save()
    return target.getvalue()


def broken_log() -> bytes:
    """Twelve samples, and a thirteenth that breaks off."""
    samples = [{"id": f"s{n}", "epoch": 1, "input": f"question {n}", "target": "A"} for n in range(13)]
    header = {"task": "t", "model": "m", "created": "2027-02-01T10:00:00+00:00"}
    whole = json.dumps({"version": 2, "status": "success", "eval": header, "samples": samples}).encode()
    return whole[: whole.index(b"question 12") + 4]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A case whose package holds both."""
    folder = tmp_path_factory.mktemp("long")
    source = folder / "submission"
    source.mkdir()
    (source / "report.pdf").write_bytes(report())
    (source / "run.json").write_bytes(broken_log())
    return accepted(folder, source)


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def test_a_thousand_pages_are_paged_searched_and_anchored(bench: Bench) -> None:
    """The first, the middle and the last page are shown, a sentence is found, and its page is evidence."""
    look(bench, "report.pdf")
    (picture,) = bench.all(PicturePane)
    assert picture.accessibleName().startswith("Page 1 of 1,000")
    for number, shown in (("500", "Page 500 of 1,000"), ("1000", "Page 1,000 of 1,000")):
        bench.key(Qt.Key.Key_G, CONTROL)
        bench.type("Page number", number)
        bench.key(Qt.Key.Key_Return)
        settle(bench)
        assert picture.accessibleName().startswith(shown)
    bench.key(Qt.Key.Key_F, CONTROL)
    bench.type("Find in all pages", "threshold was crossed")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "1 found in 1,000 pages read." in bench.words())
    bench.key(Qt.Key.Key_Return)
    settle(bench)
    assert bench.typed("Page number") == "777"
    bench.press("Use this place as evidence")
    assert "page=777" in bench.notice()


def test_a_log_that_breaks_off_shows_its_samples_and_the_break(bench: Bench) -> None:
    """Twelve samples are listed and can be read; the words of the examination say why there are no more."""
    look(bench, "run.json")
    assert [row[0] for row in bench.cells(SAMPLES)] == [f"s{n}" for n in range(12)]
    words = bench.words()
    assert "12 read, 12 before the break" in words
    assert "Inconclusive. The log is cut off (EVAL_TRUNCATED, ends at byte" in words
    bench.table(SAMPLES).go_to(11)
    bench.table(SAMPLES).setFocus()
    bench.key(Qt.Key.Key_Return)
    settle(bench)
    bench.type("Filter the samples", "question 3")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "1 found in 12 looked through, that is all before the break" in bench.words())
