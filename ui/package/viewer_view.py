"""One file on screen: what the examination said, beside its content as pixels and plain text."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.desk import Desk
from ui.jobs import ThreadedJobs
from ui.package.contents import BytesPane, MembersPane, SamplesPane, TensorsPane, TextPane, TroublePane
from ui.package.viewer_presenter import ViewerPresenter
from ui.package.viewer_shown import FileShown, Trouble
from ui.package.whereabouts import PAGED, Chosen
from ui.widgets import basics
from ui.widgets.arranged import Split
from ui.widgets.picture import PicturePane
from ui.widgets.tables import Table
from workstation.app.wording import word
from workstation.core.jobs import Progress
from workstation.core.viewing import (
    Form,
    MemberRows,
    Picture,
    SampleRow,
    SampleRows,
    TensorRows,
    TextHit,
    Transcript,
)

_NUMBER_CHARS, _CHOICE_CHARS, _WIDE_BAR_CHARS = 7, 7, 140
_NARROW_CHARS, _NARROW_LINES = 95, 12
_ZOOMS = (("1", "Fit width"), ("1.5", "150 %"), ("2", "200 %"), ("3", "300 %"))


class ViewerPanel(QWidget):
    """``place_used`` carries what is chosen on screen."""

    left = Signal()
    form_chosen = Signal(object)
    turned = Signal(int)
    went = Signal(int)
    searched = Signal(str)
    stopped = Signal()
    hit_opened = Signal(object)
    place_used = Signal(object)
    went_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.picture, self.text, self.bytes = PicturePane(), TextPane("Text of the page"), BytesPane()
        self.samples, self.tensors, self.trouble = SamplesPane(), TensorsPane(), TroublePane()
        self.members = MembersPane()
        self._title, self._line = basics.selectable("", "section"), basics.label("", "muted")
        self._facts = basics.Facts()
        self._busy = basics.label("", "muted")
        self._hits_about = basics.label("", "muted")
        self._hits: Table[TextHit] = Table(
            "Places found",
            (("Page", lambda hit: f"{hit.page + 1:,}"), ("Text", lambda hit: hit.untrusted_excerpt)),
            opened=self.hit_opened.emit,
            stretch=1,
            rows=4,
        )
        self._hits.clicked.connect(lambda _index: self._open_hit())
        self._stop = basics.button("Stop", self.stopped.emit)
        self._found = basics.column(
            basics.label("Places found", "section"), self._hits_about, self._hits, gap=1
        )
        self._stack = QStackedWidget()
        tables = (self.samples, self.tensors, self.members)
        for pane in (self.picture, self.text, self.bytes, *tables, self.trouble):
            self._stack.addWidget(pane)
        self._form, self._is_new = Form.BYTES, True
        self._lay_out(self._bar())
        for pane in (self.picture, self.text, self.bytes):
            pane.turned.connect(self.turned)
        for keys, act in (
            ("Ctrl+F", self._focus_find),
            ("Ctrl+G", self._focus_number),
            ("F3", self._next_hit),
            ("Alt+Up", self.went_up.emit),
            ("Alt+Left", self.left.emit),
            ("Ctrl+Return", self._use),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _bar(self) -> QWidget:
        self._back = basics.button("Back to the files", self.left.emit)
        self._up = basics.button("Up", self.went_up.emit)
        self._up.setAccessibleName("Up to the container")
        self._forms = basics.choice(())
        self._forms.setAccessibleName("Shown as")
        self._forms.setMinimumContentsLength(_CHOICE_CHARS)
        self._forms.currentIndexChanged.connect(lambda _index: self._choose_form())
        self._previous = basics.button("Previous", lambda: self.turned.emit(-1))
        self._next = basics.button("Next", lambda: self.turned.emit(1))
        self._number = basics.line()
        self._number.setValidator(QIntValidator(0, 2_147_483_647, self))
        self._number.setMinimumWidth(0)
        self._number.setFixedWidth(self.fontMetrics().averageCharWidth() * _NUMBER_CHARS + theme.space(5))
        self._number.returnPressed.connect(self._go)
        self._of = basics.label("", "muted", wrap=False)
        self._zoom = basics.choice(_ZOOMS)
        self._zoom.setAccessibleName("Size of the page")
        self._zoom.setMinimumContentsLength(_CHOICE_CHARS)
        self._zoom.currentIndexChanged.connect(lambda _index: self.picture.zoom(float(self._zoom.value)))
        self._wanted = basics.line("Find in all pages")
        self._wanted.setAccessibleName("Find in all pages")
        self._wanted.setMinimumWidth(theme.space(25))
        self._wanted.returnPressed.connect(self._search)
        self._find = basics.button("Find", self._search)
        use = basics.button("Use this place as evidence  (Ctrl+Enter)", self._use)
        way = basics.row(self._back, self._up, self._forms, self._zoom, gap=1)
        pages = basics.row(self._previous, self._next, self._number, self._of, gap=1)
        words = basics.row(self._wanted, self._find, gap=1)
        parts = ((way, 0), (pages, 0), (words, 0), (basics.row(use), 1))
        return basics.Columns(*parts, narrow_chars=_WIDE_BAR_CHARS)

    def _lay_out(self, bar: QWidget) -> None:
        doing = basics.row(self._busy, self._stop, stretch_last=True)
        side = basics.scrolling(
            basics.column(
                self._title, self._line, doing, self._found, self._facts, gap=2, margin=1, stretch=True
            )
        )
        self._split = Split("viewer", Qt.Orientation.Horizontal, self._shares)
        self._split.addWidget(side)
        self._split.addWidget(self._stack)
        self._side = side
        self._share()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(bar)
        layout.addWidget(self._split, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else the content first and what was said below it."""
        super().resizeEvent(event)
        narrow = self.width() < self.fontMetrics().averageCharWidth() * _NARROW_CHARS
        orientation = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self._split.orientation() is not orientation:
            self._split.setOrientation(orientation)
            self._split.insertWidget(0, self._stack if narrow else self._side)
            height = self.fontMetrics().lineSpacing() * _NARROW_LINES if narrow else 0
            for part in (self._side, self._stack):
                part.setMinimumHeight(height)
            self._share()

    def _shares(self) -> tuple[int, int]:
        return (500, 300) if self._split.orientation() is Qt.Orientation.Vertical else (320, 800)

    def _share(self) -> None:
        self._split.share()
        self._split.setStretchFactor(self._split.indexOf(self._stack), 1)
        self._split.setStretchFactor(self._split.indexOf(self._side), 0)

    # --- what the presenter shows ---------------------------------------------------------------

    @property
    def picture_width_px(self) -> int:
        """How wide a page can be drawn."""
        return self.picture.width_px

    def show_file(self, shown: FileShown) -> None:
        """Another file; nothing of its content yet."""
        basics.set_text(self._title, shown.title)
        self.show_line(shown.line)
        self._facts.show_pairs(shown.facts)
        self._up.setVisible(shown.is_inside)
        self._found.hide()
        self._hits.show_rows(())
        self._wanted.setText("")
        for choice in (self._forms, self._zoom):
            choice.blockSignals(True)
        self._forms.offer((form.value, word("form", form)) for form in shown.forms)
        self._zoom.choose("1")
        for choice in (self._forms, self._zoom):
            choice.blockSignals(False)
        searchable = any(form in PAGED for form in shown.forms) and Form.TEXT in shown.forms
        for widget in (self._wanted, self._find):
            widget.setVisible(searchable)
        self._is_new = True
        self.picture.forget()
        for pane in (self.text, self.bytes):
            pane.clear()
        self.samples.forget()
        self.tensors.forget()
        self.members.forget()

    def show_line(self, line: str) -> None:
        """How the file stands, in one line."""
        basics.set_text(self._line, line)

    def show_form(self, form: Form) -> None:
        """Which way of looking is chosen."""
        self._form = form
        self._forms.blockSignals(True)
        self._forms.choose(form.value)
        self._forms.blockSignals(False)
        paged = form in PAGED or form is Form.BYTES
        for widget in (self._previous, self._next, self._number, self._of):
            widget.setVisible(paged)
        self._number.setText("")
        basics.set_text(self._of, "")
        self._number.setAccessibleName("First byte" if form is Form.BYTES else "Page number")
        self._zoom.setVisible(form is Form.PICTURE)
        self._put_on_top(self._pane(form))

    def show_where(self, page: int, pages: int) -> None:
        """The page shown, counted from 1; for bytes the first byte and the number of bytes."""
        self._number.setText(str(page))
        basics.set_text(self._of, f"of {pages:,} bytes" if self._form is Form.BYTES else f"of {pages:,}")

    def show_busy(self, words: str) -> None:
        """What is being done; empty when nothing is."""
        basics.set_text(self._busy, words)
        self._busy.setVisible(bool(words))
        self._stop.setVisible(words.startswith("Looking"))

    def show_progress(self, progress: Progress) -> None:
        """How far a search is."""
        whole = f" of {progress.total_items:,}" if progress.total_items else ""
        if progress.done_items:
            words = f"{progress.done_items:,}{whole}"
            basics.set_text(self._busy, f"{word('stage', progress.stage)}: {words}")

    def show_trouble(self, trouble: Trouble) -> None:
        """The reason in place of content."""
        self.trouble.show_words(trouble.title, trouble.what, trouble.next)
        self._stack.setCurrentWidget(self.trouble)

    def show_picture(self, picture: Picture, name: str) -> None:
        """A page as pixels."""
        self._arrived(self.picture)
        self.picture.show_picture(picture, name)

    def show_text(self, text: str, wanted: str) -> None:
        """A page as text, with the wanted words in view."""
        self._arrived(self.text)
        self.text.show_plain(text or "There is no text on this page.", wanted)

    def show_bytes(self, table: str) -> None:
        """Some bytes."""
        self._arrived(self.bytes)
        self.bytes.show_plain(table or "The file is empty.")

    def show_samples(self, found: SampleRows, *, first: bool, words: str) -> None:
        """Samples that hold the words, or any: the first ones, or further ones."""
        self._arrived(self.samples)
        self.samples.show_rows(found, first=first, words=words)

    def show_transcript(self, transcript: Transcript, *, first: bool) -> None:
        """A sample's transcript: its beginning, or more of it."""
        self._arrived(self.samples)
        self.samples.show_transcript(transcript, first=first)

    def show_tensors(self, found: TensorRows, *, first: bool, name: str) -> None:
        """Tensors whose name holds ``name``: the first ones, or further ones."""
        self._arrived(self.tensors)
        self.tensors.show_rows(found, first=first, name=name)

    def show_members(self, found: MemberRows, *, first: bool, name: str) -> None:
        """Files of a container whose name holds ``name``: the first ones, or further ones."""
        self._arrived(self.members)
        self.members.show_rows(found, first=first, name=name)

    def choose_member(self, name: str) -> None:
        """Go to a file of the container."""
        self.members.choose(name)

    def choose_tensor(self, name: str) -> bool:
        """Go to a tensor; whether it is among those shown."""
        return self.tensors.choose(name)

    def choose_sample(self, row: SampleRow) -> None:
        """Go to a sample."""
        self.samples.choose(row)

    def choose_bytes(self, first: int, last: int) -> None:
        """Select bytes, counted from the first shown."""
        self.bytes.choose(first, last)

    def show_hits(self, hits: Sequence[TextHit], words: str) -> None:
        """What a search found, and what it did not read."""
        basics.set_text(self._hits_about, words)
        self._hits.show_rows(hits)
        self._hits.setVisible(bool(hits))
        self._found.show()
        if hits:
            self._hits.setFocus()

    # --- the person -------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """The content."""
        focus: dict[Form, QWidget] = {
            Form.SAMPLES: self.samples.table,
            Form.TENSORS: self.tensors.table,
            Form.MEMBERS: self.members.table,
        }
        focus.get(self._form, self._pane(self._form)).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Bar, what was said, content."""
        return (self._back, self._side, self._stack)

    def _pane(self, form: Form) -> QWidget:
        panes: dict[Form, QWidget] = {
            Form.PICTURE: self.picture,
            Form.TEXT: self.text,
            Form.BYTES: self.bytes,
            Form.SAMPLES: self.samples,
            Form.TENSORS: self.tensors,
            Form.MEMBERS: self.members,
        }
        return panes[form]

    def _put_on_top(self, pane: QWidget) -> None:
        if self._stack.currentWidget() is not pane:
            self._stack.setCurrentWidget(pane)

    def _arrived(self, pane: QWidget) -> None:
        """Content is there; the first of a file gets the keyboard."""
        self._put_on_top(pane)
        if self._is_new:
            self._is_new = False
            self.focus_first()

    def _choose_form(self) -> None:
        if self._forms.value:
            self.form_chosen.emit(Form(self._forms.value))

    def _go(self) -> None:
        if self._number.text():
            self.went.emit(int(self._number.text()))

    def _search(self) -> None:
        self.searched.emit(self._wanted.text())

    def _open_hit(self) -> None:
        hit = self._hits.current()
        if hit is not None:
            self.hit_opened.emit(hit)

    def _next_hit(self) -> None:
        self._hits.go_to(self._hits.currentIndex().row() + 1)
        self._open_hit()

    def _focus_find(self) -> None:
        self._wanted.setFocus()
        self._wanted.selectAll()

    def _focus_number(self) -> None:
        self._number.setFocus()
        self._number.selectAll()

    def _use(self) -> None:
        self.place_used.emit(
            Chosen(
                tensor=self.tensors.table.current(),
                sample=self.samples.table.current(),
                member=self.members.table.current(),
                span=self.bytes.span,
            )
        )


def make(desk: Desk, left: Callable[[], None]) -> tuple[ViewerPanel, ViewerPresenter]:
    """The panel with its presenter; ``left`` is called when the person goes back to the files."""
    view, looks = ViewerPanel(), ThreadedJobs()
    presenter = ViewerPresenter(view, desk, looks, left)
    looks.progressed.connect(view.show_progress)
    view.left.connect(presenter.leave)
    view.form_chosen.connect(presenter.choose_form)
    view.turned.connect(presenter.turn)
    view.went.connect(presenter.go_to)
    view.searched.connect(presenter.search)
    view.stopped.connect(presenter.stop)
    view.hit_opened.connect(presenter.open_hit)
    view.place_used.connect(presenter.use_place)
    view.picture.resized.connect(presenter.width_changed)
    view.samples.opened.connect(presenter.open_sample)
    view.samples.filtered.connect(presenter.filter_samples)
    view.samples.continued.connect(presenter.more_samples)
    view.samples.more_turns.connect(presenter.more_turns)
    view.members.opened.connect(presenter.open_member)
    view.members.filtered.connect(presenter.filter_members)
    view.members.continued.connect(presenter.more_members)
    view.went_up.connect(presenter.go_up)
    view.tensors.filtered.connect(presenter.filter_tensors)
    view.tensors.continued.connect(presenter.more_tensors)
    view.destroyed.connect(presenter.close)
    return view, presenter
