"""Issuing recovery keys, without widgets: one officer after the other."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from workstation.app import recovering, recovery_sheets
from workstation.app.recovering import Issue
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobControl
from workstation.core.recovery import RecoveryFacts


class RecoveryView(Protocol):
    """The part of the page as the presenter sees it."""

    def show_state(self, facts: RecoveryFacts | None) -> None:
        """Whether there are keys in force."""

    def show_officer(self, officer: int, officers: int, key: str) -> None:
        """One officer's turn."""

    def end(self) -> None:
        """Nobody's key is on screen any more."""


class RecoveryPresenter:
    """Holds the keys on their way; locking forgets them, and those of before stay in force."""

    def __init__(self, view: RecoveryView, desk: Desk, set_busy: Callable[..., None]) -> None:
        self._view, self._desk, self._set_busy = view, desk, set_busy
        self._issue: Issue | None = None
        self._officer = 0

    def refresh(self) -> None:
        """Say how it stands."""
        self._view.show_state(recovering.in_force(self._desk.services))

    def begin(self, needed: int, officers: int, passphrase: bytearray) -> None:
        """Make the keys; the first officer comes to the screen."""
        session = self._desk.here
        self._desk.notices.dismiss()
        self._set_busy(busy=True)

        def work(_job: JobControl) -> Issue:
            try:
                return recovering.begin(
                    session, needed=needed, officers=officers, custodian_passphrase=passphrase
                )
            finally:
                passphrase[:] = bytes(len(passphrase))

        def done(issue: Issue) -> None:
            if self._desk.session is not session:
                issue.abandon()
                return
            self._set_busy(busy=False)
            self._issue, self._officer = issue, 1
            self._desk.leaving.append(self.abandon)
            self._show()

        self._desk.jobs.start(work, done=done, failed=self._failed)

    def confirm(self, typed: str) -> None:
        """The officer typed the key back; the next one's turn, or all are in force."""
        issue = self._issue
        if issue is None:
            return
        self._desk.notices.dismiss()
        try:
            issue.confirm(self._officer, typed)
        except WorkstationError as error:
            self._desk.notices.explain(error)
            return
        self._officer += 1
        if self._officer <= issue.facts.officers:
            self._show()
        else:
            self._finish(issue)

    def save_sheet(self, folder: Path) -> None:
        """Write the sheet of the officer at the screen to their medium."""
        issue, officer, session = self._issue, self._officer, self._desk.here
        if issue is None:
            return

        def done(path: Path) -> None:
            self._set_busy(busy=False)
            self._desk.notices.tell(f"The sheet was written: {path.name}. Whoever reads it has the key.")

        self._desk.notices.dismiss()
        self._set_busy(busy=True)
        self._desk.jobs.start(
            lambda _job: recovery_sheets.save(session, issue, officer, folder), done=done, failed=self._failed
        )

    def abandon(self) -> None:
        """Forget the keys on their way."""
        if self._issue is not None:
            self._issue.abandon()
            self._view.end()
        self._forget()

    def _forget(self) -> None:
        self._issue = None
        if self.abandon in self._desk.leaving:
            self._desk.leaving.remove(self.abandon)

    def _show(self) -> None:
        if self._issue is not None:
            facts = self._issue.facts
            self._view.show_officer(self._officer, facts.officers, self._issue.text(self._officer))

    def _finish(self, issue: Issue) -> None:
        self._view.end()
        self._forget()
        self._set_busy(busy=True)
        session = self._desk.here

        def done(_nothing: None) -> None:
            if self._desk.session is session:
                self._set_busy(busy=False)
                self.refresh()
                self._desk.notices.tell("The new recovery keys are in force. Sheets of before are void.")

        self._desk.jobs.start(lambda _job: issue.finish(), done=done, failed=self._failed)

    def _failed(self, error: BaseException) -> None:
        self._set_busy(busy=False)
        self._desk.failed(error)
