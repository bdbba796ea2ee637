"""The vault's own page on screen."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.desk import Desk
from ui.page import Page, Room
from ui.vault.issuing import RecoveryPresenter
from ui.vault.presenter import VaultPresenter
from ui.vault.recovery import RecoveryPart
from ui.widgets import basics, choosing
from ui.widgets.tables import Table

_CHECK = "Reads and verifies every stored file, every page of the database and every row of the audit trail."
_BACKUP = (
    "Copies the vault to a folder on another medium, as encrypted as it is here, and reads it back. Only "
    "what is new is copied. Work goes on meanwhile."
)
_REHEARSE = (
    "Proves that the newest backup in a folder can be restored: every byte, key, page and row. Neither the "
    "vault nor the backup is changed. To restore, use “workstation vault restore”."
)


class VaultPage(Page):
    """Three acts and the answer of the last one."""

    check_pressed = Signal()
    backup_chosen = Signal(object)
    rehearsal_chosen = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        del desk
        self._answer, self._facts = basics.selectable("", "section"), basics.Facts()
        self._answer.setAccessibleName("Result")
        self._broken: Table[str] = Table("Broken", (("Not as it was written", lambda name: name),))
        self._secret = basics.line(secret=True)
        check = basics.card(
            basics.label("Check everything", "section"),
            basics.label(_CHECK, "muted"),
            basics.row(basics.button("Check everything", self.check_pressed.emit, primary=True)),
        )
        self._backup = basics.card(
            basics.label("Backup", "section"),
            basics.label(_BACKUP, "muted"),
            basics.row(basics.button("Choose a folder and take a backup", self._ask_backup)),
        )
        self._rehearsal = basics.card(
            basics.label("Rehearse a restore", "section"),
            basics.label(_REHEARSE, "muted"),
            basics.form((("Your passphrase", self._secret),)),
            basics.row(basics.button("Choose a folder and rehearse", self._ask_rehearsal)),
        )
        self.recovery = RecoveryPart()
        self._acts = basics.column(check, self._backup, self._rehearsal, self.recovery, stretch=True)
        self._result = basics.card(self._answer, self._facts, self._broken)
        right = basics.column(self._result, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Vault", "title"))
        layout.addWidget(basics.scrolling(basics.Columns((self._acts, 5), (right, 5))), 1)
        self._result.hide()

    def offer_backups(self, *, offered: bool) -> None:
        """Only a custodian takes backups."""
        self._backup.setVisible(offered)
        self._rehearsal.setVisible(offered)
        self.recovery.setVisible(offered)

    def set_busy(self, *, busy: bool) -> None:
        """While something is read whole."""
        self._acts.setEnabled(not busy)
        if busy:
            self._result.hide()

    def show_answer(self, words: str, facts: tuple[tuple[str, str], ...], broken: tuple[str, ...]) -> None:
        """What was found."""
        basics.set_text(self._answer, words)
        self._facts.show_pairs(facts)
        self._broken.show_rows(broken)
        self._broken.setVisible(bool(broken))
        self._result.show()

    def _ask_backup(self) -> None:
        choosing.folder(self, "Folder for the backup", self.backup_chosen.emit)

    def _ask_rehearsal(self) -> None:
        def rehearse(folder: Path) -> None:
            self.rehearsal_chosen.emit(folder, basics.take_secret(self._secret))

        choosing.folder(self, "Folder that holds the backup", rehearse)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = VaultPage(desk)
    presenter = VaultPresenter(view, desk)
    recovery = RecoveryPresenter(view.recovery, desk, view.set_busy)
    presenter.recovery = recovery
    view.recovery.begin_pressed.connect(recovery.begin)
    view.recovery.typed_back.connect(recovery.confirm)
    view.recovery.sheet_wanted.connect(recovery.save_sheet)
    view.recovery.abandoned.connect(recovery.abandon)
    view.check_pressed.connect(presenter.check)
    view.backup_chosen.connect(presenter.back_up)
    view.rehearsal_chosen.connect(presenter.rehearse)
    return Room(view=view, presenter=presenter)
