"""The panels that show a document's content: text, bytes, samples with transcript, tensors, trouble."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.widgets import basics
from ui.widgets.arranged import Split
from ui.widgets.paging import PagedTable
from ui.widgets.tables import Table
from workstation.app.reasons import reason
from workstation.app.viewing import words_of
from workstation.app.wording import size, visible
from workstation.core.viewing import (
    Break,
    MemberRow,
    MemberRows,
    SampleRow,
    SampleRows,
    TensorRow,
    TensorRows,
    Transcript,
)

T = TypeVar("T")

_TAB_COLUMNS = 4
_BYTES_A_LINE = 16


class TextPane(basics.TextBox):
    """Text from outside, read-only; page keys scroll, and turn at the edge."""

    turned = Signal(int)

    def __init__(self, name: str, *, fixed: bool = False) -> None:
        super().__init__(name, lines=6)
        self.setReadOnly(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if fixed:
            self.setObjectName("digest")
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def show_plain(self, text: str, wanted: str = "") -> None:
        """Text with everything visible, with the first place of ``wanted`` selected and in view."""
        self.setPlainText(visible(text.expandtabs(_TAB_COLUMNS)))
        if wanted and not self.find(wanted):
            self.moveCursor(QTextCursor.MoveOperation.Start)

    @property
    def lines(self) -> tuple[int, int] | None:
        """The first and last line of the selection; None without one."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            return None
        text = self.toPlainText()
        return text.count("\n", 0, cursor.selectionStart()), text.count("\n", 0, cursor.selectionEnd())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys turn where scrolling ends."""
        step = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        bar = self.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + step * max(1, bar.pageStep() - 1))
        if bar.value() == before:
            self.turned.emit(step)


class BytesPane(TextPane):
    """Offsets, hexadecimal, characters."""

    def __init__(self) -> None:
        super().__init__("Bytes of the file", fixed=True)

    def choose(self, first: int, last: int) -> None:
        """Select the lines from byte ``first`` to ``last``, counted from the first line shown."""
        lines = self.document().blockCount()
        begin = self.document().findBlockByNumber(min(first // _BYTES_A_LINE, lines - 1))
        end = self.document().findBlockByNumber(min(last // _BYTES_A_LINE, lines - 1))
        # From the end to the beginning: the beginning is what has to be in view.
        cursor = QTextCursor(self.document())
        cursor.setPosition(end.position() + end.length() - 1)
        cursor.setPosition(begin.position(), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last byte of the selected lines, counted from the first line; None without one."""
        chosen = self.lines
        return (
            None
            if chosen is None
            else (chosen[0] * _BYTES_A_LINE, chosen[1] * _BYTES_A_LINE + _BYTES_A_LINE - 1)
        )


