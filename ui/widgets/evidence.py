"""Buttons that open the places an answer or a finding rests on."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets import basics
from ui.widgets.text import shown
from workstation.core.values import EvidenceLink

_MOST_NAME_CHARS = 50


class EvidenceLinks(QWidget):
    """One button a link; a name too long for a button keeps its end, where the file is told."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)

    def show_links(self, links: Iterable[EvidenceLink]) -> None:
        """Other links."""
        basics.empty(self._rows)
        for link in links:
            self._rows.addWidget(basics.row(self._button(link)))

    def _button(self, link: EvidenceLink) -> QWidget:
        name = f"{link.untrusted_path} {link.anchor}".strip()
        words = shown(name if len(name) <= _MOST_NAME_CHARS else f"\u2026{name[-_MOST_NAME_CHARS:]}")
        # An ampersand would be read as the mark of a key.
        made = basics.button(f"Open {words.replace('&', '&&')}", lambda: self.opened.emit(link))
        made.setAccessibleName(f"Open the evidence {words}")
        return made
