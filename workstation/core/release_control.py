"""Which media an office writes to, to whom it seals, and what it demands of a release. Pure.

A custodian keeps these lists and the security officer releases by them, so that nobody alone can name a
medium and write to it (domain.md section 5; NIST SP 800-53 MP-4, MP-5, MP-7).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Final

from workstation.core.errors import EnvironmentFault, Refused
from workstation.core.exports import Export, ExportState
from workstation.core.media import Medium, MediumKind
from workstation.core.people import Person
from workstation.core.values import PersonId

MAX_LISTED: Final = 1_000
MAX_NAME_CHARS: Final = 60
MAX_SEALED_TO: Final = 16  # recipients of one sealed export


@dataclass(frozen=True, kw_only=True)
class ListedMedium:
    """A medium the office writes to. ``name`` and ``marking`` stand on its label.

    ``identity`` is how this computer knows it again: see ``core.media.Medium``.
    """

    name: str
    identity: str
    kind: MediumKind
    marking: str
    listed_by: PersonId
    listed_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_for: str = ""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody to whom exports can be sealed. ``key`` is an ML-KEM-1024 public key (FIPS 203, 1,568 bytes).

    It came by some channel; ``confirmed_by`` compared its fingerprint with the recipient by another one.
    """

    name: str
    key: bytes
    fingerprint: str  # SHA-384 of the key
    added_by: PersonId
    added_at: datetime
    confirmed_by: PersonId | None = None
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReleasePolicy:
    """What every release must be; both are off in a new office, and only ever set by a custodian."""

    encrypted_media_only: bool = False
    sealed_only: bool = False


@dataclass(kw_only=True, eq=False)
class MediumNotListed(Refused):
    """The medium is on no list of this office, or was withdrawn from it."""

    code: ClassVar[str] = "EXP-060"
    folder: str
    identity: str


@dataclass(kw_only=True, eq=False)
class MediumUnrecognisable(Refused):
    """The medium has nothing by which it could be known again."""

    code: ClassVar[str] = "EXP-061"
    folder: str


@dataclass(kw_only=True, eq=False)
class MediumAlreadyListed(Refused):
    """The name or the medium itself is on the list already."""

    code: ClassVar[str] = "EXP-062"
    name: str


@dataclass(kw_only=True, eq=False)
class LabelDiffers(Refused):
    """The marking read off the label is not the one the medium is listed with."""

    code: ClassVar[str] = "EXP-063"
    name: str
    typed_marking: str
    listed_marking: str


@dataclass(kw_only=True, eq=False)
class MediumNotEncrypted(Refused):
    """The office writes to encrypted media only, and this one is not."""

    code: ClassVar[str] = "EXP-064"
    name: str


@dataclass(kw_only=True, eq=False)
class SealingRequired(Refused):
    """The office releases sealed exports only, and nobody was named to seal to."""

    code: ClassVar[str] = "EXP-065"


@dataclass(kw_only=True, eq=False)
class ListNameInvalid(Refused):
    """A name for a list is empty, too long, or holds characters that cannot be seen."""

    code: ClassVar[str] = "EXP-066"
    value: str
    limit: int = MAX_NAME_CHARS


@dataclass(kw_only=True, eq=False)
class NotOnTheList(Refused):
    """No medium or recipient in use has this name."""

    code: ClassVar[str] = "EXP-067"
    value: str


@dataclass(kw_only=True, eq=False)
class RecipientKeyInvalid(Refused):
    """The file holds no ML-KEM-1024 public key."""

    code: ClassVar[str] = "EXP-068"


@dataclass(kw_only=True, eq=False)
class RecipientExists(Refused):
    """The name or the key is on the list of recipients already."""

    code: ClassVar[str] = "EXP-069"
    name: str


@dataclass(kw_only=True, eq=False)
class RecipientNotConfirmed(Refused):
    """Nobody has compared the key's fingerprint with the recipient yet."""

    code: ClassVar[str] = "EXP-070"
    name: str


@dataclass(kw_only=True, eq=False)
class FingerprintDiffers(Refused):
    """The fingerprint that was read out is not that of the key on the list."""

    code: ClassVar[str] = "EXP-071"
    name: str


@dataclass(kw_only=True, eq=False)
class NotConfirmedByOneself(Refused):
    """Whoever added the key does not confirm it."""

    code: ClassVar[str] = "EXP-072"
    name: str


@dataclass(kw_only=True, eq=False)
class ReceiptNotDue(Refused):
    """Nothing was handed over that a receipt could be for, or its receipt is here already."""

    code: ClassVar[str] = "EXP-073"
    export_id: str


@dataclass(kw_only=True, eq=False)
class ReceiptDateInvalid(Refused):
    """The day of the receipt lies before the release or after today."""

    code: ClassVar[str] = "EXP-074"
    received_on: str


@dataclass(kw_only=True, eq=False)
class ListFull(Refused):
    """The list holds as many entries as it may."""

    code: ClassVar[str] = "EXP-075"
    limit: int = MAX_LISTED


