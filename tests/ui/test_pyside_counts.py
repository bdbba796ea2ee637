"""PySide6 keeps its reference counts on this Python."""

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


def test_qt_calls_keep_the_references_to_the_singletons(qtbot: QtBot) -> None:
    """A thousand calls that return None, True or False leave their reference counts where they were.

    PySide6 6.12.0 drops one reference a call on Python 3.10 and 3.11 and aborts after some 5,000 of them.
    """
    label = QLabel()
    qtbot.addWidget(label)
    before = [sys.getrefcount(one) for one in (None, True, False)]
    for number in range(1_000):
        label.setText(str(number))
        label.isEnabled()
        label.isModal()
    after = [sys.getrefcount(one) for one in (None, True, False)]
    assert all(abs(now - then) < 100 for now, then in zip(after, before, strict=True)), (before, after)
