"""Trusted partners of a case on screen: the nominations, and one form for what happens to them."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page
from ui.partners.presenter import (
    PartnerFields,
    PartnersPresenter,
    Selection,
    consent_words,
    standing_words,
)
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.tables import Table
from workstation.app.wording import sentence, word
from workstation.core.partners import Partner, Side

# Which fields each act asks for.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "nominate": ("name", "sector", "side", "day"),
    "consent": ("number", "side", "given_by", "day", "reference"),
    "access": ("number", "day"),
    "release": ("number", "day"),
    "withdraw": ("number", "reason"),
}


class PartnersPage(Page):
    """The list on the left, the form on the right."""

    pressed = Signal(object)
    typed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        day = desk.dates.day
        self._words = basics.label("")
        self._table: Table[Partner] = Table(
            "Partners",
            (
                ("No.", lambda partner: str(partner.number), lambda partner: partner.number),
                ("Partner", lambda partner: partner.name),
                ("Sector", lambda partner: partner.sector),
                ("Nominated by", lambda partner: word("side", partner.nominated_by)),
                ("Developer's consent", lambda partner: consent_words(partner.developer_consent, day)),
                ("Government's consent", lambda partner: consent_words(partner.government_consent, day)),
                (
                    "Access on",
                    lambda partner: day(partner.early_access_on) if partner.early_access_on else "-",
                ),
                ("Stands", standing_words),
            ),
            stretch=1,
            rows=5,
        )
        self._form_card = self._make_form(desk)
        left = basics.column(self._words, self._table, stretch=True)
        right = basics.column(self._form_card, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((left, 6), (right, 4))))

    def _make_form(self, desk: Desk) -> QFrame:
        self._act = basics.choice(())
        self._texts = {name: basics.line() for name in ("name", "sector", "given_by", "reference", "reason")}
        for text in self._texts.values():
            text.textEdited.connect(lambda _text: self.typed.emit(self._kept()))
        self._number = basics.choice(())
        self._side = basics.choice((str(side), word("side", side)) for side in Side)
        self._day = DateField(desk.dates, desk.here.today())
        self._fields: dict[str, QWidget] = {
            "number": self._number,
            "name": self._texts["name"],
            "sector": self._texts["sector"],
            "side": self._side,
            "given_by": self._texts["given_by"],
            "day": self._day,
            "reference": self._texts["reference"],
            "reason": self._texts["reason"],
        }
        captions = ((sentence("partner-field", name), field) for name, field in self._fields.items())
        rows = basics.form((("What happened", self._act), *captions))
        form = rows.layout()
        if not isinstance(form, QFormLayout):
            raise TypeError
        self._form = form
        self._about = basics.label("", "muted")
        self._act.currentIndexChanged.connect(lambda _index: self._arrange())
        press = basics.button("Record this", lambda: self.pressed.emit(self._filled()), primary=True)
        return basics.card(basics.label("Select partners", "section"), rows, self._about, basics.row(press))

    def show_selection(self, selection: Selection) -> None:
        """The nominations and what can be done about them."""
        basics.set_text(self._words, selection.words)
        self._table.show_rows(selection.partners, keep=True)
        self._table.setVisible(bool(selection.partners))
        self._act.offer((act, sentence("partner-act", act)) for act in selection.acts)
        standing = (one for one in selection.partners if not one.withdrawn_reason)
        self._number.offer((str(one.number), f"{one.number}, {one.name}") for one in standing)
        self._form_card.setVisible(bool(selection.acts))
        self._arrange()

    def restore(self, kept: Mapping[str, str]) -> None:
        """What was typed before a lock or a crash."""
        if kept and not any(text.text() for text in self._texts.values()):
            self._act.choose(kept.get("act", ""))
            for name, text in self._texts.items():
                text.setText(kept.get(name, ""))
            self._arrange()

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for text in self._texts.values():
            text.clear()

    def panes(self) -> Sequence[QWidget]:
        """The nominations and the form."""
        return (self._table, self._form_card)

    def _arrange(self) -> None:
        act = self._act.value
        for name, field in self._fields.items():
            self._form.setRowVisible(field, name in _FIELDS.get(act, ()))
        basics.set_text(self._about, sentence("partner-about", act) if act else "")

    def _kept(self) -> dict[str, str]:
        typed = {name: text.text() for name, text in self._texts.items()}
        return {"act": self._act.value, **typed} if any(typed.values()) else {}

    def _filled(self) -> PartnerFields:
        return PartnerFields(
            act=self._act.value,
            number=int(self._number.value or 0),
            side=self._side.value,
            day=self._day.value,
            **{name: text.text().strip() for name, text in self._texts.items()},
        )


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = PartnersPage(desk)
    presenter = PartnersPresenter(view, desk, changed)
    view.pressed.connect(presenter.record)
    view.typed.connect(presenter.keep)
    return view, presenter