@dataclass(kw_only=True, eq=False)
class SheetNotDue(Refused):
    """Label and receipt are for a medium that was written and read back."""

    code: ClassVar[str] = "EXP-076"
    export_id: str


@dataclass(kw_only=True, eq=False)
class SheetNotWritten(EnvironmentFault):
    """The PDF to be printed could not be written; nothing that was there was replaced."""

    code: ClassVar[str] = "EXP-077"
    path: str
    reason: str


def require_list_name(text: str) -> str:
    """A name for a label: visible characters, no blanks around it; raises ListNameInvalid."""
    name = text.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise ListNameInvalid(value=text[:MAX_NAME_CHARS])
    return name


def list_medium(
    listed: Sequence[ListedMedium], medium: Medium, *, name: str, marking: str, by: PersonId, at: datetime
) -> ListedMedium:
    """Put a medium on the list. A name is never used twice, so that labels stay true.

    Raises:
        ListNameInvalid, MediumUnrecognisable, MediumAlreadyListed, ListFull.
    """
    name = require_list_name(name)
    if not medium.identity:
        raise MediumUnrecognisable(folder=medium.folder)
    for one in listed:
        in_use = one.withdrawn_at is None and one.identity == medium.identity
        if in_use or one.name.casefold() == name.casefold():
            raise MediumAlreadyListed(name=one.name)
    if len(listed) >= MAX_LISTED:
        raise ListFull
    return ListedMedium(
        name=name,
        identity=medium.identity,
        kind=medium.kind,
        marking=marking,
        listed_by=by,
        listed_at=at,
    )


def listed_as(listed: Sequence[ListedMedium], medium: Medium) -> ListedMedium:
    """The entry of this medium; raises MediumNotListed."""
    for one in listed:
        if one.withdrawn_at is None and medium.identity and one.identity == medium.identity:
            return one
    raise MediumNotListed(folder=medium.folder, identity=medium.identity)


def withdraw_medium(
    listed: Sequence[ListedMedium], name: str, *, reason: str, at: datetime
) -> tuple[ListedMedium, ...]:
    """Take a medium out of use; it stays on the list with the reason. Raises NotOnTheList."""
    found = [one for one in listed if one.name == name and one.withdrawn_at is None]
    if not found:
        raise NotOnTheList(value=name)
    gone = replace(found[0], withdrawn_at=at, withdrawn_for=reason)
    return tuple(gone if one is found[0] else one for one in listed)


def require_allowed(policy: ReleasePolicy, entry: ListedMedium, medium: Medium, *, sealed: bool) -> None:
    """What the office demands of each release; raises MediumNotEncrypted, SealingRequired."""
    if policy.encrypted_media_only and not medium.encrypted:
        raise MediumNotEncrypted(name=entry.name)
    if policy.sealed_only and not sealed:
        raise SealingRequired


def add_recipient(known: Sequence[Recipient], new: Recipient) -> Recipient:
    """A recipient whose name and key are new; raises RecipientExists, ListFull."""
    for one in known:
        if one.withdrawn_at is None and (
            one.name.casefold() == new.name.casefold() or one.fingerprint == new.fingerprint
        ):
            raise RecipientExists(name=one.name)
    if len(known) >= MAX_LISTED:
        raise ListFull
    return new


def recipient_named(known: Sequence[Recipient], name: str) -> Recipient:
    """The recipient of this name that is in use; raises NotOnTheList."""
    for one in known:
        if one.name == name and one.withdrawn_at is None:
            return one
    raise NotOnTheList(value=name)


def confirm_recipient(recipient: Recipient, *, fingerprint: str, by: Person, at: datetime) -> Recipient:
    """Somebody other than who added the key read the fingerprint with the recipient.

    Raises:
        NotConfirmedByOneself, FingerprintDiffers.
    """
    if recipient.added_by == by.person_id:
        raise NotConfirmedByOneself(name=recipient.name)
    if "".join(fingerprint.lower().split()) != recipient.fingerprint:
        raise FingerprintDiffers(name=recipient.name)
    return replace(recipient, confirmed_by=by.person_id, confirmed_at=at)


def require_sealable(known: Sequence[Recipient], names: Sequence[str]) -> tuple[Recipient, ...]:
    """The recipients of these names, each confirmed; raises NotOnTheList, RecipientNotConfirmed, ListFull."""
    if len(set(names)) > MAX_SEALED_TO:
        raise ListFull(limit=MAX_SEALED_TO)
    found = tuple(recipient_named(known, name) for name in dict.fromkeys(names))
    for one in found:
        if one.confirmed_by is None:
            raise RecipientNotConfirmed(name=one.name)
    return found


def require_receipt_due(export: Export, received_on: date, *, today: date) -> None:
    """A receipt is for what was written to a medium, once, on a day between release and today.

    Raises:
        ReceiptNotDue, ReceiptDateInvalid.
    """
    if export.state is not ExportState.WRITTEN or export.receipt is not None or export.released_at is None:
        raise ReceiptNotDue(export_id=export.export_id)
    if not export.released_at.date() <= received_on <= today:
        raise ReceiptDateInvalid(received_on=received_on.isoformat())
