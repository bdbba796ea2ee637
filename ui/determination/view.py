"""Opinions, recommendation, consultations, determination on screen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.determination.presenter import (
    ConclusionFields,
    ConsultationFields,
    DeterminationPresenter,
    Record,
)
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.tables import Table
from workstation.app.wording import word
from workstation.core.determinations import Conclusion
from workstation.core.oversight import EarlierCase

_CONCLUSIONS = (("", "Choose a conclusion"), *((str(c), word("conclusion", c)) for c in Conclusion))
_PRESS = {"opinion": "Give this opinion", "recommend": "Recommend this", "determine": "Determine this"}
_EARLIER = (
    "By the benchmark profile, the likest first. Each was decided on its own reasons; none binds this one."
)
_NONE = "No opinion, recommendation or determination has been recorded."


class ConclusionForm(QWidget):
    """Conclusion, reasons, and what belongs to the kind of form. Made once, so nothing typed is lost."""

    typed = Signal(str, object)
    concluded = Signal(str, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._filling = name, False
        self._title = basics.label("", "section")
        self._conclusion, self.reasons = basics.choice(_CONCLUSIONS), basics.TextBox("Reasons")
        self._gaps, self._dissents = basics.TextBox("Gaps", lines=2), QCheckBox("In dissent: print it as one")
        rows: list[tuple[str, QWidget]] = [("Conclusion", self._conclusion), ("Reasons", self.reasons)]
        if name != "opinion":
            self._gaps.setPlaceholderText("One a line; asked for with insufficient information")
            rows.append(("Gaps", self._gaps))
        press = basics.button(_PRESS[name], self._press, primary=True)
        content = [self._title, basics.form(rows)]
        if name == "opinion":
            content.append(self._dissents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._ask = basics.label("Choose a conclusion first; none is suggested to you.", "caution")
        self._ask.hide()
        layout.addWidget(basics.card(*content, basics.row(press), self._ask))
        self._conclusion.currentIndexChanged.connect(lambda _index: self._changed())
        self._dissents.toggled.connect(lambda _on: self._changed())
        for box in (self.reasons, self._gaps):
            box.textChanged.connect(self._changed)

    def show_form(self, title: str, fields: ConclusionFields) -> None:
        """Fill the form; the cursor stays where nothing changed."""
        self._filling = True
        basics.set_text(self._title, title)
        self._conclusion.choose(fields.conclusion)
        for box, text in ((self.reasons, fields.reasons), (self._gaps, fields.gaps)):
            if box.toPlainText() != text:
                box.setPlainText(text)
        if fields.reasons or fields.gaps:
            self._dissents.setChecked(fields.dissents)
        self._filling = False

    @property
    def fields(self) -> ConclusionFields:
        """What the form holds."""
        return ConclusionFields(
            conclusion=self._conclusion.value,
            reasons=self.reasons.toPlainText(),
            gaps=self._gaps.toPlainText(),
            dissents=self._dissents.isChecked(),
        )

    def focus_first(self) -> None:
        """The conclusion."""
        self._conclusion.setFocus()

    def _changed(self) -> None:
        if not self._filling:
            self.typed.emit(self._name, self.fields)

    def _press(self) -> None:
        self._ask.setVisible(not self._conclusion.value)
        if self._conclusion.value:
            self.concluded.emit(self._name, self.fields)
        else:
            self._conclusion.setFocus()


class ConsultForm(QWidget):
    """One party asked, and its answer or silence."""

    recorded = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        today = desk.here.today()
        self._party = basics.choice(())
        self._asked, self._answered = DateField(desk.dates, today), DateField(desk.dates, today)
        self._answer = basics.TextBox("Answer", lines=2)
        self._answer.setPlaceholderText("Leave empty where no answer was received")
        rows = basics.form(
            (
                ("Party", self._party),
                ("Asked on", self._asked),
                ("Answer", self._answer),
                ("Answered on", self._answered),
            )
        )
        press = basics.button("Record this consultation", self._press)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = basics.label("Consultation under section 3(a)", "section")
        layout.addWidget(basics.card(title, rows, basics.row(press)))

    def offer(self, parties: Sequence[tuple[str, str]]) -> None:
        """Whom the order names, those not asked yet first."""
        if not self._answer.toPlainText():
            self._party.clear()
        self._party.offer(parties)

    def forget(self) -> None:
        """What was typed has been recorded."""
        self._answer.clear()

    def _press(self) -> None:
        self.recorded.emit(
            ConsultationFields(
                consultee=self._party.value,
                asked_on=self._asked.value,
                answered_on=self._answered.value,
                answer=self._answer.toPlainText(),
            )
        )


class DeterminationPage(Page):
    """What blocks and what can be done on the left, the record on the right."""

    typed = Signal(str, object)
    concluded = Signal(str, object)
    consulted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._blockers_title, self._blockers = basics.label("", "section"), basics.label("")
        self._blockers_card = basics.card(self._blockers_title, self._blockers)
        self.forms = {name: ConclusionForm(name) for name in _PRESS}
        for form in self.forms.values():
            form.typed.connect(self.typed)
            form.concluded.connect(self.concluded)
        self._consult = ConsultForm(desk)
        self._consult.recorded.connect(self.consulted)
        self._acts = basics.column(self._blockers_card, *self.forms.values(), self._consult, stretch=True)
        self._record = QVBoxLayout()
        cards = QWidget()
        cards.setLayout(self._record)
        self._record.setContentsMargins(0, 0, 0, 0)
        self._earlier: Table[EarlierCase] = Table(
            "Earlier cases with similar readings",
            (
                ("Read alike", lambda one: f"{one.alike} of {one.in_common}", lambda one: one.alike),
                ("Case", lambda one: one.case_id),
                ("Model", lambda one: one.model),
                ("Determined", lambda one: word("conclusion", one.conclusion)),
                ("On", lambda one: desk.dates.day(one.determined_on), lambda one: one.determined_on),
                ("Read differently", lambda one: ", ".join(one.differing) or "nothing"),
            ),
            stretch=5,
            rows=3,
        )
        self._earlier_card = basics.card(
            basics.label("Earlier cases with similar readings", "section"),
            basics.label(_EARLIER, "muted"),
            self._earlier,
        )
        self._earlier_card.hide()
        record = basics.column(cards, self._earlier_card, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((self._acts, 1), (record, 1))))

    def show_record(self, record: Record) -> None:
        """Everything."""
        basics.set_text(self._blockers_title, record.blockers_title)
        lines = [f"\u2022  {line}" for line in record.blockers] or ["Nothing stands in the way."]
        basics.set_text(self._blockers, "\n".join(lines))
        self._blockers_card.setVisible(bool(record.blockers_title))
        for name, form in self.forms.items():
            form.setVisible(name in record.forms)
            if name in record.forms:
                form.show_form(record.forms[name], record.typed[name])
        self._consult.setVisible(bool(record.consult))
        if record.consult:
            self._consult.offer(record.consult)
        self._acts.setVisible(bool(record.blockers_title or record.forms or record.consult))
        self._show_cards(record)

    def _show_cards(self, record: Record) -> None:
        basics.empty(self._record)
        for title, pairs in record.cards:
            self._record.addWidget(basics.card(basics.label(title, "section"), basics.facts(pairs)))
        if not record.cards:
            self._record.addWidget(basics.label(_NONE, "muted"))
        self._record.addStretch(1)

    def show_earlier(self, earlier: Sequence[EarlierCase]) -> None:
        """How cases with similar readings were determined; nothing where there is none."""
        self._earlier.show_rows(earlier, keep=True)
        self._earlier_card.setVisible(bool(earlier))

    def forget_consultation(self) -> None:
        """What was typed about a consultation has been recorded."""
        self._consult.forget()

    def focus_first(self) -> None:
        """The first form on offer, or the page."""
        for form in self.forms.values():
            if not form.isHidden():
                form.focus_first()
                return
        super().focus_first()

    def panes(self) -> Sequence[QWidget]:
        """Each form."""
        return (*self.forms.values(), self._consult)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = DeterminationPage(desk)
    presenter = DeterminationPresenter(view, desk, changed)
    view.typed.connect(presenter.type_conclusion)
    view.concluded.connect(presenter.conclude)
    view.consulted.connect(presenter.consult)
    return view, presenter
