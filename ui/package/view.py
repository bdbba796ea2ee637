"""The submission package on screen: receive, look, decide."""

from collections.abc import Callable, Sequence
from functools import cache

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.package.changes import ChangesPanel, ChangesPresenter
from ui.package.changes import make as make_changes
from ui.package.presenter import PackagePresenter, PackageShown, file_facts, finding_facts
from ui.package.viewer_presenter import ViewerPresenter
from ui.package.viewer_view import ViewerPanel
from ui.package.viewer_view import make as make_viewer
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics, choosing
from ui.widgets.paging import PagedTable
from ui.widgets.tables import Table
from workstation.app.reasons import reason as reason_of
from workstation.app.wording import size, word
from workstation.core.examination import Coverage, Finding
from workstation.core.packages import PackageFile
from workstation.core.values import PackageId
from workstation.core.viewing import Place

_ABOUT = (
    "A bag, a folder, a zip or a tar. Everything is read once, hashed, encrypted, examined in the sandbox, "
    "and then waits in quarantine for a named person."
)
_RESUME = "Reading was interrupted. Choose the same submission again; it goes on where it stopped."


_WORDS = (
    *(Coverage.DANGEROUS, Coverage.INCONCLUSIVE, Coverage.NOTHING_FOUND),
    *(Coverage.UNSEEN, Coverage.SEEN),
)
_NO_FINDINGS = "No finding is heavier than a note. Notes stand with their files: choose one in the list."
_MOST_FINDING_ROWS = 4  # further ones are scrolled to; the files below stay in view


def _files_table(opened: Callable[[PackageFile], object]) -> Table[PackageFile]:
    return Table(
        "Files of the package",
        (
            ("File", lambda file: file.untrusted_path),
            ("Size", lambda file: size(file.size_bytes), lambda file: file.size_bytes),
            ("Kind", lambda file: file.kind),
            ("Examination", lambda file: word("coverage", file.coverage)),
            ("By a reviewer", lambda file: word("coverage", Coverage.SEEN) if file.opened else "-"),
            ("Manifest", lambda file: word("fixity", file.fixity)),
        ),
        opened=opened,
        rows=6,
    )


def _findings_table() -> Table[Finding]:
    return Table(
        "Findings of the examination",
        (
            ("Weight", lambda finding: word("severity", finding.severity)),
            ("Finding", lambda finding: reason_of(finding.code).title),
            ("File", lambda finding: finding.path or "the package"),
            ("Detail", lambda finding: finding.detail),
        ),
        stretch=3,
        rows=4,
    )


