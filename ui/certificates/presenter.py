"""Certificates without widgets: authorities of the office's own PKI, own requests, taking over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from workstation.app import own_pki, queries
from workstation.app import session as sessions
from workstation.app.own_pki import Standing
from workstation.core.jobs import JobControl
from workstation.core.people import APPOINTED, Duty, Person
from workstation.core.pki import CertificateFacts
from workstation.core.signature_errors import RequestNotWritten, TrustUnreadable
from workstation.core.signing_cards import wipe_typed
from workstation.core.values import PersonId

_LIMIT_BYTES = 8 << 20
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class CertificatesShown:
    """What the page shows, and what the person at the desk may do."""

    own: tuple[CertificateFacts, ...]
    authorities: tuple[Standing, ...]
    people: Pairs  # those for whom certificates can be taken over
    pin_of: str
    asked: str
    may_keep: bool
    may_confirm: bool


@dataclass(frozen=True, kw_only=True)
class AdoptFields:
    """What custodian and person type to take certificates over."""

    person_id: str
    reason: str
    theirs: bytearray
    own: bytearray


class CertificatesView(Protocol):
    """The page as the presenter sees it."""

    def show_certificates(self, shown: CertificatesShown) -> None:
        """Authorities and own certificates as they stand."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""

    def set_busy(self, *, busy: bool) -> None:
        """While a card or a passphrase is being asked."""


class CertificatesPresenter:
    """Lists, confirms, requests, takes over; the rules and the unit of work decide who may."""

    def __init__(self, view: CertificatesView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Read the lists."""
        session = self._desk.here
        role, me = session.person.role, session.person.person_id
        may_keep = role in APPOINTED[Duty.MANAGE_PEOPLE]
        others = (one for one in queries.people(session) if one.active and one.person_id != me)
        self._view.show_certificates(
            CertificatesShown(
                own=own_pki.own_certificates(session),
                authorities=own_pki.standings(session),
                people=tuple((one.person_id, one.display_name) for one in others) if may_keep else (),
                pin_of=sessions.pin_beside(session),
                asked=sessions.asked_to_sign(session),
                may_keep=may_keep,
                may_confirm=role in APPOINTED[Duty.CONFIRM_AUTHORITY],
            )
        )

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def add(self, file: Path) -> None:
        """Put the authorities of a file on the list."""
        session = self._desk.here
        self._do(
            lambda: own_pki.add_authorities(session, _content(file)),
            "On the list. The security officer confirms the fingerprint next.",
        )

    def confirm(self, sha384: str, fingerprint: str) -> None:
        """The fingerprint as it was read out."""
        session = self._desk.here
        self._do(
            lambda: own_pki.confirm_authority(session, sha384, fingerprint=fingerprint),
            "Confirmed. Certificates of this authority count from now on, with its revocation list.",
        )

    def withdraw(self, sha384: str, reason: str) -> None:
        """Believe it no more."""
        session = self._desk.here
        self._do(
            lambda: own_pki.withdraw_authority(session, sha384, reason=reason),
            "Withdrawn. Nobody signs under it any more, and nothing signed under it verifies here.",
        )

    def take_lists(self, file: Path) -> None:
        """Revocation lists of a file."""
        session = self._desk.here
        self._do(lambda: own_pki.take_lists(session, _content(file)), "The revocation list is taken over.")

    def request(self, folder: Path, secret: bytearray) -> None:
        """Write requests for the own keys; the card is asked off the window's thread."""
        session = self._desk.here

        def work(_job: JobControl) -> Mapping[str, bytes]:
            try:
                made = own_pki.request(session, secret)
            finally:
                wipe_typed(secret)
            _write(folder, made)
            return made

        def done(made: Mapping[str, bytes]) -> None:
            self._view.forget_typed()
            self._desk.notices.tell(f"Written: {', '.join(made)}. Carry them to the issuing authority.")

        self._desk.busy(self._view, work, done)

    def adopt(self, file: Path, fields: AdoptFields) -> None:
        """Take over what was issued, with the person."""
        session = self._desk.here

        def work(_job: JobControl) -> Person:
            try:
                return own_pki.adopt(
                    session,
                    PersonId(fields.person_id),
                    _content(file),
                    reason=fields.reason,
                    custodian_passphrase=fields.own,
                    passphrase=fields.theirs,
                )
            finally:
                wipe_typed(fields.own)
                wipe_typed(fields.theirs)

        def done(person: Person) -> None:
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(f"{person.display_name} signs under these certificates from now on.")

        self._desk.busy(self._view, work, done)

    def _do(self, act: Callable[[], object], told: str) -> None:
        if self._desk.attempt(act):
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(told)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LIMIT_BYTES + 1)
    except OSError as fault:
        raise TrustUnreadable(source=str(file), detail=fault.strerror or "") from fault
    if len(content) > _LIMIT_BYTES:
        raise TrustUnreadable(source=str(file), detail=f"larger than {_LIMIT_BYTES} bytes")
    return content


def _write(folder: Path, made: Mapping[str, bytes]) -> None:
    try:
        for name, content in made.items():
            with (folder / name).open("xb") as stream:
                stream.write(content)
    except OSError as fault:
        raise RequestNotWritten(path=str(fault.filename or folder), reason=fault.strerror or "") from fault
