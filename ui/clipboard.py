"""What was copied here goes when nobody is at the desk any more."""

from PySide6.QtGui import QClipboard, QGuiApplication


def forget() -> None:
    """Empty the clipboard and the selection where they hold something of this program, and only there."""
    board = QGuiApplication.clipboard()
    if board.ownsClipboard():
        board.clear(QClipboard.Mode.Clipboard)
    if board.supportsSelection() and board.ownsSelection():
        board.clear(QClipboard.Mode.Selection)
