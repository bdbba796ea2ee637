"""A field for a marking, and the editor that puts one together and never gives back what is no marking."""

from collections.abc import Callable

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListView, QWidget

from ui import theme
from ui.widgets import basics
from ui.widgets.choosing import frame_in_banners
from workstation.app.markings import explain
from workstation.app.wording import word
from workstation.core.markings import Kind, MarkingCheck, Profile, Vocabulary, check
from workstation.core.markings.composing import (
    LEVELS,
    Composition,
    Part,
    Word,
    composed,
    offered,
    taken_apart,
)
from workstation.core.markings.vocabulary import Level

_WORD = Qt.ItemDataRole.UserRole
_SHOWN_RULES = 4
_LIST_LINES = 10


class MarkingEditor(QDialog):
    """Banner on top, what it is made of below; only an accepted marking can be used."""

    used = Signal(str)

    def __init__(self, parent: QWidget, vocabulary: Vocabulary, text: str) -> None:
        super().__init__(parent.window())
        self.setWindowTitle("Put a marking together")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._vocabulary, self._filling = vocabulary, False
        self._base: Composition | None = None
        self._banner = basics.line()
        self._banner.textEdited.connect(self._read)
        self._told = basics.label("")
        self._better = basics.button("", self._take_suggestion)
        self._profile = basics.choice((str(one), word("marking-profile", one)) for one in Profile)
        self._level = basics.choice(())
        self._find = basics.line("Words of what you look for: country, control, category")
        self._words = _Words()
        self._list = QListView()
        self._list.setModel(self._words.shown)
        self._list.setAccessibleName("What applies")
        self._list.setUniformItemSizes(True)
        self._list.setMinimumHeight(self.fontMetrics().lineSpacing() * _LIST_LINES)
        self._profile.currentIndexChanged.connect(self._change_profile)
        self._level.currentIndexChanged.connect(self._offer)
        self._find.textEdited.connect(self._words.find)
        self._words.model.itemChanged.connect(lambda _item: self._write())
        self._use = basics.button("Use this marking", self._take, primary=True)
        leave = basics.button("Leave it as it was", self.reject)
        rows = (("Banner", self._banner), ("Rules", self._profile), ("Classification", self._level))
        inner = basics.column(
            basics.form(rows),
            self._told,
            basics.row(self._better),
            basics.form((("Find", self._find),)),
            self._list,
            basics.row(self._use, leave),
            margin=4,
        )
        frame_in_banners(self, parent, basics.scrolling(inner))
        self.resize(theme.space(190), theme.space(165))
        self._banner.setText(text)
        self._read(text)
        self._banner.setFocus()

    def _read(self, text: str) -> None:
        """The typed text is the truth; what is below follows it as far as it can be read."""
        profile = Profile(self._profile.value)
        judged = check(text, vocabulary=self._vocabulary, kind=Kind.BANNER, profile=profile)
        if judged.marking is None and not judged.accepted:
            others = (check(text, vocabulary=self._vocabulary, kind=Kind.BANNER, profile=p) for p in Profile)
            judged = next((one for one in others if one.accepted), judged)
        if judged.marking is not None:
            self._base = taken_apart(judged.marking)
            self._show(self._base)
        self._tell(judged)

    def _show(self, base: Composition) -> None:
        self._filling = True
        self._profile.choose(str(base.profile))
        self._offer_levels(base.profile)
        self._level.choose(str(int(base.level)))
        self._words.fill(offered(self._vocabulary, base.profile, base.level), base.words)
        self._filling = False

    def _offer_levels(self, profile: Profile) -> None:
        self._level.offer((str(int(level)), level.banner) for level in LEVELS[profile])

    def _change_profile(self) -> None:
        if not self._filling:
            self._offer_levels(Profile(self._profile.value))
            self._offer()

    def _offer(self) -> None:
        """Another level has other words; what stands at both stays ticked."""
        if self._filling:
            return
        self._filling = True
        profile, level = Profile(self._profile.value), Level(int(self._level.value))
        self._words.fill(offered(self._vocabulary, profile, level), self._words.ticked())
        self._filling = False
        self._write()

    def _write(self) -> None:
        if self._filling:
            return
        base = self._base.base if self._base is not None else None
        wanted = Composition(
            profile=Profile(self._profile.value),
            level=Level(int(self._level.value)),
            words=self._words.ticked(),
            base=base,
        )
        judged = composed(wanted, self._vocabulary)
        self._banner.setText(judged.text)
        self._tell(judged)

    def _tell(self, judged: MarkingCheck) -> None:
        """Either how it reads before a paragraph, or what is wrong and what to write instead."""
        if judged.accepted and judged.marking is not None:
            told = f"A marking. Before a paragraph it reads {judged.marking.portion()}."
        else:
            broken = [explain(one) for one in judged.broken[:_SHOWN_RULES]]
            told = "Not a marking yet. " + " ".join(f"{one.what} {one.next}" for one in broken)
        basics.set_text(self._told, told)
        self._suggested = judged.suggestion if judged.suggestion != judged.text else ""
        self._better.setText(f"Write {self._suggested}")
        self._better.setVisible(bool(self._suggested))
        self._use.setEnabled(judged.accepted)

    def _take_suggestion(self) -> None:
        self._banner.setText(self._suggested)
        self._read(self._suggested)

    def _take(self) -> None:
        text = self._banner.text()
        self.accept()
        self.used.emit(text)


