"""Python's cycle collector, kept to the window's thread while a window is open.

Pages refer to themselves in rings, and the collector runs in whichever thread happens to allocate. A model
or timer of a page that the lock threw away would then be destroyed by the thread that reads or hashes,
which Qt does not survive. Plain reference counting is not affected.
"""

import gc
from typing import ClassVar

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Collector(QObject):
    """Looks twice a second whether a generation is due; young ones cost well under a millisecond."""

    _open: ClassVar[int] = 0

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = False
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """A window is open: nothing is collected outside its thread any more."""
        if not self._runs:
            self._runs = True
            Collector._open += 1
            gc.disable()
            gc.freeze()  # what is loaded by now stays; looking through it again would only cost time
            self._timer.start()

    def stop(self) -> None:
        """The window is closed; with the last one the interpreter collects by itself again."""
        if self._runs:
            self._runs = False
            Collector._open -= 1
            self._timer.stop()
            gc.collect()
            if not Collector._open:
                gc.unfreeze()
                gc.enable()

    @staticmethod
    def look() -> None:
        """Collect the oldest generation whose count is over its threshold."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                return
