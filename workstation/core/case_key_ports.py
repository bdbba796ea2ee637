"""The keys of the cases, and what the database holds of one, as the workflows see them."""

from collections.abc import Sequence
from typing import Protocol

from workstation.core.exits import Holdings
from workstation.core.values import CaseId
from workstation.core.vault import SealedCaseKey


class CaseKeys(Protocol):
    """The keys of the cases, wrapped under the vault key."""

    def add(self, case_id: CaseId, key: SealedCaseKey) -> int:
        """Keep the key of a case and return its number; a second key of one case is a defect."""

    def number(self, case_id: CaseId) -> int:
        """The number of the case's key; 0 where it has none, or has none any more."""

    def get(self, number: int) -> SealedCaseKey | None:
        """A key by its number; ``None`` where there is none, or none any more."""

    def destroy(self, case_id: CaseId) -> None:
        """Overwrite the key of a case with zeros. Not an error twice."""

    def without(self) -> Sequence[CaseId]:
        """Cases that never had a key: they were opened before cases had keys of their own."""

    def loose(self, case_id: CaseId, *, limit: int) -> Sequence[str]:
        """References of a case that are still wrapped under the vault key."""

    def rewrapped(self, case_id: CaseId, pairs: Sequence[tuple[str, str]]) -> None:
        """Write references in place of others to the same objects of this case."""


class Disposals(Protocol):
    """What the database holds of a case, and its end."""

    def holdings(self, case_id: CaseId) -> Holdings:
        """Counted exactly, now."""

    def open_referrals(self, case_id: CaseId) -> int:
        """Referrals of the case, of whatever kind, that are neither sent nor withdrawn."""

    def erase(self, case_id: CaseId) -> None:
        """Overwrite every row of the case but the case itself, its reports' and exports' register and trail.

        Not an error twice.
        """
