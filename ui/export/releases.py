"""The security officer's desk: requests, the medium, the release, and when it may be removed."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import exporting, queries
from workstation.app.wording import moment, size, word
from workstation.core.exports import Export
from workstation.core.jobs import JobControl
from workstation.core.media import Medium


class ReleasesPage(Page):
    """Requests on top, the chosen one below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rows: tuple[queries.WaitingExport, ...] = ()
        self._folders: list[Medium] = []
        self._table: Table[queries.WaitingExport] = Table(
            "Requests for release",
            (
                ("Export", lambda row: row.export.export_id),
                ("State", lambda row: word("export-state", row.export.state)),
                ("Model", lambda row: row.model),
                ("Marking", lambda row: row.marking),
                ("Recipient", lambda row: row.export.recipient),
                ("Requested", lambda row: f"{moment(row.export.requested_at)} by {row.requester}"),
            ),
            stretch=4,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_current())
        self._about = basics.label("", "muted")
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 8, 8, 0)
        below = QWidget()
        below.setLayout(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Releases", "title"))
        layout.addWidget(self._about)
        layout.addWidget(self._table, 1)
        layout.addWidget(basics.scrolling(below), 2)

    def refresh(self) -> None:
        """Read the requests."""
        self._rows = queries.waiting_exports(self._desk.here)
        waiting = f"{len(self._rows)} requests wait for a security officer who did not make them."
        basics.set_text(self._about, waiting if self._rows else "No request waits for release.")
        self._table.show_rows(self._rows)
        self._show_current()

    def focus_first(self) -> None:
        """The requests."""
        self._table.setFocus()

    def marking(self) -> str:
        """Covers every report listed."""
        return queries.covering_marking(self._desk.here, [row.marking for row in self._rows])

    def _show_current(self) -> None:
        basics.empty(self._body)
        row = self._table.current()
        if row is None:
            return
        self._body.addWidget(self._release_card(row))
        self._body.addWidget(self._return_card(row.export))
        self._body.addStretch(1)

    def _release_card(self, row: queries.WaitingExport) -> QWidget:
        media = [*self._desk.here.services.media.list_media(), *self._folders]
        medium = basics.choice(
            (str(number), f"{m.folder}, {m.file_system}, {size(m.free_bytes)} free")
            for number, m in enumerate(media)
        )
        medium.setCurrentIndex(medium.count() - 1 if self._folders else 0)
        label = basics.line("As printed on the medium's label")
        passphrase = basics.line(secret=True)

        def release() -> None:
            if medium.currentData() is not None:
                chosen = exporting.Release(
                    medium=media[int(medium.currentData())], medium_marking=label.text().strip()
                )
                self._release(row.export, chosen, passphrase)

        rows = basics.form(
            (("Medium", medium), ("Marking of the medium", label), ("Your passphrase", passphrase))
        )
        press = basics.button("Sign, write and read back", release, primary=True)
        press.setEnabled(bool(media))
        folder = basics.button("Use a folder as the medium", self._choose_folder)
        again = basics.button("Look for media again", self._show_current)
        about = basics.label(
            f"The report is marked {row.marking}. You sign last; afterwards nothing in it may change. Do not "
            "remove the medium before this page says that it is safe to remove.",
            "muted",
        )
        return basics.card(
            basics.label(f"Release {row.export.export_id}", "section"),
            about,
            rows,
            basics.row(press, again, folder),
        )

    def _return_card(self, export: Export) -> QWidget:
        reason = basics.line()

        def back() -> None:
            done = self._desk.attempt(
                lambda: exporting.return_request(self._desk.here, export.export_id, reason=reason.text())
            )
            if done:
                self.refresh()

        rows = basics.form((("Reason for returning", reason),))
        return basics.card(
            basics.label("Or return it", "section"),
            rows,
            basics.row(basics.button("Return to the requester", back)),
        )

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder that stands for the medium")
        if chosen:
            self.use_folder(Path(chosen))

    def use_folder(self, folder: Path) -> None:
        """A folder that stands for the medium."""
        media = self._desk.here.services.media
        if self._desk.attempt(lambda: self._folders.append(media.folder_medium(str(folder)))):
            self._show_current()

    def _release(self, export: Export, chosen: exporting.Release, field: QLineEdit) -> None:
        secret, session = basics.take_secret(field), self._desk.here

        def work(job: JobControl) -> Export:
            try:
                return exporting.release(session, export.export_id, chosen, secret, job)
            finally:
                secret[:] = bytes(len(secret))

        def done(written: Export) -> None:
            self.refresh()
            self._desk.notices.tell(f"{written.export_id}: {word('ending', written.ending)}.")

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self.refresh()
            self._desk.failed(error)

        self._desk.notices.dismiss()
        self._desk.jobs.start(work, done=done, failed=failed)
