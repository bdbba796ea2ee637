"""Where a person can go: only what the role has use for."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from ui import theme
from ui.widgets import basics
from workstation.core.people import Role

PLACES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("cases", "&Cases", frozenset(Role)),
    ("releases", "&Releases", frozenset({Role.SECURITY_OFFICER})),
    ("people", "&People", frozenset({Role.CUSTODIAN})),
    ("audit", "&Audit trail", frozenset(Role)),
    ("verify", "&Verify an export", frozenset(Role)),
)


class Sidebar(QWidget):
    """Navigation, one button a place, and the lock."""

    chosen = Signal(str)
    lock_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setFixedWidth(theme.space(46))
        layout = QVBoxLayout(self)
        layout.addWidget(basics.label("Frontier Review Workstation", "section"))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for name, text, _roles in PLACES:
            place = QPushButton(text)
            place.setProperty("nav", True)
            place.setCheckable(True)
            place.clicked.connect(lambda _checked, name=name: self.chosen.emit(name))
            self._group.addButton(place)
            self._buttons[name] = place
            layout.addWidget(place)
        layout.addStretch(1)
        self._lock = basics.button("Lock  (Ctrl+L)", self.lock_pressed.emit)
        layout.addWidget(self._lock)
        self.hide_all()

    def show_for(self, role: Role) -> None:
        """Show the places this role has use for."""
        for name, _text, roles in PLACES:
            self._buttons[name].setVisible(role in roles)
        self._lock.show()
        self.show()

    def hide_all(self) -> None:
        """The vault is locked."""
        self.hide()

    def mark(self, name: str) -> None:
        """Show which place is open."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)
