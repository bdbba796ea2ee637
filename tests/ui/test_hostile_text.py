"""Text from outside is shown as typed: no markup, nothing invisible, whatever its length."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.package.view import PackagePage
from ui.widgets import basics
from ui.widgets.frame import NoticePanel
from ui.widgets.tables import RowsModel
from ui.widgets.text import Text, breakable, shown
from workstation.app.wording import visible
from workstation.core.packages import SourceMissing

BOLD, BIDI = "<b>x<b>.txt", "gpj.\u202eexe"
SHOWN_BIDI = visible(BIDI)


@pytest.fixture
def bench(open_at: Open, tmp_path: Path) -> Bench:
    """A received package whose file names try to be markup and to read backwards."""
    made = open_at("opened", "osei")
    folder = tmp_path / "hostile"
    folder.mkdir()
    for name in (BOLD, BIDI, "a&b&c.txt"):
        (folder / name).write_text("text", encoding="utf-8")
    made.window.show_case(CASE, "package")
    made.window.findChild(PackagePage).received.emit(folder)
    made.wait_done()
    return made


def test_file_names_are_shown_as_typed_in_lists_and_facts(bench: Bench) -> None:
    """Tags, ampersands and bidirectional characters are visible as characters."""
    names = [row[0] for row in bench.cells("Files of the package")]
    assert "\u202e" not in SHOWN_BIDI
    assert "202e" in SHOWN_BIDI.lower()
    assert sorted(names) == sorted([BOLD, SHOWN_BIDI, "a&b&c.txt"])
    for row, name in enumerate(names):
        bench.table("Files of the package").go_to(row)
        assert name in bench.words()


def test_tooltips_hold_no_markup_of_the_text(bench: Bench) -> None:
    """A tooltip is one paragraph in which the text is escaped."""
    model = bench.table("Files of the package").rows
    tips = [model.data(model.index(r, 0), Qt.ItemDataRole.ToolTipRole) for r in range(model.rowCount())]
    assert "<p>&lt;b&gt;x&lt;b&gt;.txt</p>" in tips
    assert f"<p>{SHOWN_BIDI}</p>" in tips


def test_no_visible_label_interprets_markup(bench: Bench) -> None:
    """Every label of the window is plain text."""
    labels = [label for label in bench.window.findChildren(QLabel) if label.text()]
    assert labels
    assert [label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText] == []


def test_evidence_is_offered_as_typed(bench: Bench) -> None:
    """The list of evidence shows the visible form and keeps the true path."""
    box = basics.choice(((BIDI, BIDI), (BOLD, BOLD)))
    assert [box.itemText(i) for i in range(2)] == [SHOWN_BIDI, BOLD]
    assert box.value == BIDI


def test_a_notice_shows_a_path_as_typed(qtbot: QtBot) -> None:
    """A refused act that names a path from outside shows it as characters."""
    panel = NoticePanel()
    qtbot.addWidget(panel)
    panel.explain(SourceMissing(untrusted_path=f"/media/{BOLD}/{BIDI}"))
    words = "\n".join(text.words for text in panel.findChildren(Text))
    assert BOLD in words
    assert SHOWN_BIDI in words
    assert "INT-010" in words


def test_very_long_text_stays_bounded_and_says_so() -> None:
    """100,000 characters are cut on screen with a count of the rest."""
    text = shown("x" * 100_000)
    assert len(text) < 21_000
    assert "80,000 more characters are not shown here" in text


def test_a_long_word_can_break_and_is_copied_whole(qtbot: QtBot) -> None:
    """A digest wraps in a narrow label, and copying gives exactly what it is."""
    digest = "0123456789abcdef" * 6
    label = Text(digest)
    qtbot.addWidget(label)
    label.resize(120, 10)
    assert label.minimumSizeHint().width() < 200
    label.copy_selection()
    assert QGuiApplication.clipboard().text() == digest
    assert breakable(digest).replace("\u200b", "") == digest


def test_the_table_model_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    """Qt's own tester finds no fault, before and after rows are replaced and added."""
    model = RowsModel[str]((("Name", str), ("Length", lambda row: str(len(row)))))
    model.show_rows(["a", "b"])
    qtmodeltester.check(model, force_py=True)
    model.append_rows(["c" * 9])
    model.show_rows(())
    model.append_rows(["d"])
    qtmodeltester.check(model, force_py=False)
