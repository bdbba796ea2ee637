"""The person's own page, without widgets: who they are here, and another passphrase."""

from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from workstation.app import credentials
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Person


@dataclass(frozen=True, kw_only=True)
class PassphraseFields:
    """What was typed; wiped after use."""

    old: bytearray
    first: bytearray
    again: bytearray

    def wipe(self) -> None:
        """Forget all three."""
        for secret in (self.old, self.first, self.again):
            secret[:] = bytes(len(secret))


class AccountView(Protocol):
    """The page as the presenter sees it."""

    def show_person(self, person: Person) -> None:
        """Whose page it is."""

    def set_busy(self, *, busy: bool) -> None:
        """While the key is being made."""


class AccountPresenter:
    """Shows the person and changes the passphrase."""

    def __init__(self, view: AccountView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Read the register."""
        self._view.show_person(self._desk.here.person)

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def change(self, fields: PassphraseFields) -> None:
        """Replace the passphrase, in a job: it costs what unlocking costs, twice."""
        if fields.first != fields.again:
            fields.wipe()
            self._desk.notices.explain(PassphrasesDiffer())
            return
        session = self._desk.here
        self._view.set_busy(busy=True)

        def work(_job: JobControl) -> None:
            try:
                credentials.change_passphrase(session, old=fields.old, new=fields.first)
            finally:
                fields.wipe()

        def done(_nothing: None) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self._desk.notices.tell("Your passphrase was changed. The next unlock needs the new one.")

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self._desk.failed(error)

        self._desk.notices.dismiss()
        self._desk.jobs.start(work, done=done, failed=failed)
