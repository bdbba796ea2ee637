"""Unlocking and locking, and re-authentication before anything is signed."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import msgspec

from workstation.app import checkpoints, markings, vocabularies
from workstation.app.services import Services, Session
from workstation.core import events
from workstation.core.checkpoints import Occasion
from workstation.core.database_errors import ClockBehind, DatabaseDamaged, DatabaseStorageFailed, OlderCopy
from workstation.core.errors import Refused, WorkstationError
from workstation.core.events import NO_CASE
from workstation.core.ports import Work
from workstation.core.service_ports import Seen
from workstation.core.signatures import IssuedIdentity, Signer
from workstation.core.signing_cards import TypedSecrets
from workstation.core.values import CaseId, PersonId
from workstation.core.vault import CardCredential, Vault
from workstation.core.vault_errors import CredentialsRefused, PassphraseNotConfirmed, VaultShortOfRoom

# Two clocks that keep good time differ by this much between two machines, or after a correction.
_CLOCK_DRIFT = timedelta(minutes=2)
# Named value of the vault: the card a person signs with; empty or absent for a software identity.
SIGNING_CARD = "signing/card/{}"
_SIGNING_CODES = ("SIG-", "CRD-", "EXP-15")


def unlock(services: Services, *, login_name: str, passphrase: bytearray) -> Session:
    """Open the vault for one person, write it to the trail, and sweep what a crash left.

    Attempts that failed before are in the trail from here on: nobody could write them while it was locked.

    Raises:
        CredentialsRefused, BackOffActive, VaultInUse, VaultNotFound, WrongProfile, PersonInactive,
        DatabaseDamaged, ...
    """
    return _come_in(services, lambda: services.vaults.unlock(login_name=login_name, passphrase=passphrase))


def unlock_by_card(services: Services, *, login_name: str, credential: CardCredential) -> Session:
    """The same by a card, its PIN and, where no keyring works, the passphrase beside it.

    Raises:
        CRD errors of the card, before anything is compared; and as ``unlock``.
    """
    return _come_in(
        services, lambda: services.vaults.unlock_by_card(login_name=login_name, credential=credential)
    )


def _come_in(services: Services, opened: Callable[[], Vault]) -> Session:
    failed_attempts = services.vaults.status().failed_attempts
    vault = opened()
    try:
        try:
            return _entered(services, vault, failed_attempts)
        except DatabaseStorageFailed:
            # Not every shortage can be seen beforehand: a quota, for one.
            if not services.vaults.give_up_room(vault):
                raise
            return _entered(services, vault, failed_attempts)
    except BaseException:
        vault.lock()
        raise


def _entered(services: Services, vault: Vault, failed_attempts: int) -> Session:
    database = services.vaults.open_database(vault)
    try:
        with database.look() as work:
            person = work.people.get(PersonId(vault.person_id))
            older = _older_copy(services.vaults.last_seen(vault), work)
        session = Session(services=services, person=person, vault=vault, database=database)
        with session.work() as work:  # refuses who is no longer enrolled
            work.record(
                events.Unlocked(
                    isolation=services.isolation,
                    failed_attempts=failed_attempts,
                    card_serial=vault.card_serial,
                )
            )
            if older is not None:
                work.record(older)
        with suppress(DatabaseDamaged):  # nothing is removed whose name may stand on a bad page
            sweep(session)
        if shortage(services) is None:  # a new key is a new database file, for which there must be room
            _remove_left_over_slots(session)
        _note_seen(session)
        with session.look() as work:
            services.markings.use(vocabularies.newest(work))
            work.search.summaries()  # with the second that unlocking takes, not with the first list
    except BaseException:
        database.close()
        raise
    return session


def _older_copy(seen: Seen | None, work: Work) -> events.OlderCopyOpened | None:
    """What to write down when the row that this machine saw last is not in the trail."""
    if seen is None:
        return None
    there = work.audit.page(before=seen.rows + 1, limit=1)  # by its number: a search would read them all
    if there and (there[0].seq, there[0].hash_sha384) == (seen.rows, seen.head):
        return None
    newest = work.audit.page(limit=1)
    found_rows = newest[0].seq if newest else 0
    return events.OlderCopyOpened(seen_rows=seen.rows, seen_head=seen.head, found_rows=found_rows)


def _note_seen(session: Session) -> None:
    with session.look() as work:
        newest = work.audit.page(limit=1)
    if newest:
        seen = Seen(rows=newest[0].seq, head=newest[0].hash_sha384)
        session.services.vaults.note_seen(session.vault, seen)


def shortage(services: Services) -> VaultShortOfRoom | None:
    """What somebody who came in on a full disk must be told; ``None`` on any other."""
    status = services.vaults.status()
    return VaultShortOfRoom(free_bytes=status.free_bytes) if status.is_short_of_room else None


def warnings(session: Session) -> tuple[WorkstationError, ...]:
    """What somebody who just came in must know, although it kept nobody out."""
    with session.look() as work:
        now, highest = work.now, work.highest_time
        came_in = work.audit.newest(events.Unlocked.__name__)
        noticed = work.audit.newest(events.OlderCopyOpened.__name__)
    older = None
    if noticed is not None and came_in is not None and noticed.seq > came_in.seq:
        facts = msgspec.json.decode(noticed.body_json, type=events.OlderCopyOpened)
        older = OlderCopy(seen_rows=facts.seen_rows, found_rows=facts.found_rows)
    clock = ClockBehind(clock_reads=now, trail_reads=highest) if highest - now > _CLOCK_DRIFT else None
    return tuple(one for one in (older, clock, shortage(session.services)) if one is not None)


def sweep(session: Session) -> None:
    """Remove sealed containers that no committed row names: what a crash in an intake left behind."""

    def live() -> Collection[str]:
        with session.look() as work:
            return work.packages.containers()

    with session.look() as work:
        received = {package.package_id for package in work.packages.receiving()}
    swept = session.vault.sweep(live, received)
    removed = len(swept.containers) + len(swept.unfinished)
    if removed:
        with session.work() as work:
            work.record(events.OrphansSwept(containers=removed))


def _remove_left_over_slots(session: Session) -> None:
    """Remove slots of people who are not enrolled (any more): an enrolment or a retirement was cut short."""
    with session.look() as work:
        active = {person.person_id for person in work.people.all() if person.active}
    vaults = session.services.vaults
    left_over = tuple(PersonId(holder) for holder in sorted(vaults.slot_holders(session.vault) - active))
    for person_id in left_over:
        vaults.remove_slot(session.vault, session.database, person_id)
    if left_over:
        with session.work() as work:
            work.record(events.SlotsRemoved(person_ids=left_over))


def lock(session: Session, *, reason: str) -> None:
    """Lock the vault; keys are wiped even if the trail cannot be written."""
    try:
        with session.work() as work:
            work.record(events.Locked(reason=reason))
            checkpoints.keep(session, work, Occasion.LOCK)
        _note_seen(session)
    finally:
        session.services.markings.use(markings.shipped_vocabulary())
        session.database.close()
        session.vault.lock()


def unsealed(session: Session, passphrase: bytearray, sealed: bytes) -> bytearray:
    """What was sealed for the person at the desk, opened by the passphrase typed for this act.

    A wrong passphrase is written to the trail. Raises PassphraseNotConfirmed, BackOffActive.
    """
    try:
        return session.vault.unseal_personal(session.person.person_id, passphrase, sealed)
    except CredentialsRefused:
        with session.work():  # an exception that leaves a unit of work is written down as a refusal
            raise PassphraseNotConfirmed from None
    except Refused:
        with session.work():  # an exception that leaves a unit of work is written down as a refusal
            raise


def signing_card(session: Session) -> str:
    """The serial number of the card the person at the desk signs with; empty for a software identity."""
    with session.look() as work:
        return (work.blob(SIGNING_CARD.format(session.person.person_id)) or b"").decode()


def pin_beside(session: Session) -> str:
    """The card whose PIN signing asks for beside what opened the vault; empty where that is enough."""
    serial = signing_card(session)
    return "" if serial == _came_in_by(session) else serial


def asked_to_sign(session: Session) -> str:
    """What signing asks of the person at the desk, each time, in words."""
    came_in_by, beside = _came_in_by(session), pin_beside(session)
    opened = f"the PIN of your card {came_in_by}" if came_in_by else "your passphrase"
    if beside:
        return f"Signing asks for {opened} and for the PIN of the card {beside} you sign with, each time."
    return f"Signing asks for {opened} again, each time."


def _came_in_by(session: Session) -> str:
    return session.vault.card_serial


@contextmanager
def reauthenticated(session: Session, passphrase: bytearray, *, about: CaseId = NO_CASE) -> Iterator[Signer]:
    """The person's signing identity for one act, unsealed by what was typed for this act.

    Where the key lies on a card, ``passphrase`` is ``TypedSecrets`` with its PIN, or the PIN itself when the
    same card opened the vault. Signing that fails is a row of the trail, about the case ``about``.

    Raises:
        PassphraseNotConfirmed, BackOffActive, PinNeeded, SIG and CRD errors.
    """
    person_id, serial = session.person.person_id, signing_card(session)
    with session.look() as work:
        sealed = work.people.sealed_identity(person_id)
    pin = _pin(session, passphrase, serial)
    packed = bytearray()
    try:
        packed = unsealed(session, passphrase, sealed)
        identity = IssuedIdentity.unpack(packed)
        with _failures_kept(session, about, serial):
            try:
                with session.services.signing.signer(identity, pin) as signer:
                    yield signer
            finally:
                identity.wipe()
    finally:
        packed[:] = bytes(len(packed))
        pin[:] = bytes(len(pin))


def _pin(session: Session, typed: bytearray, serial: str) -> bytearray:
    if not serial:
        return bytearray()
    if isinstance(typed, TypedSecrets):
        return typed.pin
    return bytearray(typed) if serial == _came_in_by(session) else bytearray()


@contextmanager
def _failures_kept(session: Session, about: CaseId, serial: str) -> Iterator[None]:
    """What goes wrong while signing is written down; what a rule refuses is written by its unit of work."""
    try:
        yield
    except WorkstationError as error:
        if error.code.startswith(_SIGNING_CODES):
            with session.work() as work:
                work.record(events.SigningFailed(case_id=about, error_code=error.code, card_serial=serial))
        raise
