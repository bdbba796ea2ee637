"""What stands inside files is shown as typed: titles, metadata, names, templates, transcripts, text."""

import json
from collections.abc import Iterator

import pikepdf
import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QTableView, QWidget

from tests.helpers import documents
from tests.helpers.archives import plain_zip
from tests.ui.at_package import accepted, at_package
from tests.ui.bench import Bench
from tests.ui.stages import Office
from tests.ui.test_viewer import FILES, back, look
from ui.widgets.text import Text

HOSTILE = "<b>bold</b><img src='x'>\u202egpj\u2066\u200bq\x1b[2J\u3164&amp;"
_HIDDEN = set("\u202e\u2066\u3164\x1b")
TYPED = "<b>bold</b><img src='x'>"


def _pdf() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.docinfo["/Title"] = HOSTILE
        document.docinfo["/Author"] = HOSTILE
        document.attachments["<b>bold</b>\u202e.txt"] = b"plain words\n"

    return documents.pdf(change)


def _safetensors() -> bytes:
    header = {
        "__metadata__": {"description": HOSTILE},
        HOSTILE: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
    }
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    return len(raw).to_bytes(8, "little") + raw + bytes(4)


def _evaluation() -> bytes:
    sample = {
        "id": HOSTILE,
        "epoch": 1,
        "input": HOSTILE,
        "target": HOSTILE,
        "messages": [{"role": "assistant", "content": HOSTILE}],
        "scores": {HOSTILE: {"value": HOSTILE}},
    }
    header = {
        "version": 2,
        "status": "success",
        "eval": {"task": HOSTILE, "model": HOSTILE, "created": "2027-02-01T10:00:00+00:00"},
        "results": {"total_samples": 1, "completed_samples": 1, "scores": []},
    }
    return plain_zip(
        {"header.json": json.dumps(header).encode(), "samples/1_epoch_1.json": json.dumps(sample).encode()}
    )


CONTENT = {
    "report.pdf": _pdf(),
    "model.safetensors": _safetensors(),
    "run.eval": _evaluation(),
    "chat_template.jinja": f"{{# {HOSTILE} #}}{{{{ messages }}}}\n".encode(),
    "tokenizer_config.json": json.dumps({"tokenizer_class": HOSTILE, "chat_template": HOSTILE}).encode(),
    "bom.cdx.json": json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "components": [{"type": "machine-learning-model", "name": HOSTILE, "version": HOSTILE}],
        }
    ).encode(),
    "card.md": f"# {HOSTILE}\n".encode(),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A case whose package is hostile inside every file."""
    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "submission"
    source.mkdir()
    for name, content in CONTENT.items():
        (source / name).write_bytes(content)
    return accepted(folder, source)


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def _cells(model: QAbstractItemModel, role: Qt.ItemDataRole) -> Iterator[str]:
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            value = model.data(model.index(row, column), role)
            if isinstance(value, str):
                yield value


def on_screen(bench: Bench) -> list[str]:
    """Every text of the window, hidden parts included: labels, cells, tooltips, panes, accessible names."""
    found = [text.words for text in bench.window.findChildren(Text)]
    for table in bench.window.findChildren(QTableView):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            found.extend(_cells(table.model(), role))
    for widget in bench.window.findChildren(QWidget):
        found.extend((widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()))
    found.extend(pane.toPlainText() for pane in bench.window.findChildren(QPlainTextEdit))
    return found


@pytest.mark.parametrize("name", CONTENT)
def test_nothing_inside_a_file_is_markup_or_hidden_in_the_window(bench: Bench, name: str) -> None:
    """Wherever it ends up in the window, markup is shown as typed and what cannot be seen is written out."""
    look(bench, name)
    words = on_screen(bench)
    for pane in ("Samples of the evaluation",) if name == "run.eval" else ():
        bench.table(pane).go_to(0)
        bench.table(pane).setFocus()
        bench.key(Qt.Key.Key_Return)
        bench.wait_until(lambda: "Reading in the sandbox" not in bench.words())
        words += on_screen(bench)
    assert any(TYPED in text for text in words), words
    assert [text for text in words if _HIDDEN & set(text)] == []
    labels = [label for label in bench.window.findChildren(QLabel) if label.text()]
    assert [label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText] == []
    tips = [widget.toolTip() for widget in bench.window.findChildren(QWidget) if "<b>" in widget.toolTip()]
    assert tips == []
    back(bench)
    table = bench.table(FILES)
    for tip in _cells(table.model(), Qt.ItemDataRole.ToolTipRole):
        assert "<b>bold" not in tip
