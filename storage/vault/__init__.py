"""The encrypted store on disk. Format: ``docs/format/vault-v1.md``; protocol: ``workstation.core.vault``."""

from storage.vault.costs import DEFAULT_COST, FIPS_COST, LIGHT_COST, calibrated_cost, fips_mode
from storage.vault.device_secrets import DeviceSecrets, KeyringReport, OsKeyring
from storage.vault.entering import unlock
from storage.vault.opening import create_vault, vault_status
from storage.vault.passphrases import MIN_CHARACTERS, require_strong
from storage.vault.session import OpenVault

__all__ = [
    "DEFAULT_COST",
    "FIPS_COST",
    "LIGHT_COST",
    "MIN_CHARACTERS",
    "DeviceSecrets",
    "KeyringReport",
    "OpenVault",
    "OsKeyring",
    "calibrated_cost",
    "create_vault",
    "fips_mode",
    "require_strong",
    "unlock",
    "vault_status",
]
