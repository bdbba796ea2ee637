"""After the writing: label and custody receipt to print, and the countersigned receipt that came back."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from ui.desk import Desk
from ui.widgets import basics, choosing
from ui.widgets.fields import DateField
from workstation.core.exports import Export
from workstation.core.values import ExportId

_ABOUT = (
    "Label and receipt are printed and go with the medium. The recipient signs the receipt by hand and sends "
    "it back."
)


class Receipts(QFrame):
    """Written exports whose receipt is not here yet."""

    saved = Signal(str, object)
    recorded = Signal(str, str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("card")
        self._dates = desk.dates
        self._export = basics.choice(())
        self._by = basics.line("As signed on the receipt")
        self._on = DateField(desk.dates, desk.here.today())
        rows = basics.form((("Export", self._export), ("Received by", self._by), ("Received on", self._on)))
        save = basics.button("Save label and receipt as PDF…", self._press_save)
        self._record = basics.button("Record the receipt", self._press_record)
        title = basics.label("Receipts that are outstanding", "section")
        parts = (title, basics.label(_ABOUT, "muted"), rows, basics.row(save), basics.row(self._record))
        basics.fill(QVBoxLayout(self), parts, margin=4)

    def show_outstanding(self, exports: Sequence[Export]) -> None:
        """Those that were written, the oldest first."""
        self._export.offer(
            [(one.export_id, f"{one.medium_name or one.export_id}, for {one.recipient}") for one in exports]
        )
        self.setVisible(bool(exports))

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        self._by.clear()

    def _press_save(self) -> None:
        export_id = ExportId(self._export.value)
        choosing.folder(self, "Folder for the PDF", lambda folder: self.saved.emit(export_id, folder))

    def _press_record(self) -> None:
        self.recorded.emit(self._export.value, self._by.text().strip(), self._on.value)
