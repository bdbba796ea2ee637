"""The submission package: receiving it, what was found and what was not looked at, accepting it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import intake, quarantine, queries
from workstation.app.wording import moment, size, word
from workstation.core.cases import CaseState
from workstation.core.examination import Coverage, Finding
from workstation.core.jobs import JobControl
from workstation.core.packages import Package, PackageFile, PackageState
from workstation.core.people import Duty
from workstation.core.values import PackageId


class PackageTab(Tab):
    """Receive, look, decide."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._files: Table[PackageFile] = Table(
            "Files of the package",
            (
                ("File", lambda file: file.untrusted_path),
                ("Size", lambda file: size(file.size_bytes)),
                ("Kind", lambda file: file.kind),
                ("Examination", lambda file: word("coverage", file.coverage)),
                ("Manifest", lambda file: word("fixity", file.fixity)),
                ("SHA-384", lambda file: file.sha384[:16]),
            ),
            stretch=0,
        )
        self._findings: Table[Finding] = Table(
            "Findings of the examination",
            (
                ("Weight", lambda f: word("severity", f.severity)),
                ("Code", lambda f: f.code),
                ("File", lambda f: f.path or "the package"),
                ("Detail", lambda f: f.detail),
            ),
            stretch=3,
        )
        self._more = basics.button("Show more files", self._show_more)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 8, 0, 8)
        top = QWidget()
        top.setLayout(self._body)
        files = basics.column(basics.label("Files", "section"), self._files, basics.row(self._more))
        found = basics.column(basics.label("Findings", "section"), self._findings)
        self._lists = QSplitter(Qt.Orientation.Vertical)
        self._lists.addWidget(files)
        self._lists.addWidget(found)
        self._lists.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.scrolling(basics.column(top, self._lists)))

    def focus_first(self) -> None:
        """The file list, or the page where there is none."""
        (self._files if self._lists.isVisible() else self).setFocus()

    def show_view(self, view: queries.CaseView) -> None:
        """Where the package stands."""
        self._view = view
        basics.empty(self._body)
        package = view.package
        stored = package is not None and package.state is not PackageState.RECEIVING
        self._lists.setVisible(stored)
        if (
            view.row.state in {CaseState.AWAITING_PACKAGE, CaseState.DEFICIENT}
            and Duty.RECEIVE_PACKAGE in view.allowed
        ):
            self._body.addWidget(self._receive_card(view))
        elif not stored:
            self._body.addWidget(basics.label("No package has been received yet.", "muted"))
        if package is not None and stored:
            self._show_package(view, package)

    def _receive_card(self, view: queries.CaseView) -> QWidget:
        resuming = view.package is not None and view.package.state is PackageState.RECEIVING
        text = (
            "Reading was interrupted. Choose the same submission again; it goes on where it stopped."
            if resuming
            else "A bag, a folder, a zip or a tar. Everything is read once, hashed, encrypted, examined in "
            "the sandbox, and then waits in quarantine for a named person."
        )
        folder = basics.button("Choose a folder or bag", self._choose_folder, primary=True)
        file = basics.button("Choose a zip, tar or file", self._choose_file)
        title = "Go on receiving" if resuming else "Receive the submission"
        return basics.card(
            basics.label(title, "section"), basics.label(text, "muted"), basics.row(folder, file)
        )

    def _show_package(self, view: queries.CaseView, package: Package) -> None:
        coverage = "; ".join(
            f"{word('coverage', c)}: {view.coverage.get(str(c), 0)}"
            for c in Coverage
            if c is not Coverage.SEEN
        )
        received = moment(package.received_at) if package.received_at else "-"
        pairs = [
            ("State", word("package-state", package.state)),
            ("Examination", word("outcome", package.outcome)),
            ("Files", f"{package.file_count:,}, {size(package.total_bytes)}"),
            ("Coverage", f"{coverage}; opened by a reviewer: {view.coverage.get('opened', 0)}"),
            ("Examined under", ", ".join(package.isolation) or "no isolation"),
            ("Received", f"{received} by {view.people[package.received_by].display_name}"),
            ("Package SHA-384", package.digest_sha384),
        ]
        if package.decided_by and package.decided_at:
            who = view.people[package.decided_by].display_name
            pairs.append(("Decided", f"{moment(package.decided_at)} by {who}. {package.decision_reason}"))
        self._body.addWidget(basics.card(basics.label("The package", "section"), basics.facts(pairs)))
        if package.state is PackageState.QUARANTINED and Duty.ACCEPT_PACKAGE in view.allowed:
            self._body.addWidget(self._decide_card(package))
        self._files.show_rows(queries.files(self.desk.here, package.package_id))
        self._more.setVisible(package.file_count > queries.PAGE_ROWS)
        self._findings.show_rows(package.findings)

    def _decide_card(self, package: Package) -> QWidget:
        reason = basics.line("Needed where something was left for a person to decide, and for returning")
        accept = basics.button(
            "Accept out of quarantine",
            lambda: self._decide(package.package_id, reason.text(), accepted=True),
            primary=True,
        )
        back = basics.button(
            "Return as deficient", lambda: self._decide(package.package_id, reason.text(), accepted=False)
        )
        rows = basics.form((("Reason", reason),))
        return basics.card(basics.label("Decide", "section"), rows, basics.row(accept, back))

    def _decide(self, package_id: PackageId, reason: str, *, accepted: bool) -> None:
        decide = quarantine.accept if accepted else quarantine.return_as_deficient
        self.act(lambda: decide(self.desk.here, package_id, reason=reason), "Recorded under your name.")

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Submission folder")
        if chosen:
            self.receive(Path(chosen))

    def _choose_file(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, "Submission file")
        if chosen:
            self.receive(Path(chosen))

    def receive(self, source: Path) -> None:
        """Read the submission in a job; the window stays usable."""
        if self._view is None:
            return
        case_id, session = self._view.row.case_id, self.desk.here

        def work(job: JobControl) -> Package:
            return intake.receive(session, case_id, source, job)

        def done(package: Package) -> None:
            self.changed()
            self.desk.notices.tell(f"Received {package.file_count} files. They wait in quarantine.")

        def failed(error: BaseException) -> None:
            if self.desk.session is session:
                self.changed()
                self.desk.failed(error)

        self.desk.notices.dismiss()
        self.desk.jobs.start(work, done=done, failed=failed)

    def _show_more(self) -> None:
        last = self._files.rows.rowCount() - 1
        package = self._view.package if self._view else None
        if package is not None and last >= 0:
            after = self._files.rows.row_at(last).untrusted_path
            self._files.rows.append_rows(queries.files(self.desk.here, package.package_id, after=after))
