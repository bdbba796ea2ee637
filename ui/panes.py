"""F6: from one part of the window to the next, each entered at its first field."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def first_field(pane: QWidget) -> QWidget | None:
    """The first widget of a pane, in the order of Tab, that takes the keyboard."""
    widget: QWidget | None = pane
    while widget is not None:
        takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        inside = widget is pane or pane.isAncestorOf(widget)
        if inside and takes and widget.isEnabled() and widget.isVisible():
            return widget
        widget = widget.nextInFocusChain()
        if widget is pane:
            return None
    return None


def go(panes: Sequence[QWidget], step: int) -> None:
    """Move the keyboard to the pane before or after the one that has it."""
    fields = [
        (pane, field) for pane in panes if pane.isVisible() and (field := first_field(pane)) is not None
    ]
    if not fields:
        return
    now = QApplication.focusWidget()
    within = [
        i
        for i, (pane, _f) in enumerate(fields)
        if now is not None and (pane is now or pane.isAncestorOf(now))
    ]
    start = within[-1] if within else (-1 if step > 0 else 0)
    _pane, field = fields[(start + step) % len(fields)]
    field.setFocus(Qt.FocusReason.OtherFocusReason)
