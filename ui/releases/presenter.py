"""The security officer's desk, without widgets: requests, the medium, the release, the return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from ui.window_words import counted
from workstation.app import exporting, queries, release_lists, release_sheet
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.app.wording import size, word
from workstation.core.exports import Export
from workstation.core.jobs import JobControl
from workstation.core.media import Medium
from workstation.core.release_control import ListedMedium
from workstation.core.signing_cards import wipe_typed
from workstation.core.values import ExportId


@dataclass(frozen=True, kw_only=True)
class ReleaseFields:
    """What the officer typed; the passphrase is wiped after use."""

    medium_id: str
    medium_marking: str
    sealed_to: tuple[str, ...]
    passphrase: bytearray


class ReleasesView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(self, rows: tuple[queries.WaitingExport, ...], about: str) -> None:
        """The requests."""

    def ask_for_pin(self, serial: str) -> None:
        """The card the officer signs with, where its PIN is wanted beside the passphrase."""

    def show_media(self, media: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Where it can be written to."""

    def show_recipients(self, names: Sequence[str]) -> None:
        """To whom it can be sealed."""

    def show_outstanding(self, exports: Sequence[Export]) -> None:
        """What was written and whose receipt is not here yet."""

    def show_pages(self, pdf: bytes) -> None:
        """What would leave, in place of the requests."""

    def set_busy(self, *, busy: bool) -> None:
        """While signing and writing."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


class ReleasesPresenter:
    """Lists requests and media; releases or returns one."""

    def __init__(self, view: ReleasesView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._rows: tuple[queries.WaitingExport, ...] = ()
        self._folders: dict[str, Medium] = {}
        self._media: dict[str, Medium] = {}

    def refresh(self) -> None:
        """Read the requests, look for media."""
        self._rows = queries.waiting_exports(self._desk.here)
        verb = "waits" if len(self._rows) == 1 else "wait"
        waiting = (
            f"{counted(len(self._rows), 'request')} {verb} for a security officer who did not make them."
        )
        about = (
            waiting
            if self._rows
            else "No request waits for release. Requests are made on a case's Export tab."
        )
        self._view.show_rows(self._rows, about)
        self._view.ask_for_pin(sessions.pin_beside(self._desk.here))
        self._view.show_recipients(_sealable(self._desk.here))
        self._view.show_outstanding(queries.outstanding_receipts(self._desk.here))
        self.look_for_media()
        self._desk.routes.marking_changed()

    def marking(self) -> str:
        """Covers every report listed."""
        return queries.covering_marking(self._desk.here, [row.marking for row in self._rows])

    def look_for_media(self, chosen: str = "") -> None:
        """What is plugged in now, and folders that stand for a medium."""
        plugged = (*self._folders.values(), *self._desk.here.services.media.list_media())
        self._media = {medium.medium_id: medium for medium in plugged}
        entries = release_lists.names_of(self._desk.here, plugged)
        offered = tuple((medium.medium_id, self._medium_text(medium, entry)) for medium, entry in entries)
        self._view.show_media(offered, chosen)

    def _medium_text(self, medium: Medium, entry: ListedMedium | None) -> str:
        listed = entry.name if entry else "not on the office's list"
        kept = "read only" if medium.read_only else f"{size(medium.free_bytes)} free"
        cautions = (word("medium-warning", one) for one in exporting.cautions(self._desk.here, medium))
        label = medium.untrusted_label or medium.folder
        return ", ".join((listed, label, str(medium.kind), medium.file_system, kept, *cautions))

    def use_folder(self, folder: Path) -> None:
        """A folder that stands for the medium."""
        media = self._desk.here.services.media

        def add(medium: Medium) -> None:
            self._folders[medium.medium_id] = medium
            self.look_for_media(medium.medium_id)

        self._desk.attempt(lambda: media.folder_medium(str(folder)), add)

    def look_at(self, export_id: ExportId) -> None:
        """The pages as the reviewer signed them."""
        self._desk.attempt(lambda: exporting.certified_pdf(self._desk.here, export_id), self._view.show_pages)

    def release(self, export_id: ExportId, fields: ReleaseFields) -> None:
        """Sign, write and read back in a job."""
        session, secret = self._desk.here, fields.passphrase
        medium = self._media.get(fields.medium_id)
        if medium is None:
            wipe_typed(secret)
            return
        chosen = exporting.Release(
            medium=medium, medium_marking=fields.medium_marking, sealed_to=fields.sealed_to
        )
        self._view.set_busy(busy=True)

        def work(job: JobControl) -> Export:
            try:
                return exporting.release(session, export_id, chosen, secret, job)
            finally:
                wipe_typed(secret)

        def done(written: Export) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self._view.forget_typed()
                self.refresh()
                self._desk.notices.tell(f"{written.export_id}: {word('ending', written.ending)}.")

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self.refresh()
                self._desk.failed(error)

        self._desk.notices.dismiss()
        self._desk.jobs.start(work, done=done, failed=failed)

    def save_sheet(self, export_id: ExportId, folder: Path) -> None:
        """Label and receipt, to be printed."""
        session = self._desk.here
        self._desk.attempt(
            lambda: release_sheet.write_sheet(session, export_id, folder),
            lambda path: self._desk.notices.tell(f"Label and receipt are in {path}. Print both pages."),
        )

    def record_receipt(self, export_id: ExportId, received_by: str, received_on: date) -> None:
        """The countersigned receipt came back."""
        session = self._desk.here
        if self._desk.attempt(
            lambda: exporting.record_receipt(
                session, export_id, received_by=received_by, received_on=received_on
            )
        ):
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(f"The receipt for {export_id} is recorded.")

    def send_back(self, export_id: ExportId, reason: str) -> None:
        """Return a request to who made it."""
        if self._desk.attempt(lambda: exporting.return_request(self._desk.here, export_id, reason=reason)):
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(f"{export_id} is returned to the requester.")


def _sealable(session: Session) -> tuple[str, ...]:
    with session.look() as work:
        known = release_lists.recipients(work)
    return tuple(one.name for one in known if one.confirmed_by is not None and one.withdrawn_at is None)
