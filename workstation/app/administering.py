"""First run and people: the vault, the office's signing authority, enrolment."""

import base64
import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count, takewhile
from pathlib import Path

from workstation.app import pki_records
from workstation.app.services import Services, Session
from workstation.app.session import unsealed
from workstation.core import events
from workstation.core.confirmations import confirmed, starts_confirmed
from workstation.core.exports import RootsNotWritten
from workstation.core.people import (
    Duty,
    Person,
    PersonUnknown,
    Role,
    require_duty,
    require_nobody_twice,
    require_person_fields,
)
from workstation.core.ports import Work
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TrustStore
from workstation.core.signing_cards import CardChoice
from workstation.core.values import PersonId
from workstation.core.vault import Vault

# Named values of the vault. The authority's private keys are sealed for each custodian personally.
ROOTS = "signing/root/{}"
CRLS = "signing/crl/{}"
TIMESTAMPER = "signing/timestamper"
AUTHORITY = "signing/authority/{}"
# Every certificate ever issued to a person, by number: what a revocation names.
CERTIFICATE = "signing/certificate/{}/{}"
OFFICE = "office"


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """What the custodian types to enrol somebody."""

    login_name: str
    staff_number: str
    display_name: str
    role: Role


def first_run(services: Services, *, office: str, custodian: NewPerson, passphrase: bytearray) -> Session:
    """Create the vault, the office's signing authority and its first person.

    There is no vault until all of it is written: what ends before can be repeated in the same folder.

    The first person is the custodian whatever ``custodian.role`` says: somebody must be able to enrol
    the others, and a custodian decides nothing.

    Raises:
        PersonFieldInvalid, PassphraseTooWeak, VaultExists.
    """
    require_person_fields(
        login_name=custodian.login_name,
        staff_number=custodian.staff_number,
        display_name=custodian.display_name,
    )
    person_id = PersonId(services.ids.new("PERSON"))
    vault_id = services.ids.new("VAULT")
    vault = services.vaults.create(
        vault_id=vault_id, person_id=person_id, login_name=custodian.login_name, passphrase=passphrase
    )
    now = services.clock.now()
    person = _person(person_id, custodian, role=Role.CUSTODIAN, at=now)
    authority = services.signing.create_authority(office, at=now)
    try:
        database = services.vaults.open_database(vault)
        session = Session(services=services, person=person, vault=vault, database=database)
        try:
            _write_first_records(session, authority, office, passphrase, at=now)
            services.vaults.complete(vault)
        except BaseException:
            database.close()
            raise
    except BaseException:
        vault.lock()
        raise
    finally:
        authority.wipe()
    return session


def _write_first_records(
    session: Session, authority: AuthorityMaterial, office: str, passphrase: bytearray, *, at: datetime
) -> None:
    """The custodian, the authority's public parts and its sealed keys, in one unit of work."""
    signing, vault, person = session.services.signing, session.vault, session.person
    identity = issue_identity(session, authority, person, at=at)
    sealed = seal_identity(vault, person.person_id, passphrase, identity)
    timestamper = signing.issue_timestamper(authority, at=at)
    with session.work() as work:
        work.people.add(person, sealed)
        keep_certificates(work, person.person_id, identity)
        work.put_blob(OFFICE, office.encode())
        for number, root in enumerate(authority.roots_der):
            work.put_blob(ROOTS.format(number), root)
        for number, crl in enumerate(signing.revocation_lists(authority, at=at, revoked={})):
            work.put_blob(CRLS.format(number), crl)
        work.put_blob(TIMESTAMPER, bytes(timestamper.pack()))
        sealed_authority = seal_authority(vault, person.person_id, passphrase, authority)
        work.put_blob(AUTHORITY.format(person.person_id), sealed_authority)
        created = events.VaultCreated(
            vault_id=vault.vault_id, profile=str(vault.profile), custodian=person.person_id
        )
        work.record(created, _enrolled(person, identity))


