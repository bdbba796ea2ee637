"""What happens to people's ways into the vault: cards, and the officers' recovery keys."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import PersonId


@dataclass(frozen=True, kw_only=True)
class CardChangeBegun(Event):
    """A person set about changing their card; what came of it is the next such row, or nothing did."""

    act: str  # enrol, replace or remove
    card_serial: str


@dataclass(frozen=True, kw_only=True)
class CardEnrolled(Event):
    """A person comes in by this card from now on; what fell away with it took the vault key along."""

    card_serial: str
    slot_type: str
    mechanism: str
    replaced: bool
    passphrase_kept: bool
    epoch: int


@dataclass(frozen=True, kw_only=True)
class CardDropped(Event):
    """A person's card opens nothing any more but old copies, and the vault has a new key."""

    card_serial: str
    epoch: int


@dataclass(frozen=True, kw_only=True)
class RecoveryKeysIssued(Event):
    """Officers hold new recovery keys, each confirmed; sheets of before are void."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    set_id: str
    needed: int
    officers: int


@dataclass(frozen=True, kw_only=True)
class VaultRecovered(Event):
    """Officers' keys gave a custodian a new passphrase, new signing keys, and nothing else to anybody."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    person_id: PersonId
    display_name: str
    set_id: str
    officers: tuple[int, ...]
    certificates_sha384: tuple[str, ...]
