"""The one Qt application of the process, and the look it has now."""

from PySide6.QtWidgets import QApplication

from ui import theme
from workstation.settings import Settings

TITLE = "Frontier Review Workstation"


def application(settings: Settings | None = None) -> QApplication:
    """The application, in the look of these settings, or as it looks now."""
    existing = QApplication.instance()
    made = existing if isinstance(existing, QApplication) else QApplication([TITLE])
    made.setApplicationName(TITLE)
    if settings is not None and made.property("look") != (wanted := _look(settings)):
        made.setProperty("look", wanted)
        theme.apply(made, settings)
    return made


def _look(settings: Settings) -> str:
    return f"{settings.theme} {settings.text_percent}"
