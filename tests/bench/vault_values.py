"""A vault to be measured, and what opens it."""

from datetime import UTC, datetime
from pathlib import Path

from storage.vault import LIGHT_COST, OpenVault, create_vault
from storage.vault.costs import Cost
from workstation.core.vault import Profile

SECRET = b"bench only, protects nothing"
GROUP = "PACKAGE-BENCH"


class FixedClock:
    """Any time will do."""

    def now(self) -> datetime:
        """A fixed instant."""
        return datetime(2026, 1, 1, tzinfo=UTC)


def new_vault(root: Path, cost: Cost = LIGHT_COST) -> OpenVault:
    """An empty one."""
    return create_vault(
        root,
        vault_id="VAULT-BENCH",
        profile=Profile.DEMO,
        person_id="PER-BENCH",
        login_name="bench",
        passphrase=bytearray(SECRET),
        cost=cost,
        clock=FixedClock(),
    )
