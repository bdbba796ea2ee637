"""Passphrases, signing identities and revocation after enrolment: what the custodian keeps in order.

Who leaves loses the slot, and the vault has a new key in the same act. What an older copy of the vault
folder still opens with an older passphrase cannot be taken back; the words on screen say so.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import msgspec

from workstation.app import administering as admin
from workstation.app.services import Session
from workstation.app.session import SIGNING_CARD, unsealed
from workstation.core import events
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.confirmations import require_confirmer_left, starts_confirmed
from workstation.core.people import (
    Duty,
    NotOneself,
    Person,
    PersonInactive,
    Role,
    require_custodian_left,
    require_duty,
)
from workstation.core.ports import Work
from workstation.core.signatures import AuthorityMaterial
from workstation.core.signing_cards import CardChoice
from workstation.core.values import PersonId

REVOKED = "signing/revoked"  # name of a certificate's blob -> ISO 8601 moment, as JSON


def change_passphrase(session: Session, *, old: bytearray, new: bytearray) -> None:
    """Replace the own passphrase; what was sealed for the person stays open.

    Raises:
        CredentialsRefused, BackOffActive, PassphraseTooWeak.
    """
    person = session.person
    with session.work() as work:
        work.record(events.PassphraseChanged())
        # Last of all: from here on only the new passphrase opens the slot.
        session.services.vaults.change_passphrase(
            session.vault, person_id=person.person_id, login_name=person.login_name, old=old, new=new
        )


def retire(
    session: Session,
    person_id: PersonId,
    *,
    reason: str,
    revoke_certificates: bool,
    custodian_passphrase: bytearray,
) -> Person:
    """Take a person's key away; the record of what they did stays, and the name is never used again.

    With ``revoke_certificates`` new revocation lists name everything ever issued to them: from then on
    *all* their signatures are refused, the earlier ones too, because the time of a signature is only claimed.

    Raises:
        NotAppointed, NotOneself, LastCustodian, PersonUnknown, PersonInactive, CaseFieldMissing (no reason),
        CredentialsRefused, BackOffActive.
    """
    with issuing_authority(session, custodian_passphrase) as authority, session.work() as work:
        person = other_person(session, work, person_id)
        require_confirmer_left(work.people.all(), person, by=session.person.person_id)
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        retired = replace(person, active=False)
        work.people.save(retired)
        if person.role is Role.CUSTODIAN:
            work.put_blob(admin.AUTHORITY.format(person_id), b"")
        if revoke_certificates:
            names = [
                admin.CERTIFICATE.format(person_id, number)
                for number in range(len(admin.certificates(work, person_id)))
            ]
            _issue_lists(session, work, authority, _revoked(work) | dict.fromkeys(names, work.now))
        work.record(
            events.PersonRetired(
                person_id=person_id,
                display_name=person.display_name,
                reason=reason.strip(),
                certificates_revoked=revoke_certificates,
            )
        )
    # After the commit: a crash in between leaves a slot that unlocking refuses and the next unlock removes.
    session.services.vaults.remove_slot(session.vault, session.database, person_id)
    return retired


def renew_identity(
    session: Session,
    person_id: PersonId,
    *,
    role: Role,
    reason: str,
    custodian_passphrase: bytearray,
    passphrase: bytearray,
    card: CardChoice | None = None,
) -> Person:
    """Fresh signing keys and certificates for somebody enrolled, in this role from now on.

    With ``card`` the classical key is the one on the person's card, which stays there; the ML-DSA-87 key is
    sealed as ever, because no card offers it.

    What they did before stays theirs: separation of duties reads the trail, not the role. The old keys are
    overwritten and their certificates stay valid for what was signed with them.

    Raises:
        NotAppointed, NotOneself, LastCustodian, PersonUnknown, PersonInactive, CaseFieldMissing (no reason),
        CredentialsRefused, BackOffActive, CardKeyUnsuitable, CRD errors of the card.
    """
    with issuing_authority(session, custodian_passphrase) as authority, session.work() as work:
        person = other_person(session, work, person_id, leaves=role is not Role.CUSTODIAN)
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        others = [one for one in work.people.all() if one.person_id != person_id]
        first = starts_confirmed(others, role=role, enrolled_by=person.enrolled_by)
        renewed = replace(person, role=role, confirmed=person.confirmed or first)
        identity = admin.issue_identity(session, authority, renewed, at=work.now, card=card)
        admin.keep_certificates(work, person_id, identity)
        work.put_blob(SIGNING_CARD.format(person_id), identity.card_serial.encode())
        digests = admin.digests(identity)
        sealed = admin.seal_identity(session.vault, person_id, passphrase, identity)
        work.people.save(renewed, sealed)
        keys = b""
        if role is Role.CUSTODIAN:
            keys = admin.seal_authority(session.vault, person_id, passphrase, authority)
        if Role.CUSTODIAN in {role, person.role}:
            work.put_blob(admin.AUTHORITY.format(person_id), keys)
        work.record(
            events.IdentityRenewed(
                person_id=person_id,
                old_role=str(person.role),
                new_role=str(role),
                reason=reason.strip(),
                certificates_sha384=digests,
                card_serial=identity.card_serial,
            )
        )
    return renewed


def issue_revocation_lists(session: Session, *, custodian_passphrase: bytearray) -> datetime:
    """Fresh revocation lists, and when the first of them ends: recipients refuse lists past that.

    Raises:
        NotAppointed, CredentialsRefused, BackOffActive.
    """
    with issuing_authority(session, custodian_passphrase) as authority, session.work() as work:
        return _issue_lists(session, work, authority, _revoked(work))


def lists_end_at(session: Session) -> datetime:
    """When the first of the office's revocation lists ends."""
    return session.services.signing.lists_end_at(admin.trust_store(session).crls_der)