class SamplesPane(QWidget):
    """The samples of an evaluation log, and the transcript of the chosen one."""

    opened = Signal(object)
    filtered = Signal(str)
    continued = Signal()
    more_turns = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[SampleRow] = []
        self._found = SampleRows(total=0, rows=())
        self._words = ""
        self._filter = basics.line("Filter by name, score or text; Enter looks through the whole log")
        self._filter.setAccessibleName("Filter the samples")
        self._filter.textChanged.connect(lambda _text: self._refilter())
        self._filter.returnPressed.connect(lambda: self.filtered.emit(self._filter.text()))
        self._count = basics.label("", "muted", wrap=False)
        self.table: Table[SampleRow] = Table(
            "Samples of the evaluation",
            (
                ("Sample", lambda row: row.untrusted_id or row.key),
                ("Epoch", lambda row: str(row.epoch)),
                ("Scores", _scores),
                ("Error", lambda row: "error" if row.has_error else "-"),
                ("Begins with", lambda row: row.untrusted_preview),
            ),
            opened=self.opened.emit,
            stretch=4,
            rows=3,
        )
        self.table.clicked.connect(lambda _index: self._open())
        self._paged = PagedTable[SampleRow](self.table, "samples")
        self._paged.continued.connect(lambda _last: self.continued.emit())
        self.transcript = TextPane("Transcript of the chosen sample")
        self._more = basics.button("More of this transcript", self.more_turns.emit)
        self._more.hide()
        self._break = basics.label("")
        self._break.hide()
        filters = basics.row(self._filter, self._count, stretch_last=True)
        top = basics.column(filters, self._break, self._paged, gap=1)
        bottom = basics.column(self.transcript, basics.row(self._more), gap=1)
        split = Split("samples", Qt.Orientation.Vertical, lambda: (180, 320))
        split.addWidget(top)
        split.addWidget(bottom)
        split.share()
        split.setStretchFactor(1, 1)
        basics.fill(QVBoxLayout(self), (split,))

    def show_rows(self, found: SampleRows, *, first: bool, words: str) -> None:
        """The first samples, or further ones; with ``words`` those of the whole log that hold them."""
        self._rows = list(found.rows) if first else [*self._rows, *found.rows]
        self._found, self._words = found, words
        if first:
            self.transcript.show_plain("Press Enter on a sample to read its transcript.")
            self._more.hide()
        self._refilter()

    def forget(self) -> None:
        """No log."""
        self._filter.setText("")
        self.show_rows(SampleRows(total=0, rows=()), first=True, words="")
        self.transcript.clear()

    def choose(self, row: SampleRow) -> None:
        """Go to this sample in the list, if it is among those read."""
        _choose(self.table, lambda one: one.key == row.key)

    def show_transcript(self, transcript: Transcript, *, first: bool) -> None:
        """Turn after turn. Headings are bold, which no text of a turn can be."""
        if first:
            self.transcript.clear()
        cursor = self.transcript.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()  # laid out once, not after each piece
        for heading, text in _parts(transcript, with_head=first):
            _say(cursor, heading, text)
        cursor.endEditBlock()
        self._more.setVisible(transcript.next_turn is not None)
        if first:
            self.transcript.moveCursor(QTextCursor.MoveOperation.Start)
            self.transcript.setFocus()

    def _refilter(self) -> None:
        wanted = self._filter.text().casefold().split()
        rows = [row for row in self._rows if all(part in words_of(row) for part in wanted)]
        found = self._found
        more = not found.is_whole or (not self._words and len(self._rows) < found.total)
        self._paged.show_rows(rows, more=more, keep=True)
        basics.set_text(self._count, self._counted(len(rows), is_filtered=bool(wanted)))
        basics.set_text(self._break, _broken(found.broken, "samples") if found.broken else "")
        self._break.setVisible(found.broken is not None)

    def _counted(self, shown: int, *, is_filtered: bool) -> str:
        found = self._found
        if self._words:
            end = "that is the whole log" if found.is_whole else "the log goes on"
            end = "that is all before the break" if found.broken else end
            return f"{shown:,} found in {found.total:,} looked through, {end}"
        read = f"{shown:,} of {len(self._rows):,} read" if is_filtered else f"{shown:,} read"
        if found.broken:
            return f"{read}, {found.total:,} before the break"
        return f"{read}, {'' if found.is_whole else 'at least '}{found.total:,} in the log"

    def _open(self) -> None:
        row = self.table.current()
        if row is not None:
            self.opened.emit(row)


def _parts(transcript: Transcript, *, with_head: bool) -> Iterator[tuple[str, str]]:
    """Headings and what stands below them."""
    if with_head:
        yield "Sample", transcript.untrusted_id
        if transcript.untrusted_target:
            yield "Target", transcript.untrusted_target
        if transcript.untrusted_error:
            yield "Error", transcript.untrusted_error
    for turn in transcript.turns:
        yield f"{turn.number}. {turn.untrusted_role}", turn.untrusted_text
    if transcript.cut:
        yield "Inconclusive", "Something was left out here because it is too long."


def _say(cursor: QTextCursor, heading: str, text: str) -> None:
    strong, plain = QTextCharFormat(), QTextCharFormat()
    strong.setFontWeight(QFont.Weight.Bold)
    plain.setFontWeight(QFont.Weight.Normal)
    if cursor.position():
        cursor.insertText("\n", plain)
    cursor.insertText(visible(heading, lines=False), strong)
    cursor.insertText(f"\n{visible(text.expandtabs(_TAB_COLUMNS))}\n", plain)


def _broken(at: Break, what: str) -> str:
    """Why nobody knows what would follow, in the words of the examination."""
    words = reason(at.reason_code)
    facts = ", ".join(filter(None, (at.reason_code, visible(at.untrusted_detail, lines=False))))
    return f"Inconclusive. {words.title} ({facts}): only the {what} before that are shown. {words.next}"


def _scores(row: SampleRow) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.scores) or "-"


