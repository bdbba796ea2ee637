"""What a release goes by: the media of the office, the recipients' keys, and what each release must be.

Custodians keep the lists, the security officer confirms recipients and releases; the unit of work holds that
apart.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec

from workstation.app.services import Session
from workstation.core import events, release_control
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.media import Medium
from workstation.core.ports import Work
from workstation.core.release_control import ListedMedium, Recipient, ReleasePolicy

_MEDIA, _RECIPIENTS, _POLICY = "release/media", "release/recipients", "release/policy"
T = TypeVar("T")


def _read(work: Work, name: str, kind: type[T], empty: T) -> T:
    value = work.blob(name)
    return msgspec.json.decode(value, type=kind) if value else empty


def media(work: Work) -> tuple[ListedMedium, ...]:
    """Every medium that ever was on the list, in the order of listing."""
    return _read(work, _MEDIA, tuple[ListedMedium, ...], ())


def recipients(work: Work) -> tuple[Recipient, ...]:
    """Every recipient that ever was on the list."""
    return _read(work, _RECIPIENTS, tuple[Recipient, ...], ())


def policy(work: Work) -> ReleasePolicy:
    """What each release must be."""
    return _read(work, _POLICY, ReleasePolicy, ReleasePolicy())


def add_medium(session: Session, medium: Medium, *, name: str, marking: str) -> ListedMedium:
    """Put a medium on the list, under the name and marking that stand on its label.

    Raises:
        NotAppointed, MarkingInvalid, ListNameInvalid, MediumUnrecognisable, MediumAlreadyListed, ListFull.
    """
    banner = str(session.services.markings.parse(marking))
    with session.work() as work:
        listed = media(work)
        work.record(
            events.MediumListed(name=name.strip(), identity=medium.identity, marking=banner)
        )  # first: who may not keep the list hears that, not what is on it
        entry = release_control.list_medium(
            listed, medium, name=name, marking=banner, by=session.person.person_id, at=work.now
        )
        _write(work, _MEDIA, (*listed, entry))
    return entry


def withdraw_medium(session: Session, name: str, *, reason: str) -> None:
    """Take a medium out of use; raises NotAppointed, NotOnTheList, CaseFieldMissing."""
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    with session.work() as work:
        work.record(events.MediumWithdrawn(name=name, reason=reason.strip()))
        kept = release_control.withdraw_medium(media(work), name, reason=reason.strip(), at=work.now)
        _write(work, _MEDIA, kept)


def add_recipient(session: Session, *, name: str, key_pem: bytes) -> Recipient:
    """Put a recipient's ML-KEM-1024 public key on the list; nothing is sealed to it before it is confirmed.

    Raises:
        NotAppointed, RecipientKeyInvalid, ListNameInvalid, RecipientExists, ListFull.
    """
    sealer = session.services.sealer
    key = sealer.read_key(key_pem)
    fingerprint = sealer.fingerprint(key)
    with session.work() as work:
        work.record(events.RecipientAdded(name=name.strip(), fingerprint=fingerprint))
        known = recipients(work)
        new = Recipient(
            name=release_control.require_list_name(name),
            key=key,
            fingerprint=fingerprint,
            added_by=session.person.person_id,
            added_at=work.now,
        )
        _write(work, _RECIPIENTS, (*known, release_control.add_recipient(known, new)))
    return new


def confirm_recipient(session: Session, name: str, *, fingerprint: str) -> Recipient:
    """The security officer types the fingerprint as the recipient read it out.

    Raises:
        NotAppointed, NotOnTheList, NotConfirmedByOneself, FingerprintDiffers.
    """
    with session.work() as work:
        known = recipients(work)
        found = release_control.recipient_named(known, name)
        work.record(events.RecipientConfirmed(name=name, fingerprint=found.fingerprint))
        confirmed = release_control.confirm_recipient(
            found, fingerprint=fingerprint, by=session.person, at=work.now
        )
        _write(work, _RECIPIENTS, tuple(confirmed if one is found else one for one in known))
    return confirmed


def withdraw_recipient(session: Session, name: str) -> None:
    """Seal to this recipient no more; raises NotAppointed, NotOnTheList."""
    with session.work() as work:
        work.record(events.RecipientWithdrawn(name=name))
        known = recipients(work)
        found = release_control.recipient_named(known, name)
        gone = replace(found, withdrawn_at=work.now)
        _write(work, _RECIPIENTS, tuple(gone if one is found else one for one in known))


def set_policy(session: Session, wanted: ReleasePolicy) -> None:
    """Change what every release must be; raises NotAppointed."""
    with session.work() as work:
        work.record(
            events.ReleasePolicySet(
                encrypted_media_only=wanted.encrypted_media_only, sealed_only=wanted.sealed_only
            )
        )
        _write(work, _POLICY, wanted)


def _write(work: Work, name: str, value: Sequence[object] | ReleasePolicy) -> None:
    work.put_blob(name, msgspec.json.encode(value))


def names_of(session: Session, found: Sequence[Medium]) -> tuple[tuple[Medium, ListedMedium | None], ...]:
    """Each medium with its entry on the list, None for one that is on none."""
    with session.look() as work:
        listed = {one.identity: one for one in media(work) if one.withdrawn_at is None}
    return tuple((medium, listed.get(medium.identity)) for medium in found)
