"""What ``bootstrap`` hands to the workflows, and the session of the person who unlocked the vault."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window is drawn before any of these is loaded
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import date

    from workstation.app.bus import Bus
    from workstation.core.backups import BackupKeeper
    from workstation.core.criteria import CriteriaSet
    from workstation.core.finding_ports import AdvisoryWriter
    from workstation.core.media import MediumPort
    from workstation.core.people import Person
    from workstation.core.pki import OwnPki
    from workstation.core.ports import Clock, Database, IdSource, Work
    from workstation.core.sealing import Sealer
    from workstation.core.service_ports import Examiners, MarkingRules, Press, SigningDesk, VaultKeeper
    from workstation.core.training import Training
    from workstation.core.values import CaseId
    from workstation.core.vault import Vault
    from workstation.core.verifications import DocumentVerifier


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything from outside that a workflow may need."""

    clock: Clock
    ids: IdSource
    vaults: VaultKeeper
    backups: BackupKeeper
    examiners: Examiners
    press: Press
    signing: SigningDesk
    advisories: AdvisoryWriter
    sealer: Sealer
    pki: OwnPki
    documents: DocumentVerifier
    media: MediumPort
    markings: MarkingRules
    criteria: CriteriaSet
    bus: Bus
    watermark: str  # printed on every page and shown in every window; empty for real work
    isolation: tuple[str, ...] = ()  # which of the process's own walls hold
    ai_name: str = "artificial intelligence"  # as the office's settings say
    training: Training | None = None  # what a trainer can do with a demonstration
    look_for_vault: Callable[[], bool] | None = None  # where even ``vaults`` is loaded later

    def has_vault(self) -> bool:
        """Whether there is a vault to unlock; asked before anything that opens one is loaded."""
        return self.vaults.status().exists if self.look_for_vault is None else self.look_for_vault()


@dataclass(kw_only=True)
class Session:
    """One person at an unlocked vault."""

    services: Services
    person: Person
    vault: Vault
    database: Database
    # What lists made of cases last time, each with what it was made of; gone when the session is.
    made: dict[str, tuple[tuple[object, ...], object]] = field(default_factory=dict, repr=False)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A unit of work by this person; the window hears of it only after the commit."""
        with self.database.work(self.person) as work:
            yield work
        self.services.bus.publish()

    def look(self) -> AbstractContextManager[Work]:
        """Read one consistent state."""
        return self.database.look()

    def key_of(self, case_id: CaseId) -> int:
        """The number of the case's own key; 0 where it has none (any more): then the vault's key serves."""
        with self.look() as work:
            return work.case_keys.number(case_id)

    def today(self) -> date:
        """Today by the highest time ever seen, UTC: a clock set back never moves a deadline."""
        with self.look() as work:
            return work.highest_time.date()