def enrol(
    session: Session, new: NewPerson, *, custodian_passphrase: bytearray, passphrase: bytearray
) -> Person:
    """Give a person a key slot and a signing identity.

    The custodian re-authenticates; the new person types a passphrase of their own.

    Raises:
        NotAppointed, PersonFieldInvalid, PersonExists, CredentialsRefused, PassphraseTooWeak.
    """
    require_person_fields(
        login_name=new.login_name, staff_number=new.staff_number, display_name=new.display_name
    )
    with session.work() as work:  # nothing is written yet, but a refusal in here is
        require_duty(session.person, Duty.MANAGE_PEOPLE, frozenset())
        _require_new(work.people.all(), new)
        sealed_authority = work.blob(AUTHORITY.format(session.person.person_id)) or b""
    authority = AuthorityMaterial.unpack(unsealed(session, custodian_passphrase, sealed_authority))
    try:
        return _enrol(session, new, authority, passphrase)
    finally:
        authority.wipe()


def _enrol(session: Session, new: NewPerson, authority: AuthorityMaterial, passphrase: bytearray) -> Person:
    now = session.services.clock.now()
    person_id = PersonId(session.services.ids.new("PERSON"))
    person = _person(person_id, new, role=new.role, at=now)
    with session.look() as work:
        by = session.person.person_id
        first = starts_confirmed(work.people.all(), role=new.role, enrolled_by=by)
    person = replace(person, enrolled_by=by, confirmed=first)
    session.services.vaults.add_slot(
        session.vault, person_id=person_id, login_name=new.login_name, passphrase=passphrase
    )
    try:
        identity = issue_identity(session, authority, person, at=now)
        sealed = seal_identity(session.vault, person_id, passphrase, identity)
        with session.work() as work:
            work.people.add(person, sealed)
            keep_certificates(work, person_id, identity)
            if person.role is Role.CUSTODIAN:
                sealed_authority = seal_authority(session.vault, person_id, passphrase, authority)
                work.put_blob(AUTHORITY.format(person_id), sealed_authority)
            work.record(_enrolled(person, identity))
    except BaseException:
        # A slot without a person would open the vault for nobody the trail knows.
        session.services.vaults.remove_slot(session.vault, session.database, person_id)
        raise
    return person


def confirm(session: Session, person_id: PersonId, *, staff_number: str) -> Person:
    """Say that a person enrolled by somebody else is who the enrolment claims, by the number on the badge.

    Raises:
        NotAppointed, PersonUnknown, PersonInactive, ConfirmedAlready, NotToBeConfirmedBy, StaffNumberDiffers.
    """
    with session.work() as work:
        require_duty(work.people.get(session.person.person_id), Duty.CONFIRM_PERSON, frozenset())
        by = work.people.get(session.person.person_id)
        person = confirmed(work.people.get(person_id), by=by, staff_number=staff_number)
        work.people.save(person)
        work.record(events.PersonConfirmed(person_id=person_id, staff_number=person.staff_number))
    return person


def _require_new(people: Sequence[Person], new: NewPerson) -> None:
    require_nobody_twice(
        people, login_name=new.login_name, staff_number=new.staff_number, display_name=new.display_name
    )


def _person(person_id: PersonId, new: NewPerson, *, role: Role, at: datetime) -> Person:
    return Person(
        person_id=person_id,
        login_name=new.login_name,
        staff_number=new.staff_number,
        display_name=new.display_name,
        role=role,
        enrolled_at=at,
    )


def issue_identity(
    session: Session,
    authority: AuthorityMaterial,
    person: Person,
    *,
    at: datetime,
    card: CardChoice | None = None,
) -> IssuedIdentity:
    """Fresh keys and certificates for somebody enrolled, in the role they have.

    With ``card`` the classical key is the one on it, which has proved itself by signing the request.
    """
    signing, role = session.services.signing, str(person.role)
    who = {"person_id": person.person_id, "display_name": person.display_name, "role": role}
    if card is None:
        return signing.issue(authority, **who, at=at)
    return signing.issue_for_card(authority, **who, card=card, at=at)


