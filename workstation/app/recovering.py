"""Recovery keys of the officers: issuing them one by one, and getting a custodian back in by them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

import msgspec

from workstation.app import administering as admin
from workstation.app.services import Services, Session
from workstation.app.session import SIGNING_CARD, unsealed
from workstation.core import events
from workstation.core.confirmations import known_again
from workstation.core.people import NOBODY, Duty, Role, require_duty
from workstation.core.ports import Database, Work
from workstation.core.recovery import (
    NewRecovery,
    OfficerKey,
    RecoveredPerson,
    RecoveryFacts,
    RecoveryForCustodianOnly,
    RecoveryNotConfirmed,
    RecoveryNotSet,
    read,
    written,
)
from workstation.core.signatures import AuthorityMaterial
from workstation.core.values import PersonId
from workstation.core.vault import Vault
from workstation.core.vault_errors import ObjectTampered

# The office's signing authority, sealed for one set of recovery keys; which sets have one.
SEALED = "recovery/authority/{}"
SETS = "recovery/sets"


def in_force(services: Services) -> RecoveryFacts | None:
    """What can be told of the recovery keys without unlocking."""
    return services.vaults.status().recovery


@dataclass(kw_only=True)
class Issue:
    """New keys on their way to the officers; nothing is in force before ``finish``."""

    session: Session
    made: NewRecovery
    sealed_authority: bytes
    confirmed: set[int] = field(default_factory=set)

    @property
    def facts(self) -> RecoveryFacts:
        """What may be told of the new set."""
        return self.made.facts

    def text(self, officer: int) -> str:
        """One officer's key as it stands on the sheet, for that officer's eyes."""
        return written(self.made.keys[officer - 1])

    def confirm(self, officer: int, typed: str) -> None:
        """The officer typed the key back.

        Raises:
            RecoveryKeyMistyped: a group is not as printed.
            RecoveryNotConfirmed: it is another officer's.
        """
        key, own = read(typed, self.facts.set_id), self.made.keys[officer - 1]
        same = key.officer == officer and compare_digest(bytes(key.key), bytes(own.key))
        key.wipe()
        if not same:
            raise RecoveryNotConfirmed(officer=officer)
        self.confirmed.add(officer)

    def finish(self) -> None:
        """Put the keys in force; those of before are void and the vault gets a new key.

        Raises:
            RecoveryNotConfirmed: an officer has not typed theirs back.
        """
        missing = [key.officer for key in self.made.keys if key.officer not in self.confirmed]
        if missing:
            raise RecoveryNotConfirmed(officer=missing[0])
        session, facts = self.session, self.facts
        present = session.services.vaults.status().recovery
        with session.work() as work:
            kept = msgspec.json.decode(work.blob(SETS) or b"[]", type=list[str])
            for set_id in kept:  # the present one opens until the header says otherwise
                if present is None or set_id != present.set_id:
                    work.put_blob(SEALED.format(set_id), b"")
            still = [present.set_id] if present is not None else []
            work.put_blob(SETS, msgspec.json.encode([*still, facts.set_id]))
            work.put_blob(SEALED.format(facts.set_id), self.sealed_authority)
            work.record(
                events.RecoveryKeysIssued(set_id=facts.set_id, needed=facts.needed, officers=facts.officers)
            )
        # After the commit: a crash in between leaves the keys of before in force, and their sealed authority.
        session.services.vaults.put_recovery(session.vault, session.database, self.made)
        self.made.wipe()

    def abandon(self) -> None:
        """Forget the new keys; those of before stay in force."""
        self.made.wipe()


def begin(session: Session, *, needed: int, officers: int, custodian_passphrase: bytearray) -> Issue:
    """Make keys for so many officers, any ``needed`` of whom open the vault together.

    Raises:
        NotAppointed, PassphraseNotConfirmed, BackOffActive, RecoveryBounds.
    """
    with session.work() as work:  # nothing is written here, but a refusal is
        require_duty(session.person, Duty.MANAGE_PEOPLE, frozenset())
        sealed = work.blob(admin.AUTHORITY.format(session.person.person_id)) or b""
        made = session.services.vaults.new_recovery(session.vault, needed=needed, officers=officers)
    packed = unsealed(session, custodian_passphrase, sealed)
    try:
        blob = session.services.vaults.seal_for_recovery(session.vault, made, packed)
    finally:
        packed[:] = bytes(len(packed))
    return Issue(session=session, made=made, sealed_authority=blob)


def keys_from(services: Services, texts: Sequence[str]) -> list[OfficerKey]:
    """The officers' keys as typed from their sheets.

    Raises:
        RecoveryNotSet: there are none in force.
        RecoveryKeyMistyped: a group is not as printed, or the sheet is of another set.
    """
    facts = in_force(services)
    if facts is None:
        raise RecoveryNotSet
    return [read(text, facts.set_id) for text in texts]


def one_from(services: Services, text: str) -> int:
    """Whose key this is, when it is typed as printed; raises as ``keys_from``."""
    (key,) = keys_from(services, [text])
    key.wipe()
    return key.officer


def recover(
    services: Services, *, login_name: str, keys: Sequence[OfficerKey], passphrase: bytearray
) -> Session:
    """Open the vault by officers' keys and give one custodian a new passphrase; the keys are void then.

    The custodian gets new signing keys and certificates, because the ones before were sealed with what is
    lost, and the office's authority. Everybody else stays as they were. The officers decide nothing by it:
    a custodian has no part in any case. Where another custodian issued the keys, and could have kept them
    all, who came in by them waits for a confirmation by somebody else.

    Raises:
        RecoveryNotSet, RecoveryKeysWrong, CredentialsRefused (no such login name), BackOffActive,
        RecoveryForCustodianOnly, PassphraseTooWeak, ObjectTampered.
    """
    vault = services.vaults.unlock_by_officers(login_name=login_name, keys=keys)
    try:
        facts = services.vaults.status().recovery
        database = services.vaults.open_database(vault)
        try:
            return _recovered(services, vault, database, facts, keys, passphrase)
        except BaseException:
            database.close()
            raise
    except BaseException:
        vault.lock()
        raise
    finally:
        for key in keys:
            key.wipe()


def _recovered(
    services: Services,
    vault: Vault,
    database: Database,
    facts: RecoveryFacts | None,
    keys: Sequence[OfficerKey],
    passphrase: bytearray,
) -> Session:
    with database.look() as work:
        person = work.people.get(PersonId(vault.person_id))
    session = Session(services=services, person=person, vault=vault, database=database)
    with session.work():  # nothing is written here, but a refusal is
        if person.role is not Role.CUSTODIAN or facts is None:
            raise RecoveryForCustodianOnly(person=person.display_name)
        act = services.vaults.recovering(vault, login_name=person.login_name, passphrase=passphrase)
    try:
        _write_recovered(session, act, facts, tuple(sorted(key.officer for key in keys)))
    except BaseException:
        act.abandon()
        raise
    # After the commit: a crash in between leaves the officers' keys as they were, to do it once more.
    services.vaults.put_recovered(vault, database, act)
    return session


def _write_recovered(
    session: Session, act: RecoveredPerson, facts: RecoveryFacts, officers: tuple[int, ...]
) -> None:
    """New signing keys, the authority sealed anew, and the row that says so, in one unit of work."""
    person = session.person
    with session.work() as work:
        sealed = work.blob(SEALED.format(facts.set_id))
        if not sealed:
            raise ObjectTampered(container="recovery")
        authority, issuer = _authority(act, sealed), _issuer(work, facts.set_id)
        try:
            identity = admin.issue_identity(session, authority, person, at=work.now)
            admin.keep_certificates(work, person.person_id, identity)
            digests = admin.digests(identity)
            sealed_identity = _sealed(act, identity.pack())
            identity.wipe()
            work.put_blob(admin.AUTHORITY.format(person.person_id), _sealed(act, authority.pack()))
            work.put_blob(SIGNING_CARD.format(person.person_id), b"")
        finally:
            authority.wipe()
        work.record(
            events.VaultRecovered(
                person_id=person.person_id,
                display_name=person.display_name,
                set_id=facts.set_id,
                officers=officers,
                certificates_sha384=digests,
            )
        )
        work.people.save(known_again(person, work.people.all(), issued_by=issuer), sealed_identity)


def _issuer(work: Work, set_id: str) -> PersonId:
    """Who put this set of keys in force; nobody where no row tells it any more."""
    for row in work.audit.of_event(events.RecoveryKeysIssued.__name__):
        if msgspec.json.decode(row.body_json)["set_id"] == set_id:
            return row.actor_id
    return NOBODY


def _authority(act: RecoveredPerson, sealed: bytes) -> AuthorityMaterial:
    packed = act.unseal(sealed)
    try:
        return AuthorityMaterial.unpack(packed)
    finally:
        packed[:] = bytes(len(packed))


def _sealed(act: RecoveredPerson, packed: bytearray) -> bytes:
    try:
        return act.seal(packed)
    finally:
        packed[:] = bytes(len(packed))
