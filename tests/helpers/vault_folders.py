"""Small real vaults for tests: light cost, a clock on strings, secrets in a dictionary."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.vault import LIGHT_COST as LIGHT_COST  # noqa: PLC0414 - passed on to tests
from storage.vault import DeviceSecrets, OpenVault, create_vault, unlock
from workstation.core.vault import Profile
from workstation.core.vault_errors import DeviceSecretMissing, KeyringLocked, KeyringUnusable

VAULT_ID, PERSON, LOGIN = "VAULT-7Q2M4K9D", "PER-ADA", "ada"
PASSPHRASE = b"seven quiet otters read the charter"
OTHER_PASSPHRASE = b"eight loud herons sign the ledger"


@dataclass
class StringClock:
    """Stands still until moved."""

    at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where it was put."""
        return self.at

    def move(self, seconds: float) -> None:
        """Forwards or backwards."""
        self.at += timedelta(seconds=seconds)


@dataclass
class DictSecrets:
    """``DeviceSecrets`` that can be locked and emptied."""

    kept: dict[str, bytes] = field(default_factory=dict)
    locked: bool = False

    def create(self, user: str) -> bytearray:
        """A fresh one."""
        self._require_usable()
        self.kept[user] = os.urandom(32)
        return bytearray(self.kept[user])

    def read(self, user: str) -> bytearray:
        """The one kept."""
        self._require_usable()
        if user not in self.kept:
            raise DeviceSecretMissing
        return bytearray(self.kept[user])

    def delete(self, user: str) -> None:
        """Forget it."""
        self._require_usable()
        self.kept.pop(user, None)

    @property
    def encrypts(self) -> bool:
        """As if."""
        return True

    def fault(self) -> KeyringUnusable | None:
        """What would be raised."""
        return KeyringLocked(backend="dict", reason="locked") if self.locked else None

    def _require_usable(self) -> None:
        fault = self.fault()
        if fault is not None:
            raise fault


def passphrase(text: bytes = PASSPHRASE) -> bytearray:
    """A fresh buffer, as the prompt gives."""
    return bytearray(text)


def new_vault(
    root: Path,
    *,
    clock: StringClock | None = None,
    device_secrets: DeviceSecrets | None = None,
    profile: Profile = Profile.DEMO,
) -> OpenVault:
    """A demonstration vault of Ada's at the cost of a blink."""
    return create_vault(
        root,
        vault_id=VAULT_ID,
        profile=profile,
        person_id=PERSON,
        login_name=LOGIN,
        passphrase=passphrase(),
        cost=LIGHT_COST,
        clock=clock or StringClock(),
        device_secrets=device_secrets,
    )


def reopen(
    root: Path,
    *,
    login_name: str = LOGIN,
    text: bytes = PASSPHRASE,
    clock: StringClock | None = None,
    device_secrets: DeviceSecrets | None = None,
    profile: Profile = Profile.DEMO,
) -> OpenVault:
    """Unlock it."""
    return unlock(
        root,
        login_name=login_name,
        passphrase=passphrase(text),
        profile=profile,
        clock=clock or StringClock(),
        device_secrets=device_secrets,
    )