class TensorsPane(QWidget):
    """The tensor table of a model file."""

    filtered = Signal(str)
    continued = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._filter = basics.line("Part of a tensor's name, then Enter")
        self._filter.setAccessibleName("Filter the tensors by name")
        self._filter.returnPressed.connect(lambda: self.filtered.emit(self._filter.text()))
        self._count = basics.label("", "muted", wrap=False)
        self.table: Table[TensorRow] = Table(
            "Tensors of the file",
            (
                ("Number", lambda row: f"{row.number + 1:,}"),
                ("Tensor", lambda row: row.untrusted_name),
                ("Type", lambda row: row.dtype),
                ("Shape", lambda row: row.shape),
                ("First byte", lambda row: "elsewhere" if row.offset is None else f"{row.offset:,}"),
                ("Size", lambda row: size(row.size_bytes)),
            ),
            stretch=1,
            rows=6,
        )
        self._paged = PagedTable[TensorRow](self.table, "tensors")
        self._paged.continued.connect(lambda _last: self.continued.emit())
        basics.fill(
            QVBoxLayout(self), (basics.row(self._filter, self._count, stretch_last=True), self._paged), gap=1
        )

    def choose(self, name: str) -> bool:
        """Go to the tensor of this name; whether it is among those shown."""
        return _choose(self.table, lambda row: row.untrusted_name == name)

    def forget(self) -> None:
        """No table."""
        self._paged.show_rows((), more=False)
        basics.set_text(self._count, "")

    def show_rows(self, found: TensorRows, *, first: bool, name: str) -> None:
        """The first tensors, or further ones."""
        more = found.next_start is not None
        if first:
            self._filter.setText(name)
            self._paged.show_rows(found.rows, more=more)
        else:
            self._paged.add_rows(found.rows, more=more)
        rows = self.table.rows.rowCount()
        end = "more follow" if more else "the rest is inconclusive" if found.cut else "no more follow"
        basics.set_text(self._count, f"{rows:,} shown, {end}")


class MembersPane(QWidget):
    """The files in a container."""

    filtered = Signal(str)
    continued = Signal()
    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._filter = basics.line("Part of a file's name, then Enter")
        self._filter.setAccessibleName("Filter the files inside by name")
        self._filter.returnPressed.connect(lambda: self.filtered.emit(self._filter.text()))
        self._count = basics.label("", "muted", wrap=False)
        self.table: Table[MemberRow] = Table(
            "Files in the container",
            (
                ("File", lambda row: row.untrusted_name),
                ("Size", lambda row: size(row.size_bytes), lambda row: row.size_bytes),
            ),
            opened=self.opened.emit,
            rows=6,
        )
        self._paged = PagedTable[MemberRow](self.table, "files")
        self._paged.continued.connect(lambda _last: self.continued.emit())
        self._open = basics.button("Open the chosen file inside  (Enter)", self._open_chosen)
        self._break = basics.selectable("")
        self._break.setVisible(False)
        head = basics.row(self._filter, self._count, stretch_last=True)
        basics.fill(
            QVBoxLayout(self),
            (head, self._break, self._paged, basics.row(self._open)),
            gap=1,
        )

    def forget(self) -> None:
        """No container."""
        self._paged.show_rows((), more=False)
        basics.set_text(self._count, "")

    def show_rows(self, found: MemberRows, *, first: bool, name: str) -> None:
        """The first files, or further ones."""
        more = found.next_start is not None
        if first:
            self._filter.setText(name)
            self._paged.show_rows(found.rows, more=more)
        else:
            self._paged.add_rows(found.rows, more=more)
        rows = self.table.rows.rowCount()
        where = "before the break" if found.broken else "in the container"
        basics.set_text(self._count, f"{rows:,} shown of {found.total:,} {where}")
        basics.set_text(self._break, _broken(found.broken, "files") if found.broken else "")
        self._break.setVisible(found.broken is not None)

    def choose(self, name: str) -> bool:
        """Go to the file of this name; whether it is among those shown."""
        return _choose(self.table, lambda row: row.untrusted_name == name)

    def _open_chosen(self) -> None:
        row = self.table.current()
        if row is not None:
            self.opened.emit(row)


def _choose(table: Table[T], wanted: Callable[[T], bool]) -> bool:
    """Make the row current that is wanted; False when no row shown is."""
    for number in range(table.rows.rowCount()):
        if wanted(table.rows.row_at(number)):
            table.go_to(number)
            return True
    return False


class TroublePane(QWidget):
    """Why there is no content."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._what = basics.label("", "section"), basics.selectable("")
        self._next = basics.label("", "muted")
        basics.fill(
            QVBoxLayout(self), (basics.card(self._title, self._what, self._next),), margin=2, stretch=True
        )

    def show_words(self, title: str, what: str, todo: str) -> None:
        """Reason and what to do."""
        for label, text in ((self._title, title), (self._what, what), (self._next, todo)):
            basics.set_text(label, text)
