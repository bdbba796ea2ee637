"""Content sets on screen: the shelf on the left, the chosen set and what can be done with it on the right."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.content.presenter import ContentPresenter
from ui.content.shown import MoveShown, Powers
from ui.desk import Desk
from ui.list_and_panel import on_chosen, show_quietly
from ui.page import Page, Room
from ui.shown import Pairs
from ui.widgets import basics, choosing
from ui.widgets.tables import Table
from workstation.app.content_shelf import Movable, Offered, Shelved
from workstation.core.content import ContentKind

_ADD = (
    "Choose the folder or medium the set lies on. Beside the set lie its signature and its certificates. "
    "Nothing is taken into use before the signature holds. No case moves by it; a marking vocabulary is in "
    "force for all of them at once."
)
_NONE = "No case before its conclusion could go by this version."
_OF_ALL = "No case is moved to a vocabulary: the newest one holds for all of them at once."
_TRUST = "Whose signature on content sets is believed. Compare fingerprints by another channel first."


class ContentPage(Page):
    """The shelf, the chosen set, and three ways to change something."""

    chosen = Signal(str)
    looked = Signal(object)
    added = Signal(object)
    trusted = Signal(object, bool)
    move_asked = Signal(str)
    moved = Signal(str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._dates, self._at = desk.dates, ""
        self._about = basics.label("Reading the content sets.", "muted")
        self._table: Table[Shelved] = Table(
            "Content sets",
            (
                ("Set", lambda row: row.reference),
                ("Kind", lambda row: row.kind_words),
                ("Since", self._since, lambda row: row.added_at.isoformat() if row.added_at else ""),
                ("Cases", _cases, lambda row: len(row.cases)),
            ),
            stretch=1,
            rows=6,
        )
        on_chosen(self._table, self._choose)
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._set = basics.card(self._title, self._facts)
        self._parts = [self._make_move(), self._make_add(), self._make_trust()]
        for part in self._parts:
            part.hide()
        move, add, trust = self._parts
        self._list = basics.column(self._about, self._table, add, stretch=True)
        self._panel = basics.column(self._set, move, trust, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Content sets", "title"))
        layout.addWidget(basics.scrolling(basics.Columns((self._list, 1), (self._panel, 1))), 1)

    def _since(self, row: Shelved) -> str:
        return self._dates.day(row.added_at.date()) if row.added_at else "with the program"

    def _make_add(self) -> QWidget:
        self._looked_into = basics.label("", "muted")
        self._offered: Table[Offered] = Table(
            "Sets in the folder",
            (
                ("File", lambda row: row.untrusted_name),
                ("Says it is", lambda row: row.untrusted_reference),
                ("Kind", lambda row: row.kind_words),
                ("Signature", lambda row: "beside it" if row.signature_beside else "not beside it"),
            ),
            stretch=0,
        )
        self._verified = basics.Facts()
        self._look = basics.button("Look into a folder or medium", self._ask_folder)
        self._add = basics.button("Verify the chosen set and take it into use", self._add_chosen)
        for part in (self._offered, self._add, self._verified):
            part.hide()
        return basics.card(
            basics.label("Take a set into use", "section"),
            basics.label(_ADD, "muted"),
            basics.row(self._look),
            self._looked_into,
            self._offered,
            basics.row(self._add),
            self._verified,
        )

    def _make_trust(self) -> QWidget:
        self._roots = basics.Facts()
        self._read_roots = basics.button("Read roots from a folder", lambda: self._ask_roots(replacing=False))
        self._replace = basics.button(
            "Replace the roots by those of a folder", lambda: self._ask_roots(replacing=True)
        )
        self._trust_acts = basics.row(self._read_roots, self._replace)
        return basics.card(
            basics.label("Believed signers", "section"),
            basics.label(_TRUST, "muted"),
            self._roots,
            self._trust_acts,
        )

    def _make_move(self) -> QWidget:
        self._case = basics.choice(())
        self._case.currentIndexChanged.connect(lambda _index: self.move_asked.emit(self._case.value))
        self._reason = basics.TextBox("Reason", lines=2)
        self._carries = basics.Facts()
        self._carries.hide()
        self._move = basics.button(
            "Move this case", lambda: self.moved.emit(self._case.value, self._reason.toPlainText())
        )
        self._none = basics.label(_NONE, "muted")
        self._moving = basics.column(
            basics.form((("Case", self._case),)),
            self._carries,
            basics.form((("Reason", self._reason),)),
            basics.row(self._move),
        )
        return basics.card(basics.label("Move a case to this version", "section"), self._none, self._moving)

    def show_shelf(self, rows: Sequence[Shelved], about: str, powers: Powers) -> None:
        """Every version of every set."""
        basics.set_text(self._about, about)
        show_quietly(self._table, rows)
        for part, shown in zip(self._parts, (powers.move, powers.add, True), strict=True):
            part.setVisible(shown)
        self._trust_acts.setVisible(powers.trust)

    def show_set(self, shelved: Shelved, facts: Pairs, movable: Sequence[Movable]) -> None:
        """The chosen one, and the cases that could go by it from here on."""
        self._at = shelved.reference
        basics.set_text(self._title, shelved.reference)
        self._facts.show_pairs(facts)
        self._case.offer((one.case_id, f"{one.case_id}, goes by {one.goes_by}") for one in movable)
        is_words = shelved.kind is ContentKind.VOCABULARY
        basics.set_text(self._none, _OF_ALL if is_words else _NONE)
        self._moving.setVisible(bool(movable))
        self._none.setVisible(not movable)
        if movable:
            self.move_asked.emit(self._case.value)

    def show_trust(self, facts: Pairs) -> None:
        """Whose signature on content is believed."""
        self._roots.show_pairs(facts)
        self._replace.setVisible(any("SHA-384" in name for name, _value in facts))

    def show_offered(self, rows: Sequence[Offered], about: str) -> None:
        """What lies in the folder that was looked into."""
        basics.set_text(self._looked_into, about)
        self._offered.show_rows(rows)
        self._offered.setVisible(bool(rows))
        self._add.setVisible(bool(rows))
        self._verified.hide()
        if rows:
            self._offered.setFocus()

    def show_verified(self, facts: Pairs) -> None:
        """How the verification of the set taken into use went."""
        self._verified.show_pairs(facts)
        self._verified.show()
        basics.bring(self._verified)

    def show_move(self, shown: MoveShown | None) -> None:
        """What would carry over; the button is there once that was shown."""
        if shown is not None:
            self._carries.show_pairs(shown.facts)
        self._carries.setVisible(shown is not None)
        self._move.setEnabled(shown is not None)

    def forget_reason(self) -> None:
        """The case has moved."""
        self._reason.clear()

    def set_busy(self, *, busy: bool) -> None:
        """While a job of this page runs."""
        for button in (self._look, self._add, self._read_roots, self._replace):
            button.setEnabled(not busy)

    def focus_first(self) -> None:
        """The list."""
        self._table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The shelf with what takes a set into use, and the chosen set."""
        return (self._list, self._panel)

    def _choose(self) -> None:
        row = self._table.current()
        if row is not None and row.reference != self._at:
            self.chosen.emit(row.reference)

    def _add_chosen(self) -> None:
        row = self._offered.current()
        if row is not None:
            self.added.emit(row.path)

    def _ask_folder(self) -> None:
        choosing.folder(self, "Folder or medium with content sets", self.looked.emit)

    def _ask_roots(self, *, replacing: bool) -> None:
        def chosen(folder: object) -> None:
            self.trusted.emit(folder, replacing)

        choosing.folder(self, "Folder with roots and revocation lists", chosen)


def _cases(row: Shelved) -> str:
    return "all" if row.kind is ContentKind.VOCABULARY else f"{len(row.cases):,}"


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = ContentPage(desk)
    presenter = ContentPresenter(view, desk)
    view.chosen.connect(presenter.choose)
    view.looked.connect(presenter.look_into)
    view.added.connect(presenter.add)
    view.trusted.connect(lambda folder, replacing: presenter.trust(folder, replacing=replacing))
    view.move_asked.connect(presenter.ask_move)
    view.moved.connect(presenter.move)
    return Room(view=view, presenter=presenter)
