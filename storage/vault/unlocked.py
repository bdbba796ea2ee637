"""What every part of an unlocked vault works on: the header, the keys, and who came in how."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from storage.single_writer import SingleWriter
from storage.vault.backoff import BackOff
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.folder import VaultFolder
from storage.vault.header import Header, Slot
from storage.vault.keys import Keys, wipe
from storage.vault.people import forget_device_secret
from workstation.core.cards import CardReader
from workstation.core.ports import Clock
from workstation.core.vault import Profile
from workstation.core.vault_errors import VaultLocked


@dataclass(kw_only=True)
class Way:
    """How the person came in: by passphrase, or by a card and what stood beside it."""

    card_serial: str = ""
    half: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def by_card(self) -> bool:
        """Whether the card is asked for at each further act."""
        return bool(self.card_serial)


@dataclass(kw_only=True)
class Entry:
    """What opening hands over: the folder locked, the header checked, the keys out."""

    folder: VaultFolder
    header: Header
    keys: Keys
    person_id: str
    writer: SingleWriter
    clock: Clock
    device_secrets: DeviceSecrets | None
    cards: CardReader | None = None
    way: Way = field(default_factory=Way)
    published: bool = True


class Unlocked:
    """The state of an unlocked vault and how its header changes."""

    def __init__(self, entry: Entry) -> None:
        self._entry, self._keys, self._header = entry, entry.keys, entry.header
        self._back_off = BackOff(entry.folder.back_off, entry.clock)
        self._way = entry.way
        self._locked, self._published = False, entry.published
        self._change = threading.RLock()

    @property
    def root(self) -> Path:
        """The vault's folder."""
        return self._entry.folder.root

    @property
    def database_path(self) -> Path:
        """Where the database belongs."""
        return self._entry.folder.database

    @property
    def vault_id(self) -> str:
        """The identifier given at creation."""
        return self._header.vault

    @property
    def profile(self) -> Profile:
        """Real or demonstration."""
        return self._header.profile

    @property
    def person_id(self) -> str:
        """Who unlocked it."""
        return self._entry.person_id

    @property
    def epoch(self) -> int:
        """The current epoch of the vault key."""
        return self._header.epoch

    @property
    def is_locked(self) -> bool:
        """Whether ``lock`` was called."""
        return self._locked

    @property
    def card_serial(self) -> str:
        """The card the person came in by; empty after a passphrase."""
        return self._way.card_serial

    def require_open(self) -> None:
        """Return only while unlocked.

        Raises:
            VaultLocked: no longer.
        """
        if self._locked:
            raise VaultLocked

    def _rewrite(self, header: Header, *, keep_previous: bool = True) -> None:
        with self._change:
            self.require_open()
            header = replace(header, generation=self._header.generation + 1)
            self._entry.folder.write_header(header, self._keys, keep_previous=keep_previous)
            self._header = header

    def _adopt(self, header: Header, keys: Keys, gone: tuple[Slot, ...]) -> None:
        """Write the header of the next epoch and go on with its keys; what is gone keeps no device secret."""
        try:
            self._entry.folder.write_header(header, keys, keep_previous=False)
        except BaseException:
            keys.wipe()
            raise
        self._keys.adopt(keys)
        self._header = header
        for slot in gone:
            forget_device_secret(self._entry.device_secrets, header.vault, slot)

    def _forget_way(self) -> None:
        wipe(self._way.half)
