"""Certificates of the office's own public-key infrastructure: believed, requested, taken over.

A custodian lists an issuing authority, the security officer confirms it, each person asks for certificates of
the keys they have, and the custodian takes over what was issued together with that person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workstation.app import administering as admin
from workstation.app import credentials, pki_records
from workstation.app.services import Session
from workstation.app.session import reauthenticated, signing_card
from workstation.core import events, pki
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.people import Person
from workstation.core.pki import MAX_AUTHORITIES, CertificateFacts, ListedAuthority, ListUnsuitable
from workstation.core.release_control import ListFull
from workstation.core.signatures import IssuedIdentity, TrustStore
from workstation.core.values import PersonId


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One authority that is believed or waits for its confirmation, and how old its revocation list is."""

    authority: ListedAuthority
    facts: CertificateFacts
    list_issued_at: datetime | None = None
    list_ends_at: datetime | None = None


def add_authorities(session: Session, content: bytes) -> tuple[ListedAuthority, ...]:
    """As custodian, put every authority of a PEM or DER file on the list; none counts before it is confirmed.

    Raises:
        NotAppointed, AuthorityUnsuitable, AuthorityKnown, ListFull.
    """
    new: list[ListedAuthority] = []
    with session.work() as work:
        found = session.services.pki.read_authorities(content, at=work.now)
        listed = pki_records.authorities(work)
        for one in found:
            work.record(events.IssuerListed(name=one.untrusted_name, fingerprint=one.sha384))
            new.append(pki.list_authority((*listed, *new), one, by=session.person.person_id, at=work.now))
        if len(listed) + len(new) > MAX_AUTHORITIES:
            raise ListFull(limit=MAX_AUTHORITIES)
        pki_records.keep_authorities(work, (*listed, *new))
    return tuple(new)


def confirm_authority(session: Session, sha384: str, *, fingerprint: str) -> ListedAuthority:
    """The security officer types the whole fingerprint as the authority's keeper read it out.

    Raises:
        NotAppointed, AuthorityNotListed, AuthorityByOneself, AuthorityFingerprintDiffers.
    """
    with session.work() as work:
        listed = pki_records.authorities(work)
        found = pki.authority_named(listed, sha384)
        work.record(events.IssuerConfirmed(name=found.untrusted_name, fingerprint=found.sha384))
        confirmed = pki.confirm_authority(found, fingerprint=fingerprint, by=session.person, at=work.now)
        pki_records.keep_authorities(work, tuple(confirmed if one is found else one for one in listed))
    return confirmed


def withdraw_authority(session: Session, sha384: str, *, reason: str) -> ListedAuthority:
    """As custodian, believe nothing of this authority any more, its earlier signatures neither.

    Raises:
        NotAppointed, AuthorityNotListed, CaseFieldMissing (no reason).
    """
    with session.work() as work:
        listed, lists = pki_records.authorities(work), pki_records.lists(work)
        found = pki.authority_named(listed, sha384)
        work.record(
            events.IssuerWithdrawn(name=found.untrusted_name, fingerprint=found.sha384, reason=reason.strip())
        )
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        gone = replace(found, withdrawn_at=work.now)
        pki_records.keep_authorities(work, tuple(gone if one is found else one for one in listed))
        lists.pop(found.sha384, None)
        pki_records.keep_lists(work, lists)
    return gone


def take_lists(session: Session, content: bytes) -> tuple[pki.FoundList, ...]:
    """As custodian, take over revocation lists of listed authorities; an older one never replaces a newer.

    Raises:
        NotAppointed, ListUnsuitable.
    """
    service = session.services.pki
    with session.work() as work:
        believed = tuple(one.der for one in pki_records.authorities(work) if one.withdrawn_at is None)
        found = service.read_lists(content, TrustStore(roots_der=believed), at=work.now)
        kept = pki_records.lists(work)
        for one in found:
            work.record(
                events.IssuersListTaken(
                    issuer_sha384=one.issuer_sha384, issued_at=one.issued_at, next_update=one.next_update
                )
            )
            if _is_newer(session, kept.get(one.issuer_sha384), one, believed, at=work.now):
                raise ListUnsuitable(reason="a newer one is in use")
            kept[one.issuer_sha384] = one.der
        pki_records.keep_lists(work, kept)
    return found


