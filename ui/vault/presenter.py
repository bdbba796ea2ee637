"""The vault's own page, without widgets: check everything, take a backup, rehearse one."""

from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from ui.vault.issuing import RecoveryPresenter
from workstation.app import backups, checking
from workstation.app.checkpoints import Held
from workstation.app.wording import size, word
from workstation.core.backups import Rehearsal, Snapshot
from workstation.core.jobs import JobControl
from workstation.core.people import Role


class VaultView(Protocol):
    """The page as the presenter sees it."""

    def offer_backups(self, *, offered: bool) -> None:
        """Only a custodian takes backups."""

    def set_busy(self, *, busy: bool) -> None:
        """While something is read whole."""

    def show_answer(self, words: str, facts: tuple[tuple[str, str], ...], broken: tuple[str, ...]) -> None:
        """What was found."""


class VaultPresenter:
    """Long reads of everything, each in a job that can be cancelled."""

    def __init__(self, view: VaultView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self.recovery: RecoveryPresenter | None = None

    def refresh(self) -> None:
        """Offer what the role may do."""
        if self.recovery is not None:
            self.recovery.refresh()
        self._view.offer_backups(offered=self._desk.here.person.role is Role.CUSTODIAN)

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def check(self) -> None:
        """Read and verify every stored file, the database and the trail."""
        session = self._desk.here
        self._desk.busy(self._view, lambda job: checking.check_vault(session, job), self._show_check)

    def back_up(self, folder: Path) -> None:
        """Take a backup."""
        session = self._desk.here
        self._desk.busy(
            self._view,
            lambda job: backups.take(session, folder, job),
            lambda made: self._show_backup(folder, made),
        )

    def rehearse(self, folder: Path, passphrase: bytearray) -> None:
        """Prove the newest backup in a folder."""
        session = self._desk.here

        def work(job: JobControl) -> Rehearsal:
            try:
                return backups.rehearse(session, folder, passphrase, job)
            finally:
                passphrase[:] = bytes(len(passphrase))

        self._desk.busy(self._view, work, lambda found: self._show_rehearsal(folder, found))

    def _show_check(self, found: checking.VaultCheck) -> None:
        words = (
            "Everything stored is as it was written" if found.holds else "Something is not as it was written"
        )
        facts = (
            ("Files read", f"{found.files}, {size(found.size_bytes)}"),
            ("Files broken", str(found.broken_count)),
            ("Database", "; ".join(found.database_problems) or "nothing found"),
            ("Audit trail", _trail(holds=found.audit.broken_seq is None, rows=found.audit.rows)),
            ("Checkpoints of the trail", self._checkpoints(found.checkpoints)),
            ("Files that nothing names", str(found.orphans)),
            *((("Read", "went on where the last check had stopped"),) if found.went_on else ()),
        )
        self._view.show_answer(words, facts, tuple(file.untrusted_path for file in found.broken))

    def _checkpoints(self, held: Held) -> str:
        if held.broken:
            signed, why = held.broken[0]
            told = f"row {signed.checkpoint.seq}, {word('checkpoint', why)}"
            return f"{len(held.broken)} of {held.count} do not hold: {told}"
        newest = f", the newest {self._desk.dates.moment(held.newest_at)}" if held.newest_at else ""
        return f"{held.count} hold{newest}" if held.count else "none yet"

    def _show_backup(self, folder: Path, made: Snapshot) -> None:
        facts = (
            ("Folder", str(folder)),
            ("Backup", f"number {made.number}, {self._desk.dates.moment(made.taken_at)}"),
            ("Files", f"{made.files}, {size(made.size_bytes)}"),
            ("Copied this time", size(made.copied_bytes)),
            *((("Set aside, unreadable", ", ".join(made.set_aside)),) if made.set_aside else ()),
        )
        self._view.show_answer("The backup is written and was read back", facts, ())

    def _show_rehearsal(self, folder: Path, found: Rehearsal) -> None:
        words = "This backup can be restored" if found.holds else "This backup cannot be relied on"
        facts = (
            ("Folder", str(folder)),
            ("Backup", f"number {found.snapshot.number}, {self._desk.dates.moment(found.snapshot.taken_at)}"),
            ("Stored files opened", str(found.objects)),
            ("Broken", str(found.broken_count)),
            ("Database", "; ".join(found.database_problems) or "nothing found"),
            ("Audit trail", _trail(holds=found.audit_holds, rows=found.snapshot.audit_rows)),
        )
        self._view.show_answer(words, facts, found.broken)


def _trail(*, holds: bool, rows: int) -> str:
    return f"holds, {rows} rows" if holds else f"does not hold after {rows} rows"
