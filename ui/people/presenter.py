"""The custodian's page, without widgets: who is enrolled, enrolling, and what comes after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from ui.desk import Desk
from workstation.app import administering, credentials, queries
from workstation.app.wording import word
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Person, Role
from workstation.core.signing_cards import CardChoice
from workstation.core.values import PersonId


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


@dataclass(frozen=True, kw_only=True)
class ChangeFields:
    """What was typed about somebody enrolled; the passphrases are wiped after use."""

    person_id: PersonId
    role: str
    reason: str
    revoke_certificates: bool
    own: bytearray
    theirs: bytearray
    card: CardChoice | None = None  # the key for today's signatures lies on their card


T = TypeVar("T")


class PeopleView(Protocol):
    """The page as the presenter sees it."""

    def show_people(self, people: Sequence[Person], roots: Sequence[str], lists_end_at: datetime) -> None:
        """Who is enrolled, the office's roots, and when its revocation lists end."""

    def set_busy(self, *, busy: bool) -> None:
        """While keys are being made."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


class PeoplePresenter:
    """Lists, enrols, and keeps credentials in order."""

    def __init__(self, view: PeopleView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Read the list."""
        session = self._desk.here
        self._view.show_people(
            queries.people(session),
            administering.root_fingerprints(session),
            credentials.lists_end_at(session),
        )

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
        self._begin(
            lambda: administering.enrol(
                session, new, custodian_passphrase=fields.own, passphrase=fields.first
            ),
            lambda person: f"{person.display_name} is enrolled as {_role(person)}.",
            *secrets,
        )

    def confirm(self, person_id: PersonId, staff_number: str) -> None:
        """Say that somebody is who the enrolment claims, by the number on the badge."""
        session = self._desk.here
        self._begin(
            lambda: administering.confirm(session, person_id, staff_number=staff_number.strip()),
            lambda person: f"{person.display_name} is confirmed, and can work from now on.",
        )

    def renew(self, fields: ChangeFields) -> None:
        """Fresh keys and certificates for somebody enrolled, perhaps in another role."""
        session = self._desk.here
        self._begin(
            lambda: credentials.renew_identity(
                session,
                fields.person_id,
                role=Role(fields.role),
                reason=fields.reason,
                custodian_passphrase=fields.own,
                passphrase=fields.theirs,
                card=fields.card,
            ),
            lambda person: _renewed(person, by_card=fields.card is not None),
            fields.own,
            fields.theirs,
            *((fields.card.pin,) if fields.card else ()),
        )

    def retire(self, fields: ChangeFields) -> None:
        """Take somebody's key away."""
        session = self._desk.here
        self._begin(
            lambda: credentials.retire(
                session,
                fields.person_id,
                reason=fields.reason,
                revoke_certificates=fields.revoke_certificates,
                custodian_passphrase=fields.own,
            ),
            lambda person: f"{person.display_name} can no longer unlock this vault. It has a new key.",
            fields.own,
            fields.theirs,
        )

    def issue_lists(self, own: bytearray) -> None:
        """Fresh revocation lists."""
        session = self._desk.here
        self._begin(
            lambda: credentials.issue_revocation_lists(session, custodian_passphrase=own),
            lambda ends_at: f"Fresh revocation lists are in force until {self._day(ends_at)}.",
            own,
        )

    def _day(self, moment: datetime) -> str:
        return self._desk.dates.day(moment.date())

    def _begin(self, act: Callable[[], T], words: Callable[[T], str], *secrets: bytearray) -> None:
        """Do one thing with keys in a job; the page waits for it, and what was typed is wiped."""

        def work(_job: JobControl) -> T:
            try:
                return act()
            finally:
                _wipe(*secrets)

        def done(result: T) -> None:
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(words(result))

        self._desk.busy(self._view, work, done)


def _renewed(person: Person, *, by_card: bool) -> str:
    told = f"{person.display_name} has fresh certificates as {_role(person)}."
    return f"{told} Signing asks for the PIN of the card from now on." if by_card else told


def _role(person: Person) -> str:
    return word("role", person.role).lower()


def _wipe(*secrets: bytearray) -> None:
    for secret in secrets:
        secret[:] = bytes(len(secret))
