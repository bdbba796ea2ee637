"""By what authority the documents of a case are classified or controlled: the block every document prints."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from ui.widgets import basics
from workstation.core.markings import AuthorityBlock, BlockKind, CuiDesignation, Source

_SOURCES = "One line a source: title | agency | date as YYYYMMDD | declassify on"
_ABOUT = "Every document of the case prints this block; without it none can be signed."
_PARTS = 4


class AuthorityCard(QFrame):
    """A classification authority block, or a CUI designation, whichever the case's banner asks for."""

    stated = Signal(object)
    typed = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self._lines = basics.label("")
        kinds = ((str(BlockKind.DERIVATIVE), "Derived from sources"), (str(BlockKind.ORIGINAL), "Original"))
        self._kind = basics.choice(kinds)
        self._kind.currentIndexChanged.connect(lambda _index: self._arrange())
        self._texts = {
            "classified_by": basics.line("Name or identifier"),
            "position": basics.line(),
            "office": basics.line(),
            "declassify_on": basics.line("YYYYMMDD, an event, or an exemption"),
            "reason": basics.line("1.4(a) to 1.4(h)"),
            "controlled_by": basics.line(),
            "categories": basics.line("Separated by commas"),
            "limits": basics.line("Separated by commas; may be empty"),
            "contact": basics.line("Telephone or mailbox"),
        }
        self._sources = basics.TextBox("Sources", lines=4)
        self._sources.setPlaceholderText(_SOURCES)
        self._cui = self._filling = False
        self._arrange_forms()
        self._listen()

    def _listen(self) -> None:
        for field in self._texts.values():
            field.textEdited.connect(lambda _text: self.typed.emit(self.fields()))
        self._sources.textChanged.connect(self._sources_typed)
        self._kind.activated.connect(lambda _index: self.typed.emit(self.fields()))

    def _arrange_forms(self) -> None:
        self._classified = self._form(
            ("Kind of decision", self._kind),
            ("Classified by", self._texts["classified_by"]),
            ("Position", self._texts["position"]),
            ("Office", self._texts["office"]),
            ("Declassify on", self._texts["declassify_on"]),
        )
        self._original = self._form(("Reason for classifying", self._texts["reason"]))
        self._derived = self._form(("Sources", self._sources))
        self._controlled = self._form(
            ("Controlled by", self._texts["controlled_by"]),
            ("CUI categories", self._texts["categories"]),
            ("Limited dissemination", self._texts["limits"]),
            ("Point of contact", self._texts["contact"]),
        )
        press = basics.button("State this authority", self._press)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title, about = basics.label("Authority of the marking", "section"), basics.label(_ABOUT, "muted")
        parts = (self._classified, self._original, self._derived, self._controlled)
        layout.addWidget(basics.card(title, about, self._lines, *parts, basics.row(press)))

    @staticmethod
    def _form(*rows: tuple[str, object]) -> QFrame:
        made = QFrame()
        inside = QVBoxLayout(made)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(basics.form(rows))  # type: ignore[arg-type]  # each is a widget
        return made

    def offer(self, lines: tuple[str, ...], *, cui: bool, may: bool) -> None:
        """What is stated now, and the form for whoever may state it."""
        basics.set_text(self._lines, "\n".join(lines) or "Nothing is stated yet.")
        self._cui = cui
        self.setVisible(may)
        self._arrange()

    def _arrange(self) -> None:
        original = self._kind.value == str(BlockKind.ORIGINAL)
        self._classified.setVisible(not self._cui)
        self._original.setVisible(not self._cui and original)
        self._derived.setVisible(not self._cui and not original)
        self._controlled.setVisible(self._cui)

    def _sources_typed(self) -> None:
        if not self._filling:
            self.typed.emit(self.fields())

    def fields(self) -> dict[str, str]:
        """Everything typed, for a draft."""
        texts = {name: field.text() for name, field in self._texts.items()}
        return texts | {"kind": self._kind.value, "sources": self._sources.toPlainText()}

    def restore(self, kept: Mapping[str, str]) -> None:
        """What was typed before a lock or a crash."""
        if self.fields() == {**self.fields(), **kept}:
            return
        self._filling = True
        for name, field in self._texts.items():
            field.setText(kept.get(name, ""))
        self._kind.choose(kept.get("kind", str(BlockKind.DERIVATIVE)))
        self._sources.setPlainText(kept.get("sources", ""))
        self._filling = False
        self._arrange()

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        self.restore(dict.fromkeys(self.fields(), "") | {"kind": self._kind.value})

    def _press(self) -> None:
        self.stated.emit(self._designation() if self._cui else self._block())

    def _text(self, name: str) -> str:
        return self._texts[name].text().strip()

    def _block(self) -> AuthorityBlock:
        kind = BlockKind(self._kind.value)
        original = kind is BlockKind.ORIGINAL
        return AuthorityBlock(
            kind=kind,
            classified_by=self._text("classified_by"),
            position=self._text("position"),
            office=self._text("office"),
            declassify_on=self._text("declassify_on"),
            reason=self._text("reason") if original else "",
            sources=() if original else tuple(map(source_of, self._source_lines())),
        )

    def _source_lines(self) -> list[str]:
        return [line for line in self._sources.toPlainText().splitlines() if line.strip()]

    def _designation(self) -> CuiDesignation:
        def words(name: str) -> tuple[str, ...]:
            return tuple(word.strip() for word in self._text(name).split(",") if word.strip())

        return CuiDesignation(
            controlled_by=self._text("controlled_by"),
            categories=words("categories"),
            limits=words("limits"),
            contact=self._text("contact"),
        )


def source_of(line: str) -> Source:
    """One source of a line; a part that is missing is empty, and told by the rules."""
    parts = [part.strip() for part in line.split("|")]
    title, agency, dated, declassify_on = (*parts, *[""] * _PARTS)[:_PARTS]
    return Source(title=title, agency=agency, dated=dated, declassify_on=declassify_on)
