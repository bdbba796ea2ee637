"""What the router needs of every page: a view with widgets, and a presenter without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ui.panes import first_field


class Page(QWidget):
    """The widgets of a page. Made when first shown, thrown away when the vault locks."""

    def focus_first(self) -> None:
        """Put the keyboard where the person will want it: the first field, unless a page knows better."""
        (first_field(self) or self).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Parts of the page that F6 goes through, each entered at its first field."""
        return (self,)


class PagePresenter(Protocol):
    """What a page does; made with its view and thrown away with it."""

    def refresh(self) -> None:
        """Read the store again."""

    def marking(self) -> str:
        """The banner that covers everything the page shows."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A page as the router keeps it."""

    view: Page
    presenter: PagePresenter
