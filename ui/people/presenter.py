"""The custodian's page, without widgets: who is enrolled, and enrolling somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from workstation.app import administering, queries
from workstation.app.wording import word
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Person, Role


@dataclass(frozen=True, kw_only=True)
class EnrolFields:
    """What was typed; the passphrases are wiped after use."""

    display_name: str
    staff_number: str
    login_name: str
    role: str
    first: bytearray
    again: bytearray
    own: bytearray


class PeopleView(Protocol):
    """The page as the presenter sees it."""

    def show_people(self, people: Sequence[Person], roots: Sequence[str]) -> None:
        """Who is enrolled, and the office's roots."""

    def set_busy(self, *, busy: bool) -> None:
        """While keys are being made."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


class PeoplePresenter:
    """Lists and enrols."""

    def __init__(self, view: PeopleView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Read the list."""
        session = self._desk.here
        self._view.show_people(queries.people(session), administering.root_fingerprints(session))

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def enrol(self, fields: EnrolFields) -> None:
        """Give somebody a key slot and a signing identity, in a job."""
        secrets = (fields.first, fields.again, fields.own)
        if fields.first != fields.again:
            _wipe(*secrets)
            self._desk.notices.explain(PassphrasesDiffer())
            return
        new = administering.NewPerson(
            display_name=fields.display_name.strip(),
            staff_number=fields.staff_number.strip(),
            login_name=fields.login_name.strip(),
            role=Role(fields.role),
        )
        session = self._desk.here
        self._view.set_busy(busy=True)

        def work(_job: JobControl) -> Person:
            try:
                return administering.enrol(
                    session, new, custodian_passphrase=fields.own, passphrase=fields.first
                )
            finally:
                _wipe(*secrets)

        def done(person: Person) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self._view.forget_typed()
                self.refresh()
                role = word("role", person.role).lower()
                self._desk.notices.tell(f"{person.display_name} is enrolled as {role}.")

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self._desk.failed(error)

        self._desk.notices.dismiss()
        self._desk.jobs.start(work, done=done, failed=failed)


def _wipe(*secrets: bytearray) -> None:
    for secret in secrets:
        secret[:] = bytes(len(secret))
