"""Verify an export on a medium against the office's roots: what holds, what does not, file by file."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from ui.desk import Desk
from ui.page import Page
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import exporting
from workstation.app.wording import size, word
from workstation.core.verifications import ExportVerification, FileCheck, Problem


class VerifyPage(Page):
    """Choose a folder, read the answer."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._answer = basics.label("", "section")
        self._roots = basics.selectable("", "small")
        self._problems: Table[Problem] = Table(
            "What does not hold",
            (
                ("Code", lambda p: p.code),
                ("File", lambda p: p.path or "the export"),
                ("Detail", lambda p: p.detail),
            ),
            stretch=2,
        )
        self._files: Table[FileCheck] = Table(
            "Files of the export",
            (
                ("File", lambda f: f.path),
                ("State", lambda f: f.state.replace("-", " ")),
                ("Size", lambda f: size(f.size_bytes)),
                ("SHA-384", lambda f: f.sha384),
            ),
            stretch=3,
        )
        choose = basics.button("Choose an export folder", self._choose, primary=True)
        about = basics.label(
            "Checks every file, both signatures of the manifest, the statement, and every revision of the "
            "report against the roots kept in this vault. Nothing on the medium is trusted.",
            "muted",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (
            basics.label("Verify an export", "title"),
            about,
            basics.row(choose),
            self._answer,
            self._roots,
        ):
            layout.addWidget(widget)
        layout.addWidget(self._problems, 1)
        layout.addWidget(self._files, 1)
        self._problems.hide()
        self._files.hide()
        self._choose_button = choose

    def focus_first(self) -> None:
        """The button."""
        self._choose_button.setFocus()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Export folder")
        if chosen:
            self.verify(Path(chosen))

    def verify(self, folder: Path) -> None:
        """Check in a job."""
        session = self._desk.here
        self._desk.notices.dismiss()
        self._desk.jobs.start(
            lambda _job: exporting.verify(session, folder), done=self._show, failed=self._desk.failed
        )

    def _show(self, answer: ExportVerification) -> None:
        basics.set_text(self._answer, word("verification", answer.outcome))
        basics.set_text(self._roots, "Roots used (SHA-384): " + ", ".join(answer.roots_sha384))
        self._problems.show_rows(answer.problems)
        self._problems.setVisible(bool(answer.problems))
        self._files.show_rows(answer.files)
        self._files.show()