class _Words:
    """Everything that may be ticked, found by its words."""

    def __init__(self) -> None:
        self.model, self.shown = QStandardItemModel(), QSortFilterProxyModel()
        self.shown.setSourceModel(self.model)
        self.shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def fill(self, words: tuple[Word, ...], ticked: frozenset[tuple[Part, str]]) -> None:
        """Offer these; those that are ticked stand first."""
        items = []
        for one in sorted(words, key=lambda one: _rank(one, ticked)):
            item = QStandardItem(f"{word('marking-part', one.part)} {one.name}: {one.title}")
            item.setData((one.part, one.name), _WORD)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            )
            on = Qt.CheckState.Checked if (one.part, one.name) in ticked else Qt.CheckState.Unchecked
            item.setCheckState(on)
            items.append(item)
        self.model.clear()
        self.model.invisibleRootItem().appendRows(items)

    def find(self, text: str) -> None:
        """Show what holds these words."""
        self.shown.setFilterFixedString(text.strip())

    def ticked(self) -> frozenset[tuple[Part, str]]:
        """What applies."""
        found = []
        for number in range(self.model.rowCount()):
            item = self.model.item(number)
            if item.checkState() is Qt.CheckState.Checked:
                part, name = item.data(_WORD)
                found.append((Part(part), str(name)))
        return frozenset(found)


def _rank(one: Word, ticked: frozenset[tuple[Part, str]]) -> tuple[bool, bool]:
    """What is ticked stands first, then what is asked for most."""
    return (one.part, one.name) not in ticked, one.part is not Part.CONTROL


class MarkingField(QWidget):
    """One line, and a button that opens the editor; to a form it is the line."""

    textEdited = Signal(str)  # noqa: N815 - as of the line that it stands for
    returnPressed = Signal()  # noqa: N815

    def __init__(self, vocabulary: Callable[[], Vocabulary], placeholder: str = "") -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self.line: QLineEdit = basics.line(placeholder)
        self.line.textEdited.connect(self.textEdited)
        self.line.returnPressed.connect(self.returnPressed)
        self._open = basics.button("Compose…", self.compose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(self.line, 1)
        layout.addWidget(self._open)
        self.setFocusProxy(self.line)

    def setAccessibleName(self, name: str) -> None:
        """The line is what a screen reader names; the button says what it composes."""
        self.line.setAccessibleName(name)
        self._open.setAccessibleName(f"Compose: {name}")

    def text(self) -> str:
        """What is typed."""
        return self.line.text()

    def setText(self, text: str) -> None:
        """Show another text."""
        self.line.setText(text)

    def clear(self) -> None:
        """Nothing typed."""
        self.line.clear()

    def compose(self) -> MarkingEditor:
        """Open the editor on what is typed."""
        editor = MarkingEditor(self, self._vocabulary(), self.line.text())
        editor.used.connect(self._use)
        editor.open()
        return editor

    def _use(self, text: str) -> None:
        self.line.setText(text)
        self.textEdited.emit(text)
        self.line.setFocus()
