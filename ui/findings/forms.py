"""The forms of the findings' panel. Made once and refilled, so that nothing typed is thrown away."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.findings.shown import ActFields, FindingFields, FindingShown
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.text import shown as visible_text
from workstation.app.wording import word
from workstation.core.findings import FindingKind, PatchState

_KINDS = tuple((str(kind), word("finding-kind", kind)) for kind in FindingKind)
_PATCHES = tuple((str(state), word("patch-state", state)) for state in PatchState)
_NO_FILE = ("", "No file")


class FindingForm(QWidget):
    """A finding being written."""

    typed = Signal(object)
    saved = Signal(object)
    left = Signal()
    place_asked = Signal(object)
    begun_from = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._filling = self._has_noted = False
        self._from = FindingFields()
        self._kind, self._evidence = basics.choice(_KINDS), basics.choice((_NO_FILE,))
        self._noted_list = basics.choice(())
        self._title, self._component = basics.line(), basics.line("Component, file or product")
        self._description = basics.TextBox("Description", lines=5)
        self._anchor = basics.line("page=3, tensor=NAME, sample=ID, bytes=0-15, or words")
        self._portion, self._cwe = basics.line(), basics.line("CWE-502, where one fits")
        self._cwe_name = basics.line("Its name as published, for the advisory")
        self._vectors = basics.TextBox("CVSS vectors", lines=2)
        self._vectors.setPlaceholderText("One a line: CVSS:3.1/AV:N/\u2026 or CVSS:4.0/AV:N/\u2026")
        begin = basics.button("Begin from this", lambda: self.begun_from.emit(self._noted_list.value))
        self._source = basics.column(
            basics.form((("From the examination", self._noted_list),)), basics.row(begin), gap=2
        )
        use = basics.button("Use the noted place", lambda: self.place_asked.emit(self.fields))
        self._noted = basics.label("", "muted")
        self._place = basics.row(use, self._noted, stretch_last=True)
        self._place.hide()
        self._further = basics.column(gap=1)
        self._more = basics.button("Add this and name further evidence", self._add_place)
        self._draft = basics.label("Not recorded yet; kept as your draft.", "muted")
        self._press = basics.button("Record this finding  (Ctrl+Enter)", self.save, primary=True)
        back = basics.button("Back to the list", self.left.emit)
        self._heading = basics.label("A new finding", "section")
        self._reason = basics.line("Why it is said otherwise")
        self._why = basics.form((("Reason of the revision", self._reason),))
        self._why.hide()
        self._lay_out(basics.row(self._press, back))
        self._listen()

    def _lay_out(self, acts: QWidget) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                self._heading,
                self._source,
                self._rows(),
                self._place,
                self._further,
                basics.row(self._more),
                self._measures(),
                self._why,
                acts,
                self._draft,
            )
        )

    def _rows(self) -> QWidget:
        return basics.form(
            (
                ("Kind", self._kind),
                ("Title", self._title),
                ("Description", self._description),
                ("Affected component", self._component),
                ("Portion mark", self._portion),
                ("Evidence in the package", self._evidence),
                ("Place in the file", self._anchor),
            )
        )

    def _measures(self) -> QWidget:
        return basics.form(
            (
                ("Weakness (CWE)", self._cwe),
                ("Name of the weakness", self._cwe_name),
                ("CVSS vectors", self._vectors),
            )
        )

    def _listen(self) -> None:
        for choice in (self._kind, self._evidence):
            choice.currentIndexChanged.connect(lambda _index: self._changed())
        for box in (self._description, self._vectors):
            box.textChanged.connect(self._changed)
        lines = (self._title, self._component, self._portion, self._anchor, self._cwe, self._cwe_name)
        for line in (*lines, self._reason):
            line.textEdited.connect(lambda _text: self._changed())

    def offer_sources(self, paths: Sequence[str], noted: Sequence[tuple[str, str]]) -> None:
        """Files of the package, and what the examination noted of them."""
        self._evidence.offer((_NO_FILE, *((path, path) for path in paths)))
        self._noted_list.offer(noted)
        self._has_noted = bool(noted)

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""
        basics.set_text(self._noted, words)
        self._place.setVisible(bool(words))

    def show_fields(self, fields: FindingFields, *, is_draft: bool) -> None:
        """Fill the form; the cursor stays where nothing changed."""
        self._filling = True
        self._from = fields
        self._show_revised(is_revision=bool(fields.revises))
        self._show_further(fields)
        self._kind.choose(fields.kind)
        if fields.evidence and self._evidence.findData(fields.evidence) < 0:
            self._evidence.addItem(visible_text(fields.evidence), fields.evidence)
        self._evidence.choose(fields.evidence)
        for box, text in ((self._description, fields.description), (self._vectors, fields.vectors)):
            if box.toPlainText() != text:
                box.setPlainText(text)
        lines = (
            (self._title, fields.title),
            (self._component, fields.component),
            (self._portion, fields.portion),
            (self._anchor, fields.anchor),
            (self._cwe, fields.cwe),
            (self._cwe_name, fields.cwe_name),
            (self._reason, fields.reason),
        )
        for line, text in lines:
            if line.text() != text:
                line.setText(text)
        self._draft.setVisible(is_draft)
        self._filling = False

    def _show_revised(self, *, is_revision: bool) -> None:
        words = f"Say {self._from.revises} better" if is_revision else "A new finding"
        basics.set_text(self._heading, words)
        self._press.setText(
            "Record the revision  (Ctrl+Enter)" if is_revision else "Record this finding  (Ctrl+Enter)"
        )
        self._why.setVisible(is_revision)
        self._source.setVisible(self._has_noted and not is_revision)
        # The kind and the scores of a finding are not part of its text; each has an act of its own.
        for widget in (self._kind, self._vectors):
            widget.setEnabled(not is_revision)

    def _show_further(self, fields: FindingFields) -> None:
        rows = self._further.layout()
        if isinstance(rows, QVBoxLayout):
            basics.empty(rows)
            for number, (path, anchor) in enumerate(fields.further_places):
                words = visible_text(f"{path} {anchor}".strip())
                off = basics.button("Take off", partial(self._drop_place, number))
                off.setAccessibleName(f"Take off the evidence {words}")
                rows.addWidget(basics.row(off, basics.label(words), stretch_last=True))

    def _add_place(self) -> None:
        if self.fields.evidence:
            self._put(self.fields.with_place_added())
            self._evidence.setFocus()

    def _drop_place(self, number: int) -> None:
        self._put(self.fields.without_place(number))
        self._more.setFocus()

    def _put(self, fields: FindingFields) -> None:
        self.show_fields(fields, is_draft=True)
        self.typed.emit(fields)

    @property
    def fields(self) -> FindingFields:
        """What the form holds."""
        return replace(
            self._from,
            kind=self._kind.value,
            title=self._title.text(),
            description=self._description.toPlainText(),
            component=self._component.text(),
            portion=self._portion.text(),
            cwe=self._cwe.text(),
            cwe_name=self._cwe_name.text(),
            evidence=self._evidence.value,
            anchor=self._anchor.text(),
            vectors=self._vectors.toPlainText(),
            reason=self._reason.text(),
        )

    def save(self) -> None:
        """Ask for it to be recorded."""
        self.saved.emit(self.fields)

    def focus_first(self) -> None:
        """The title."""
        self._title.setFocus()

    def _changed(self) -> None:
        if not self._filling:
            self._draft.show()
            self.typed.emit(self.fields)


class ActsForm(QWidget):
    """What can be done with one finding: judge it, score it, note the patch, agree an embargo."""

    reason_typed = Signal(str)
    pressed = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._filling = False
        self._reason, self._others = basics.TextBox("Reason", lines=3), basics.choice(())
        self._reason.textChanged.connect(self._changed)
        self._vectors = basics.TextBox("CVSS vectors", lines=2)
        self._patch, self._note = basics.choice(_PATCHES), basics.line()
        self._until = DateField(desk.dates, desk.here.today())
        self._parties = basics.TextBox("Known to", lines=2)
        self._parties.setPlaceholderText("One party a line")
        names = {
            "validate": "Validate",
            "reject": "Reject",
            "reopen": "Reopen",
            "revise": "Say it better",
            "duplicate": "Mark as told by this one",
            "score": "Score",
            "patch": "Note the patch state",
            "embargo": "Record the embargo",
            "lift": "Lift the embargo",
        }
        self._buttons = {name: self._button(name, words) for name, words in names.items()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.row(self._buttons["revise"]))
        self._cards = self._make_cards()
        for card in self._cards.values():
            layout.addWidget(card)

    def _button(self, name: str, words: str) -> QWidget:
        return basics.button(words, lambda: self.pressed.emit(name, self.fields), primary=name == "validate")

    def _make_cards(self) -> dict[str, QWidget]:
        made, buttons = basics.form, self._buttons
        self._told_by = made((("The other finding", self._others),))
        self._reason_for = basics.label("", "section")
        judge = basics.card(
            self._reason_for,
            basics.label("A reason is asked for, and printed with your name.", "muted"),
            made((("Reason", self._reason),)),
            basics.row(buttons["validate"], buttons["reject"], buttons["reopen"]),
            self._told_by,
            basics.row(buttons["duplicate"]),
        )
        score = basics.card(
            basics.label("Severity", "section"),
            made((("CVSS vectors", self._vectors),)),
            basics.row(buttons["score"]),
        )
        track = basics.card(
            basics.label("Patch and embargo", "section"),
            made((("Patch", self._patch), ("Note", self._note))),
            basics.row(buttons["patch"]),
            made((("Embargo until", self._until), ("Known to", self._parties))),
            basics.label("An embargo takes its reason from the box above.", "muted"),
            basics.row(buttons["embargo"], buttons["lift"]),
        )
        return {"judge": judge, "score": score, "patch": track}

    def show_acts(self, shown: FindingShown) -> None:
        """What is possible now."""
        self._filling = True
        acts, fields = shown.acts, shown.fields
        judging = acts & {"validate", "reject", "reopen", "duplicate"}
        for name in ("validate", "reject", "reopen", "revise"):
            self._buttons[name].setVisible(name in acts)
        for widget in (self._told_by, self._buttons["duplicate"]):
            widget.setVisible("duplicate" in acts and bool(shown.others))
        self._others.offer(shown.others)
        # Nobody judges what one wrote; the box then holds the reason of an embargo only.
        basics.set_text(self._reason_for, "Your judgement" if judging else "Reason of an embargo")
        self._cards["judge"].setVisible(bool(judging) or "embargo" in acts)
        self._cards["score"].setVisible("score" in acts)
        self._cards["patch"].setVisible("patch" in acts)
        boxes = (
            (self._reason, fields.reason),
            (self._vectors, fields.vectors),
            (self._parties, fields.parties),
        )
        for box, text in boxes:
            if box.toPlainText() != text:
                box.setPlainText(text)
        self._patch.choose(fields.patch)
        self._note.setText(fields.note)
        self._until.show_date(fields.until)
        self._buttons["lift"].setVisible(bool(fields.parties))
        self._filling = False

    @property
    def fields(self) -> ActFields:
        """What the form holds."""
        return ActFields(
            reason=self._reason.toPlainText(),
            duplicate_of=self._others.value,
            vectors=self._vectors.toPlainText(),
            patch=self._patch.value,
            note=self._note.text(),
            parties=self._parties.toPlainText(),
            until=self._until.value,
        )

    def _changed(self) -> None:
        if not self._filling:
            self.reason_typed.emit(self._reason.toPlainText())