def seal_identity(vault: Vault, person_id: str, passphrase: bytearray, identity: IssuedIdentity) -> bytes:
    """The identity as only this person can open it again; the keys in memory are wiped."""
    packed = identity.pack()
    try:
        return vault.seal_personal(person_id, passphrase, packed)
    finally:
        identity.wipe()
        packed[:] = bytes(len(packed))


def seal_authority(
    vault: Vault, person_id: str, passphrase: bytearray, authority: AuthorityMaterial
) -> bytes:
    """The authority's keys as only this custodian can open them again."""
    packed = authority.pack()
    try:
        return vault.seal_personal(person_id, passphrase, packed)
    finally:
        packed[:] = bytes(len(packed))


def keep_certificates(work: Work, person_id: PersonId, identity: IssuedIdentity) -> None:
    """Keep what was issued where every custodian can name it in a revocation."""
    number = len(certificates(work, person_id))
    for der in (identity.ec_certificate_der, identity.pq_certificate_der):
        work.put_blob(CERTIFICATE.format(person_id, number), der)
        number += 1


def certificates(work: Work, person_id: PersonId) -> tuple[bytes, ...]:
    """Every certificate (DER) ever issued to a person, oldest first."""
    numbered = (work.blob(CERTIFICATE.format(person_id, number)) for number in count())
    return tuple(der for der in takewhile(lambda found: found is not None, numbered) if der)


def digests(identity: IssuedIdentity) -> tuple[str, ...]:
    """SHA-384 of the two certificates, as the trail names them."""
    both = (identity.ec_certificate_der, identity.pq_certificate_der)
    return tuple(hashlib.sha384(der).hexdigest() for der in both)


def _enrolled(person: Person, identity: IssuedIdentity) -> events.PersonEnrolled:
    return events.PersonEnrolled(
        person_id=person.person_id,
        login_name=person.login_name,
        staff_number=person.staff_number,
        display_name=person.display_name,
        role=str(person.role),
        certificates_sha384=digests(identity),
    )


def trust_store(session: Session) -> TrustStore:
    """The office's own roots, the confirmed authorities of its own infrastructure, and the lists of all."""
    with session.look() as work:
        roots = tuple(blob for number in range(2) if (blob := work.blob(ROOTS.format(number))))
        crls = tuple(blob for number in range(2) if (blob := work.blob(CRLS.format(number))))
        authorities, lists = pki_records.authorities(work), pki_records.lists(work)
    believed = tuple(one.der for one in authorities if one.counts)
    return TrustStore(roots_der=(*roots, *believed), crls_der=(*crls, *lists.values()))


def root_fingerprints(session: Session) -> list[str]:
    """SHA-384 of the office's root certificates: what a recipient compares by another channel."""
    return [hashlib.sha384(der).hexdigest() for der in trust_store(session).roots_der]


def write_roots(session: Session, folder: Path) -> list[str]:
    """Write the office's roots and revocation lists as PEM, to be handed over apart from any export.

    Returns the file names. An existing file is never replaced.

    Raises:
        RootsNotWritten: one is there already, or the folder cannot be written.
    """
    try:
        return _write_roots(trust_store(session), folder)
    except OSError as error:
        raise RootsNotWritten(path=str(error.filename or folder), reason=error.strerror or "") from error


def _write_roots(trust: TrustStore, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for kind, label, every in (("root", "CERTIFICATE", trust.roots_der), ("crl", "X509 CRL", trust.crls_der)):
        own_first = chain(("ec", "pq"), (f"pki-{number}" for number in count(1)))
        for suffix, der in zip(own_first, every, strict=False):
            body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
            name = f"{kind}-{suffix}.pem"
            with (folder / name).open("x", encoding="ascii") as file:
                file.write(f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
            names.append(name)
    return names


def person_by_login(session: Session, login_name: str) -> Person:
    """One person by login name; raises PersonUnknown."""
    with session.look() as work:
        for person in work.people.all():
            if person.login_name == login_name:
                return person
    raise PersonUnknown(value=login_name)
