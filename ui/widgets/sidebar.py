"""Where a person can go: only what the role has use for."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from ui import theme
from ui.widgets import basics
from workstation.core.people import Role

PLACES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("home", "&Start", frozenset(Role)),
    ("cases", "&Cases", frozenset(Role)),
    ("releases", "&Releases", frozenset({Role.SECURITY_OFFICER})),
    ("people", "&People", frozenset({Role.CUSTODIAN})),
    ("audit", "&Audit trail", frozenset(Role)),
    ("verify", "&Verify an export", frozenset(Role)),
    ("account", "&My key", frozenset(Role)),
)


class Sidebar(QWidget):
    """Navigation, one button a place, help, and the lock."""

    chosen = Signal(str)
    help_pressed = Signal()
    lock_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.space(3), 0, theme.space(3))
        layout.setSpacing(theme.space(1))
        name = basics.label("Frontier Review Workstation", "section")
        name.setContentsMargins(theme.space(3), 0, theme.space(2), theme.space(2))
        layout.addWidget(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for place_name, text, _roles in PLACES:
            place = QPushButton(text)
            place.setProperty("nav", True)
            place.setCheckable(True)
            place.setAutoDefault(True)
            place.clicked.connect(lambda _checked, name=place_name: self.chosen.emit(name))
            self._group.addButton(place)
            self._buttons[place_name] = place
            layout.addWidget(place)
        layout.addStretch(1)
        self._help = basics.button("Help  (F1)", self.help_pressed.emit)
        self._lock = basics.button("&Lock  (Ctrl+L)", self.lock_pressed.emit)
        acts = basics.column(self._help, self._lock, gap=2)
        acts.setContentsMargins(theme.space(3), 0, theme.space(3), 0)
        layout.addWidget(acts)
        widest = max(
            button.sizeHint().width() for button in (*self._buttons.values(), self._help, self._lock)
        )
        # The open place is written in a heavier type than the one it was measured in.
        self.setFixedWidth(widest + theme.space(6) + self.fontMetrics().averageCharWidth())
        self.hide_all()

    def show_for(self, role: Role) -> None:
        """Show the places this role has use for."""
        for name, _text, roles in PLACES:
            self._buttons[name].setVisible(role in roles)
        self.show()

    def hide_all(self) -> None:
        """The vault is locked."""
        self.hide()

    def mark(self, name: str) -> None:
        """Show which place is open, to eyes and to screen readers."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)
        for place, button in self._buttons.items():
            button.setAccessibleDescription("Open now" if place == name else "")

    @property
    def current(self) -> QWidget:
        """The button of the place that is open."""
        return self._group.checkedButton() or self._buttons["home"]