class PackagePage(Page):
    """What came in, what was found, what was decided."""

    received = Signal(object)
    accepted = Signal(str)
    returned = Signal(str)
    typed = Signal(str)
    more_files = Signal(object)
    opened = Signal(object)
    filtered = Signal(str)
    package_chosen = Signal(str)
    changes_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        del desk
        self._none = basics.label("No package has been received yet.", "muted")
        self._receive_card, self._decide_card = self._receive(), self._decide()
        self._packages_card = self._packages()
        self._facts, self._detail = basics.Facts(), basics.Facts()
        self._facts_card = basics.card(basics.label("The package", "section"), self._facts)
        self._detail_card = basics.card(basics.label("The chosen row", "section"), self._detail)
        self._files = PagedTable[PackageFile](_files_table(self.opened.emit), "files")
        self._files.continued.connect(self.more_files)
        self._files.table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_file())
        self._only = basics.choice((("", "All"), *((one.value, word("coverage", one)) for one in _WORDS)))
        self._only.currentIndexChanged.connect(lambda _index: self.filtered.emit(self._only.value))
        self._findings = _findings_table()
        self._findings.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_finding())
        self._findings.clicked.connect(lambda _index: self._show_finding())
        self._files.table.clicked.connect(lambda _index: self._show_file())
        self._no_findings = basics.label(_NO_FINDINGS, "muted")
        self._lists = self._lay_out_lists()
        self._viewer: ViewerPanel | None = None
        self._changes: ChangesPanel | None = None
        self._list_page = self._lay_out()
        self._under = self._list_page  # what a file's panel goes back to
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._list_page)

    def _lay_out_lists(self) -> QWidget:
        return basics.column(
            basics.label("Findings", "section"),
            self._no_findings,
            self._findings,
            basics.label("Files", "section"),
            basics.form((("Files shown", self._only),)),
            self._files,
            basics.row(basics.button("Open the chosen file  (Enter)", self._open)),
            gap=2,
        )

    def _lay_out(self) -> QWidget:
        left = basics.column(
            self._receive_card,
            self._none,
            self._packages_card,
            self._decide_card,
            self._facts_card,
            self._detail_card,
            stretch=True,
        )
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((left, 3), (self._lists, 6))))
        return page

    def add_viewer(self, viewer: ViewerPanel) -> None:
        """The panel that shows one file in place of the lists."""
        self._viewer = viewer
        self._stack.addWidget(viewer)
        self._let_only_the_top_ask()

    def add_changes(self, changes: ChangesPanel) -> None:
        """The panel that shows what changed since an earlier package."""
        self._changes = changes
        self._stack.addWidget(changes)
        self._let_only_the_top_ask()

    def show_viewer(self, *, shown: bool) -> None:
        """One file, or what it was opened from; the keyboard goes along."""
        if self._viewer is not None:
            self._put_on_top(self._viewer if shown else self._under)

    def show_changes(self, *, shown: bool) -> None:
        """What changed, or the lists."""
        if self._changes is not None:
            self._under = self._changes if shown else self._list_page
            self._put_on_top(self._under)

    def _put_on_top(self, part: QWidget) -> None:
        self._stack.setCurrentWidget(part)
        self._let_only_the_top_ask()
        if part is self._list_page:
            self._files.table.setFocus()
        else:
            self.focus_first()

    def _let_only_the_top_ask(self) -> None:
        """What lies below must not make the page wider: a file's panel needs more room than the lists."""
        top = self._stack.currentWidget()
        for part in (self._list_page, self._viewer, self._changes):
            policy = QSizePolicy.Policy.Preferred if part is top else QSizePolicy.Policy.Ignored
            if part is not None:
                part.setSizePolicy(policy, policy)

    def _open(self) -> None:
        file = self._files.table.current()
        if file is not None:
            self.opened.emit(file)

    @property
    def _viewed(self) -> ViewerPanel | ChangesPanel | None:
        top = self._stack.currentWidget()
        return next((part for part in (self._viewer, self._changes) if part is top), None)

    def _packages(self) -> QFrame:
        self._package = basics.choice(())
        self._package.currentIndexChanged.connect(lambda _index: self._choose_package())
        what = basics.button("What changed", self.changes_wanted.emit)
        title = basics.label("Packages of this case", "section")
        rows = basics.form((("Package shown", self._package),), below=True)
        return basics.card(title, rows, basics.row(what))

    def _choose_package(self) -> None:
        if self._package.value:
            self.package_chosen.emit(self._package.value)

    def _receive(self) -> QFrame:
        self._receive_title, self._receive_about = basics.label("", "section"), basics.label("", "muted")
        self._folder = basics.button("Choose a folder or bag", self._choose_folder, primary=True)
        file = basics.button("Choose a zip, tar or file", self._choose_file)
        return basics.card(self._receive_title, self._receive_about, basics.row(self._folder, file))

    def _decide(self) -> QFrame:
        self._reason = basics.TextBox("Reason", lines=2)
        self._reason.setPlaceholderText(
            "Needed for returning, and where something was left for a person to decide"
        )
        self._reason.textChanged.connect(lambda: self.typed.emit(self._reason.toPlainText()))
        self._accept = basics.button(
            "Accept out of quarantine", lambda: self._emit_reason(self.accepted.emit), primary=True
        )
        self._back = basics.button("Return as deficient", lambda: self._emit_reason(self.returned.emit))
        self._objection = basics.label("", "caution")
        rows = basics.form((("Reason", self._reason),))
        acts = basics.row(self._accept, self._back)
        return basics.card(basics.label("Decide", "section"), self._objection, rows, acts)

    def _emit_reason(self, emit: Callable[[str], None]) -> None:
        emit(self._reason.toPlainText().strip())

    def show_receiving(self, *, offered: bool, resuming: bool) -> None:
        """The way to receive a submission."""
        now = QApplication.focusWidget()
        had_keyboard = now is not None and self._receive_card.isAncestorOf(now)
        basics.set_text(self._receive_title, "Go on receiving" if resuming else "Receive the submission")
        basics.set_text(self._receive_about, _RESUME if resuming else _ABOUT)
        self._receive_card.setVisible(offered)
        self._none.setVisible(not offered)
        if had_keyboard and not offered:
            # Hiding what has the keyboard would send it to the sidebar.
            self._files.table.setFocus()

    def show_package(self, shown: PackageShown | None) -> None:
        """A stored package, or none yet."""
        for widget in (self._facts_card, self._detail_card, self._lists):
            widget.setVisible(shown is not None)
        self._decide_card.setVisible(shown is not None and shown.may_decide)
        self._packages_card.setVisible(shown is not None and len(shown.packages) > 1)
        if shown is None:
            return
        self._show_objection(shown.objection)
        self._package.blockSignals(True)
        self._package.offer(shown.packages)
        self._package.choose(shown.package_id)
        self._package.blockSignals(False)
        self._none.hide()
        self._facts.show_pairs(shown.facts)
        self._findings.show_rows(shown.findings, keep=True)
        self._findings.fit_rows(_MOST_FINDING_ROWS)
        self._findings.setVisible(bool(shown.findings))
        self._no_findings.setVisible(not shown.findings)
        if self._reason.toPlainText() != shown.reason:
            self._reason.setPlainText(shown.reason)

    def _show_objection(self, objection: str) -> None:
        """What cannot be accepted is returned: only that button is offered then."""
        basics.set_text(self._objection, objection)
        self._objection.setVisible(bool(objection))
        self._accept.setVisible(not objection)
        self._back.setProperty("primary", bool(objection))
        self._back.style().unpolish(self._back)
        self._back.style().polish(self._back)

    def show_files(self, files: Sequence[PackageFile], *, more: bool) -> None:
        """The first files by path."""
        self._files.show_rows(files, more=more, keep=True)
        self._show_file()

    def add_files(self, files: Sequence[PackageFile], *, more: bool) -> None:
        """Further files."""
        self._files.add_rows(files, more=more)

    def _show_file(self) -> None:
        file = self._files.table.current()
        if file is not None:
            self._detail.show_pairs(file_facts(file))

    def _show_finding(self) -> None:
        finding = self._findings.current()
        if finding is not None:
            self._detail.show_pairs(finding_facts(finding))

    def _choose_folder(self) -> None:
        choosing.folder(self, "Submission folder or bag", self.received.emit)

    def _choose_file(self) -> None:
        choosing.file(self, "Submission file", self.received.emit)

    def focus_first(self) -> None:
        """The decision, the way to receive, or the files."""
        if self._viewed is not None:
            self._viewed.focus_first()
        elif not self._receive_card.isHidden():
            self._folder.setFocus()
        elif not self._lists.isHidden():
            self._files.table.setFocus()
        else:
            self.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Receiving, the packages, deciding, findings, files."""
        if self._viewed is not None:
            return self._viewed.panes()
        return (self._receive_card, self._packages_card, self._decide_card, self._findings, self._files)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = PackagePage(desk)

    def left() -> None:
        changed()
        view.show_viewer(shown=False)

    # Both panels are larger than the lists; whoever opens no file need not wait for them.
    @cache
    def viewer() -> ViewerPresenter:
        panel, presenter = make_viewer(desk, left)
        view.add_viewer(panel)
        return presenter

    @cache
    def comparing() -> ChangesPresenter:
        panel, presenter = make_changes(desk, opened)
        view.add_changes(panel)
        panel.left.connect(lambda: view.show_changes(shown=False))
        return presenter

    def opened(package_id: PackageId, path: str, place: Place | None) -> None:
        looking = viewer()
        view.show_viewer(shown=True)
        if not looking.open(package_id, path, place):
            view.show_viewer(shown=False)

    presenter = PackagePresenter(view, desk, changed, opened)

    def compare() -> None:
        found = presenter.compared()
        if found is not None:
            comparing().show(*found)
            view.show_changes(shown=True)

    view.changes_wanted.connect(compare)
    _listen(view, presenter)
    return view, presenter


def _listen(view: PackagePage, presenter: PackagePresenter) -> None:
    view.filtered.connect(presenter.filter_files)
    view.package_chosen.connect(presenter.choose_package)
    view.opened.connect(presenter.open_file)
    view.received.connect(presenter.receive)
    view.accepted.connect(presenter.accept)
    view.returned.connect(presenter.return_it)
    view.typed.connect(presenter.typed_reason)
    view.more_files.connect(presenter.show_more)
