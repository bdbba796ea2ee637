"""What the router needs of every page."""

from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """A page of the window. Made when first shown, thrown away when the vault locks."""

    def refresh(self) -> None:
        """Read the store again."""

    def focus_first(self) -> None:
        """Put the keyboard where the person will want it."""
        self.setFocus()

    def marking(self) -> str:
        """The banner that covers everything the page shows."""
        return ""
