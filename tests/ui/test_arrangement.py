"""Widths, orders and panes stay as a person left them: theirs alone, and harmless when damaged."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.arrangement import Arrangement
from ui.drafts import Drafts
from ui.widgets.arranged import Split, numbers, table_of, table_words
from workstation.settings import Settings

WIDER = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
APART = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def _width(bench: Bench, column: int) -> int:
    return bench.table("Cases").horizontalHeader().sectionSize(column)


def _drag(bench: Bench, column: int, by: int) -> None:
    header = bench.table("Cases").horizontalHeader()
    edge = header.sectionViewportPosition(column) + header.sectionSize(column) - 1
    at = QPoint(edge, header.height() // 2)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(header.viewport(), at + QPoint(by // 2, 0))
    QTest.mouseMove(header.viewport(), at + QPoint(by, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(by, 0))
    QApplication.processEvents()


def test_columns_come_back_after_the_lock_and_belong_to_one_person(open_at: Open) -> None:
    """A dragged column and an order are there again after unlocking; a colleague has their own."""
    bench = open_at("evaluation", "osei")
    usual = _width(bench, 1)
    _drag(bench, 1, 60)
    dragged = _width(bench, 1)
    assert dragged > usual + 40
    table = bench.table("Cases")
    table.setFocus()
    bench.key(Qt.Key.Key_F8)
    assert table.rows.order == (0, False)
    bench.window.lock("asked")
    bench.arrive("ibarra")
    assert _width(bench, 1) == usual
    assert bench.table("Cases").rows.order is None
    bench.window.lock("asked")
    bench.arrive("osei")
    assert abs(_width(bench, 1) - dragged) <= 2
    assert bench.table("Cases").rows.order == (0, False)
    bench.table("Cases")._as_usual(1)
    assert _width(bench, 1) == usual


def test_columns_and_panes_come_back_when_the_program_starts_again(open_at: Open) -> None:
    """What the keyboard set is there in a new window on the same vault, and scales with the text."""
    bench = open_at("evaluation", "osei")
    bench.table("Cases").setFocus()
    before = _width(bench, 0)
    for _step in range(4):
        bench.key(Qt.Key.Key_Right, WIDER)
    wider = _width(bench, 0)
    assert wider > before
    bench.window.show_case(CASE, "checklist")
    bench.settle()
    bench.table("Criteria").setFocus()
    (split,) = bench.all(Split)
    was = split.sizes()
    for _step in range(3):
        bench.key(Qt.Key.Key_Left, APART)
    moved = split.sizes()
    assert moved[0] < was[0]
    bench.window.close()
    again = Bench(office=bench.office, settings=Settings())
    again.arrive("osei")
    assert abs(_width(again, 0) - wider) <= 2
    again.window.show_case(CASE, "checklist")
    again.settle()
    QApplication.processEvents()
    (split,) = again.all(Split)
    assert abs(split.sizes()[0] - moved[0]) <= 4
    again.window.restyle(Settings(text_percent=200))
    again.window.show_cases()
    again.settle()
    assert _width(again, 0) > wider * 1.5
    again.close()


@pytest.mark.parametrize(
    "kept",
    [
        "",
        ";",
        "0:",
        "9:90;",
        "0:0;",
        "0:99999999;",
        "0:29;",
        "\u0665:1;",
        "-1:5;9+",
        "0:1;0",
        "x" * 5_000,
        "\x00",
    ],
)
def test_what_is_kept_and_damaged_leaves_a_table_as_usual(kept: str) -> None:
    """Columns that are not there, widths of nothing and words that are no numbers are left out."""
    assert table_of(kept, 4) == ({}, None)
    assert numbers("1,x", most=9) == numbers("1,10", most=9) == ()


def test_what_is_written_reads_back() -> None:
    """Widths and order survive their words, and an arrangement of nothing is no words."""
    assert table_of(table_words({1: 120, 0: 45}, (2, True)), 3) == ({0: 45, 1: 120}, (2, True))
    assert table_of("1:50,2:x;0-", 3) == ({1: 50}, (0, True))
    assert table_words({}, None) == ""


def test_nothing_is_kept_before_unlocking(tmp_path: Path) -> None:
    """Without a session there is no vault to keep it in: it holds for the window and goes with it."""
    del tmp_path
    drafts = Drafts(None)
    arrangement = Arrangement(lambda: drafts)
    arrangement.keep("table/A/B", "0:50;")
    assert arrangement.kept("table/A/B") == "0:50;"
    assert Arrangement(lambda: Drafts(None)).kept("table/A/B") == ""