def _is_newer(
    session: Session, kept: bytes | None, than: pki.FoundList, believed: tuple[bytes, ...], *, at: datetime
) -> bool:
    if kept is None:
        return False
    try:
        (known,) = session.services.pki.read_lists(kept, TrustStore(roots_der=believed), at=at)
    except ListUnsuitable:  # it has ended since: any current one is newer
        return False
    return known.issued_at > than.issued_at


def standings(session: Session) -> tuple[Standing, ...]:
    """Every authority in use or waiting, with the age of its revocation list."""
    service = session.services.pki
    with session.look() as work:
        listed, lists, now = pki_records.authorities(work), pki_records.lists(work), work.now
    rows = []
    for one in listed:
        if one.withdrawn_at is not None:
            continue
        row = Standing(authority=one, facts=service.facts(one.der))
        if one.sha384 in lists:
            try:
                (known,) = service.read_lists(lists[one.sha384], TrustStore(roots_der=(one.der,)), at=now)
                row = replace(row, list_issued_at=known.issued_at, list_ends_at=known.next_update)
            except ListUnsuitable:
                pass  # it has ended: the row says that there is no current one
        rows.append(row)
    return tuple(rows)


def own_certificates(session: Session) -> tuple[CertificateFacts, ...]:
    """The certificates the person at the desk signs under now: the newest of each key."""
    with session.look() as work:
        issued = admin.certificates(work, session.person.person_id)
    return tuple(session.services.pki.facts(der) for der in issued[-2:])


def request(session: Session, secret: bytearray) -> Mapping[str, bytes]:
    """Requests (PKCS #10, PEM) for the signing keys of the person at the desk, by file name.

    The keys stay where they are, a card's on the card; the requests hold public keys only.

    Raises:
        PassphraseNotConfirmed, BackOffActive, PinNeeded, SIG and CRD errors.
    """
    with session.look() as work:
        office = (work.blob(admin.OFFICE) or b"").decode()
    with reauthenticated(session, secret) as signer:
        made = session.services.pki.requests(signer, office=office)
    with session.work() as work:
        work.record(events.CertificateRequested(card_serial=signing_card(session)))
    login = session.person.login_name
    return {f"{login}-{kind}.csr.pem": content for kind, content in made.items()}


def adopt(
    session: Session,
    person_id: PersonId,
    content: bytes,
    *,
    reason: str,
    custodian_passphrase: bytearray,
    passphrase: bytearray,
) -> Person:
    """As custodian and together with the person, take over certificates issued for the person's keys.

    The keys stay. Where ``content`` (PEM or DER) holds none for the ML-DSA-87 key the office's own root
    issues one in the same name. What was signed before stays under the certificates of then.

    Raises:
        NotAppointed, NotOneself, PersonUnknown, PersonInactive, CaseFieldMissing (no reason),
        CredentialsRefused, BackOffActive, CertificateForAnotherKey, CertificateUnsuitable, SIG errors.
    """
    trust = admin.trust_store(session)
    with credentials.issuing_authority(session, custodian_passphrase) as own, session.work() as work:
        person = credentials.other_person(session, work, person_id, leaves=False)
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        sealed = work.people.sealed_identity(person_id)
        packed = session.vault.unseal_personal(person_id, passphrase, sealed)
        try:
            identity = IssuedIdentity.unpack(packed)
        finally:
            packed[:] = bytes(len(packed))
        try:
            adopted = session.services.pki.adopt(identity, content, trust=trust, authority=own, at=work.now)
            admin.keep_certificates(work, person_id, adopted)
            digests = admin.digests(adopted)
            work.people.save(person, admin.seal_identity(session.vault, person_id, passphrase, adopted))
        finally:
            identity.wipe()
        work.record(
            events.CertificateAdopted(person_id=person_id, reason=reason.strip(), certificates_sha384=digests)
        )
    return person
