"""One card for everything that leads a case off its straight line: choose what happened, fill in, record."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.overview.presenter import ExitFields
from ui.widgets import basics
from ui.widgets.fields import DateField
from workstation.app.wording import sentence, word
from workstation.core.exits import Disposition

# Which fields each act asks for.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "hold": ("reason",),
    "lift": ("reason",),
    "lapse": ("reason", "disposition"),
    "supersede": ("checkpoint", "reason"),
    "replace-reviewer": ("leaves", "comes", "reason"),
    "disposition": ("what", "material", "done_on", "reference"),
}


class ExitsCard(QWidget):
    """Hidden where nothing is on offer."""

    pressed = Signal(object)
    typed = Signal(object)  # what is to be kept until it is recorded

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._act = basics.choice(())
        self._about = basics.label("", "muted")
        self._texts = {
            name: basics.line() for name in ("reason", "disposition", "checkpoint", "material", "reference")
        }
        for text in self._texts.values():
            text.textEdited.connect(lambda _text: self.typed.emit(self._kept()))
        self._leaves, self._comes = basics.choice(()), basics.choice(())
        self._what = basics.choice((str(one), word("disposition", one)) for one in Disposition)
        self._done_on = DateField(desk.dates, desk.here.today())
        self._fields: dict[str, QWidget] = {
            **self._texts,
            "leaves": self._leaves,
            "comes": self._comes,
            "what": self._what,
            "done_on": self._done_on,
        }
        rows = basics.form(
            (("What happened", self._act), *((sentence("exit-field", n), f) for n, f in self._fields.items()))
        )
        form = rows.layout()
        if not isinstance(form, QFormLayout):
            raise TypeError
        self._form = form
        self._press = basics.button("Record this", lambda: self.pressed.emit(self._typed()))
        self._act.currentIndexChanged.connect(lambda _index: self._arrange())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                basics.label("Holds, lapse and other turns", "section"),
                rows,
                self._about,
                basics.row(self._press),
            )
        )

    def offer(
        self,
        acts: tuple[str, ...],
        reviewers: tuple[tuple[str, str], ...],
        able: tuple[tuple[str, str], ...],
    ) -> None:
        """Which acts the person may take, who may be replaced and by whom."""
        self._act.offer((act, sentence("exit", act)) for act in acts)
        self._leaves.offer(reviewers)
        self._comes.offer(able)
        self.setVisible(bool(acts))
        self._arrange()

    def _kept(self) -> dict[str, str]:
        typed = {name: text.text() for name, text in self._texts.items()}
        return {"act": self._act.value, **typed} if any(typed.values()) else {}

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

    def _arrange(self) -> None:
        act = self._act.value
        for name, field in self._fields.items():
            self._form.setRowVisible(field, name in _FIELDS.get(act, ()))
        basics.set_text(self._about, sentence("exit-about", act) if act else "")

    def _typed(self) -> ExitFields:
        return ExitFields(
            act=self._act.value,
            leaves=self._leaves.value,
            comes=self._comes.value,
            what=self._what.value,
            done_on=self._done_on.value,
            **{name: text.text().strip() for name, text in self._texts.items()},
        )