@contextmanager
def issuing_authority(session: Session, passphrase: bytearray) -> Iterator[AuthorityMaterial]:
    """The office's signing authority for one act of a custodian who typed the passphrase for it."""
    with session.work() as work:  # nothing is written here, but a refusal is
        require_duty(session.person, Duty.MANAGE_PEOPLE, frozenset())
        sealed = work.blob(admin.AUTHORITY.format(session.person.person_id)) or b""
    authority = AuthorityMaterial.unpack(unsealed(session, passphrase, sealed))
    try:
        yield authority
    finally:
        authority.wipe()


def other_person(session: Session, work: Work, person_id: PersonId, *, leaves: bool = True) -> Person:
    """Somebody active who is not the custodian at the desk; nobody decides about oneself."""
    person = work.people.get(person_id)
    if not person.active:
        raise PersonInactive(person=person.display_name)
    if person_id == session.person.person_id:
        raise NotOneself(person=person.display_name)
    if leaves:
        require_custodian_left(work.people.all(), person)
    return person


def _revoked(work: Work) -> dict[str, datetime]:
    kept = work.blob(REVOKED)
    return msgspec.json.decode(kept, type=dict[str, datetime]) if kept else {}


def _issue_lists(
    session: Session, work: Work, authority: AuthorityMaterial, revoked: Mapping[str, datetime]
) -> datetime:
    """Make, keep and record revocation lists that name every certificate of ``revoked``."""
    signing = session.services.signing
    named = {der: moment for name, moment in revoked.items() if (der := work.blob(name))}
    lists = signing.revocation_lists(authority, at=work.now, revoked=named)
    for number, crl in enumerate(lists):
        work.put_blob(admin.CRLS.format(number), crl)
    work.put_blob(REVOKED, msgspec.json.encode(revoked))
    ends_at = signing.lists_end_at(lists)
    work.record(events.RevocationListsIssued(revoked_certificates=len(named), next_update_on=ends_at.date()))
    return ends_at
