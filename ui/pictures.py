"""Pictures of the real window, page by page, for the demonstration and the user guide."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from ui.application import application, quieten
from ui.cases.workspace import NAMES
from ui.main_window import MainWindow
from ui.widgets.sidebar import PLACES
from workstation.app import queries
from workstation.app import session as sessions
from workstation.app.services import Services
from workstation.core.cases import CaseState
from workstation.settings import Settings, SettingsInvalid

_SETTLE_MS, _MOST_LOOKS = 120, 20


def take(services: Services, settings: Settings, folder: Path, people: Mapping[str, bytearray]) -> list[Path]:
    """Open the window, walk through every page as each person, and write one PNG a page.

    ``people`` maps login names to passphrases. Returns the files in the order they were taken.
    """
    quieten()
    application(settings)
    window = MainWindow(services, settings)
    window.resize(1366, 768)
    window.show()
    album = _Album(window, folder)
    album.take("consent")
    window.router.accept_consent()
    album.take("unlock")
    damaged = SettingsInvalid(path="settings.toml", reason="Expected an equals sign (at line 1, column 7)")
    window.notices.explain(damaged)
    album.take("unlock-error")
    window.notices.dismiss()
    shown: set[str] = set()
    for login_name, passphrase in people.items():
        session = sessions.unlock(services, login_name=login_name, passphrase=passphrase)
        window.unlocked(session)
        album.take(f"{login_name}-start")
        if not shown:
            window.router.show("settings")
            album.take("settings")
            window.router.show_keys()
            album.take("keys")
            window.router.leave_help()
            # The case that came farthest shows the most.
            rows = sorted(queries.case_rows(session), key=lambda row: row.state is not CaseState.DETERMINED)
            for row in rows[:1]:
                for name in NAMES:
                    window.show_case(row.case_id, name)
                    album.take(f"case-{name}")
        # A page that looks alike for everybody is taken once, as the first who has it sees it.
        mine = [name for name, _text, roles in PLACES if session.person.role in roles and name != "home"]
        for name in (name for name in mine if name not in shown):
            window.router.show(name)
            album.take(f"{login_name}-{name}")
        shown.update(mine)
        window.lock("pictures")
    window.close()
    return album.files


class _Album:
    """Numbers the pictures."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self._window, self._folder = window, folder
        self.files: list[Path] = []

    def take(self, name: str) -> None:
        """Let the page read and settle, until two looks at it are alike, then keep it."""
        self._wait()
        picture = self._window.grab().toImage()
        for _look in range(_MOST_LOOKS):
            before = picture
            self._wait()
            picture = self._window.grab().toImage()
            if picture == before:
                break
        path = self._folder / f"{len(self.files) + 1:02d}-{name}.png"
        picture.save(str(path))
        self.files.append(path)

    def _wait(self) -> None:
        for _round in range(_MOST_LOOKS):
            loop = QEventLoop()
            QTimer.singleShot(_SETTLE_MS, loop.quit)
            loop.exec()
            if not self._window.reads.is_busy and not self._window.jobs.is_busy:
                return
