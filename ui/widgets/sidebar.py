"""Where a person can go: only what the role has use for."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from ui import theme
from ui.widgets import basics
from workstation.core.people import APPOINTED, Duty, Role

TRAINING = "training"  # there are controls only in a demonstration
PLACES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("home", "&Start", frozenset(Role)),
    ("cases", "&Cases", frozenset(Role)),
    ("windows", "All &windows", frozenset(Role)),
    ("register", "Register", frozenset(Role)),
    ("content", "Content sets", frozenset(Role)),
    ("releases", "&Releases", frozenset({Role.SECURITY_OFFICER})),
    ("media", "Media and recipients", frozenset({Role.SECURITY_OFFICER, Role.CUSTODIAN})),
    ("people", "&People", APPOINTED[Duty.CONFIRM_PERSON]),
    ("audit", "&Audit trail", frozenset(Role)),
    ("verify", "&Verify an export", frozenset(Role)),
    ("vault", "Va&ult", frozenset(Role)),
    ("account", "&My key", frozenset(Role)),
    ("certificates", "Certificates", frozenset(Role)),
    (TRAINING, "Trainin&g", frozenset({Role.TRAINER})),
)


class Sidebar(QWidget):
    """Navigation, one button a place, help, and the lock."""

    chosen = Signal(str)
    find_pressed = Signal()
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
        self._name = name
        self._group = QButtonGroup(self)
        self._places = places = QVBoxLayout()
        places.setContentsMargins(0, 0, 0, 0)
        places.setSpacing(theme.space(1))
        self._buttons: dict[str, QPushButton] = {}
        for place_name, text, _roles in PLACES:
            place = QPushButton(text)
            place.setProperty("nav", True)
            place.setCheckable(True)
            # Told to screen readers as one of several, not as a box to be ticked.
            place.setAutoExclusive(True)
            place.setAutoDefault(True)
            place.clicked.connect(lambda _checked, name=place_name: self.chosen.emit(name))
            self._group.addButton(place)
            self._buttons[place_name] = place
            places.addWidget(place)
        places.addStretch(1)
        inner = QWidget()
        inner.setLayout(places)
        # Where the text is large the places scroll; help and lock are always in reach.
        layout.addWidget(basics.scrolling(inner), 1)
        self._find = basics.button("Find  (Ctrl+K)", self.find_pressed.emit)
        self._help = basics.button("Help  (F1)", self.help_pressed.emit)
        self._lock = basics.button("&Lock  (Ctrl+L)", self.lock_pressed.emit)
        self._acts = basics.column(self._find, self._help, self._lock, gap=2)
        self._acts.setContentsMargins(theme.space(3), 0, theme.space(3), 0)
        layout.addWidget(self._acts)
        self.fit()
        self.hide_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height the name, which the title bar has as well, gives way to places."""
        super().resizeEvent(event)
        self._tighten()

    def _tighten(self) -> None:
        """Every place in sight where that can be: first without the name, then without gaps between them."""
        heights = [one.sizeHint().height() for one in self._buttons.values() if not one.isHidden()]
        gap = theme.space(1)
        room = self.height() - 2 * theme.space(3) - gap - self._acts.sizeHint().height()
        name = self._name.heightForWidth(self.width()) + gap
        wanted = sum(heights) + gap * len(heights)
        self._name.setVisible(wanted + name <= room)
        self._places.setSpacing(gap if wanted <= room else 0)

    def fit(self) -> None:
        """As wide as its words in the present type."""
        widest = max(
            button.sizeHint().width()
            for button in (*self._buttons.values(), self._find, self._help, self._lock)
        )
        # The open place is written in a heavier type than the one it was measured in.
        self.setFixedWidth(widest + theme.space(6) + self.fontMetrics().averageCharWidth())

    def show_for(self, role: Role, *, training: bool = False) -> None:
        """Show the places this role has use for."""
        for name, _text, roles in PLACES:
            self._buttons[name].setVisible(role in roles and (training or name != TRAINING))
        self._tighten()
        self.show()

    def hide_all(self) -> None:
        """The vault is locked."""
        self.hide()

    def mark(self, name: str) -> None:
        """Show which place is open, to eyes and to screen readers."""
        self._group.setExclusive(False)  # what is no place of the sidebar leaves none of them open
        for place, button in self._buttons.items():
            button.setChecked(place == name)
        self._group.setExclusive(True)
        for place, button in self._buttons.items():
            button.setAccessibleDescription("Open now" if place == name else "")

    @property
    def current(self) -> QWidget:
        """The button of the place that is open."""
        return self._group.checkedButton() or self._buttons["home"]
