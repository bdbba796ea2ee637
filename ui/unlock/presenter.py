"""Consent, first run and unlocking, without widgets."""

from typing import Protocol

from ui.desk import Desk
from workstation.app import administering
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.app.wording import moment
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Role


class BusyView(Protocol):
    """What both pages offer."""

    def set_busy(self, *, busy: bool) -> None:
        """While the passphrase is being worked on."""

    def focus_first(self) -> None:
        """Where the keyboard begins."""


class UnlockView(BusyView, Protocol):
    """The unlock page."""

    def show_state(self, text: str) -> None:
        """What can be said about the locked vault."""


class UnlockPresenter:
    """Unlocks in a job: the passphrase costs most of a second on purpose."""

    def __init__(self, view: UnlockView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Say how the vault stands, without saying anything of its content."""
        status = self._desk.services.vaults.status()
        text = (
            f"Vault {status.vault_id}, locked." if status.vault_id else "The vault's header cannot be read."
        )
        if status.back_off_until is not None:
            text += f" After wrong passphrases it answers again at {moment(status.back_off_until)}."
        self._view.show_state(text)

    def unlock(self, login_name: str, passphrase: bytearray) -> None:
        """Unlock for one person."""
        self._desk.notices.dismiss()
        self._view.set_busy(busy=True)

        def work(_job: JobControl) -> Session:
            try:
                return sessions.unlock(self._desk.services, login_name=login_name, passphrase=passphrase)
            finally:
                passphrase[:] = bytes(len(passphrase))

        def done(session: Session) -> None:
            self._view.set_busy(busy=False)
            self._desk.routes.unlocked(session)
            for warning in sessions.warnings(session):
                self._desk.notices.explain(warning)

        def failed(error: BaseException) -> None:
            self._view.set_busy(busy=False)
            self._desk.failed(error)
            self.refresh()
            self._view.focus_first()

        self._desk.jobs.start(work, done=done, failed=failed)


class SetUpPresenter:
    """Creates the vault and its custodian."""

    def __init__(self, view: BusyView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def create(self, fields: dict[str, str], first: bytearray, again: bytearray) -> None:
        """Check the two passphrases against each other, then create in a job."""
        self._desk.notices.dismiss()
        if first != again:
            self._desk.notices.explain(PassphrasesDiffer())
            return
        again[:] = bytes(len(again))
        self._view.set_busy(busy=True)
        custodian = administering.NewPerson(
            login_name=fields["login_name"],
            staff_number=fields["staff_number"],
            display_name=fields["display_name"],
            role=Role.CUSTODIAN,
        )

        def work(_job: JobControl) -> Session:
            try:
                return administering.first_run(
                    self._desk.services, office=fields["office"], custodian=custodian, passphrase=first
                )
            finally:
                first[:] = bytes(len(first))

        def done(session: Session) -> None:
            self._view.set_busy(busy=False)
            self._desk.routes.unlocked(session)

        def failed(error: BaseException) -> None:
            self._view.set_busy(busy=False)
            self._desk.failed(error)
            self._view.focus_first()

        self._desk.jobs.start(work, done=done, failed=failed)
