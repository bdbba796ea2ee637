"""Cards and recovery keys of a vault in memory: no card, no cryptography, the same promises."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.vault.passphrases import require_strong
from tests.helpers.memory_vault import MemoryVault
from workstation.core.cards import (
    CardAbsent,
    CardAlreadyEnrolled,
    CardAmbiguous,
    CardModuleMissing,
    CardNeedsPassphrase,
    CardNotEnrolled,
    CardPinWrong,
    CardToken,
    LastWayIn,
)
from workstation.core.recovery import OfficerKey, RecoveryBounds, RecoveryFacts, RecoveryKeysWrong
from workstation.core.vault import Argon2idCost, CardCredential, SlotFacts
from workstation.core.vault_errors import CredentialsRefused, ObjectTampered

_COST = Argon2idCost(memory_kib=8, passes=1, lanes=1)
_MOST = 9


@dataclass
class MemoryReader:
    """Cards that are inserted, by serial number, each with its PIN; ``None`` where there is no module."""

    pins: dict[str, bytes] | None = None

    def tokens(self) -> tuple[CardToken, ...]:
        """See the port."""
        if self.pins is None:
            raise CardModuleMissing(path="")
        return tuple(CardToken(serial=s, untrusted_label="CARD", untrusted_maker="test") for s in self.pins)

    def use(self, credential: CardCredential) -> str:
        """The serial number of the card whose PIN this is."""
        serials = [t.serial for t in self.tokens() if credential.serial in {"", t.serial}]
        if not serials:
            raise CardAbsent(serial=credential.serial)
        if len(serials) > 1:
            raise CardAmbiguous(serials=", ".join(serials))
        if (self.pins or {})[serials[0]] != bytes(credential.pin):
            raise CardPinWrong
        return serials[0]


@dataclass
class MemoryCard:
    """Somebody's way in by card."""

    serial: str
    passphrase: bytes


@dataclass(kw_only=True)
class MemorySet:
    """``core.recovery.NewRecovery``."""

    facts: RecoveryFacts
    keys: list[OfficerKey]
    secret: list[bytes] = field(default_factory=list)  # the officers' keys, as the header knows them

    def wipe(self) -> None:
        """See the port."""
        for key in self.keys:
            key.wipe()


@dataclass(kw_only=True)
class MemoryWays:
    """What a vault in memory keeps of cards and recovery keys."""

    cards: dict[str, MemoryCard] = field(default_factory=dict)  # by person
    no_passphrase: set[str] = field(default_factory=set)
    recovery: MemorySet | None = None
    sealed_for: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)

    def facts(self, vault: MemoryVault) -> tuple[SlotFacts, ...]:
        """Every way in."""
        found = [
            SlotFacts(slot_id=p, person_id=p, type="passphrase", cost=_COST, epoch=vault.epoch)
            for p in vault.people
            if p not in self.no_passphrase
        ]
        for person_id, card in self.cards.items():
            facts = SlotFacts(
                slot_id=f"card-{person_id}",
                person_id=person_id,
                type="card+passphrase",
                cost=_COST,
                epoch=vault.epoch,
                card_serial=card.serial,
                card_mechanism="ecdh-p384",
            )
            found.append(facts)
        return tuple(found)

    def enrol(
        self,
        vault: MemoryVault,
        reader: MemoryReader,
        credential: CardCredential,
        *,
        keep_passphrase: bool,
        replaces: bool,
    ) -> SlotFacts:
        """See ``VaultKeeper.enrol_card``."""
        person_id = vault.person_id
        if replaces is (person_id not in self.cards):
            raise CardNotEnrolled if replaces else CardAlreadyEnrolled
        if not credential.passphrase:
            raise CardNeedsPassphrase
        self.cards[person_id] = MemoryCard(reader.use(credential), bytes(credential.passphrase))
        if not keep_passphrase:
            self.no_passphrase.add(person_id)
        if replaces or not keep_passphrase:
            vault.rotate()
            vault.follow()
        return next(one for one in self.facts(vault) if one.slot_id == f"card-{person_id}")

    def drop_card(self, vault: MemoryVault) -> None:
        """See ``VaultKeeper.remove_card``."""
        if vault.person_id not in self.cards:
            raise CardNotEnrolled
        if vault.person_id in self.no_passphrase:
            raise LastWayIn
        del self.cards[vault.person_id]
        vault.rotate()
        vault.follow()

    def person_of(self, person_id: str, serial: str, passphrase: bytes) -> str:
        """Whose card this is; raises CredentialsRefused."""
        card = self.cards.get(person_id)
        if card is None or (card.serial, card.passphrase) != (serial, passphrase):
            raise CredentialsRefused
        return person_id

    def new_set(self, vault: MemoryVault, needed: int, officers: int) -> MemorySet:
        """See ``VaultKeeper.new_recovery``."""
        if not 2 <= needed <= officers <= _MOST:
            raise RecoveryBounds(needed=needed, officers=officers)
        set_id = os.urandom(16).hex()
        keys = [
            OfficerKey(officer=n, set_id=set_id, key=bytearray(os.urandom(32)))
            for n in range(1, officers + 1)
        ]
        facts = RecoveryFacts(set_id=set_id, needed=needed, officers=officers, epoch=vault.epoch)
        return MemorySet(facts=facts, keys=keys, secret=[bytes(key.key) for key in keys])

    def require_opens(self, keys: Sequence[OfficerKey]) -> None:
        """See ``VaultKeeper.unlock_by_officers``."""
        kept = self.recovery
        right = kept is not None and all(
            key.set_id == kept.facts.set_id and kept.secret[key.officer - 1] == bytes(key.key) for key in keys
        )
        numbers = {key.officer for key in keys}
        if kept is None or not right or len(numbers) != len(keys) or len(keys) != kept.facts.needed:
            raise RecoveryKeysWrong

    def seal(self, made: MemorySet, plaintext: bytes | bytearray) -> bytes:
        """See ``VaultKeeper.seal_for_recovery``."""
        blob = os.urandom(16)
        self.sealed_for[blob] = (made.facts.set_id, bytes(plaintext))
        return blob

    def unseal(self, blob: bytes) -> bytearray:
        """The inverse, for the set in force."""
        set_id, plaintext = self.sealed_for.get(blob, ("", b""))
        if self.recovery is None or set_id != self.recovery.facts.set_id:
            raise ObjectTampered(container="personal")
        return bytearray(plaintext)


class MemoryRecovering:
    """``core.recovery.RecoveredPerson``."""

    def __init__(self, vault: MemoryVault, ways: MemoryWays, login_name: str, passphrase: bytearray) -> None:
        require_strong(passphrase, login_name)
        self._vault, self._ways, self._new = vault, ways, bytes(passphrase)

    def unseal(self, blob: bytes) -> bytearray:
        """See the port."""
        return self._ways.unseal(blob)

    def seal(self, plaintext: bytes | bytearray) -> bytes:
        """See the port."""
        return self._vault.sealed_for(self._vault.person_id, plaintext)

    def put(self) -> None:
        """See the port."""
        self._vault.people[self._vault.person_id] = self._new
        self._ways.recovery = None
        self._ways.cards.pop(self._vault.person_id, None)
        self._ways.no_passphrase.discard(self._vault.person_id)
        self._vault.rotate()
        self._vault.follow()

    def abandon(self) -> None:
        """See the port."""
