"""The frame and navigation only: banners, sidebar, pages, notices, work strip, status, lock."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui import routes
from ui.desk import Desk
from ui.idle import IdleLock
from ui.jobs import ThreadedJobs
from ui.widgets import basics
from ui.widgets.frame import JobStrip, MarkingBanner, NoticePanel, StatusStrip
from ui.widgets.sidebar import Sidebar
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.app.wording import word
from workstation.settings import Settings

_log = logging.getLogger(__name__)
_JOIN_S = 5.0
TITLE = "Frontier Review Workstation"


class MainWindow(QWidget):
    """Satisfies ``ui.desk.Routes``. Locking wins over every page and job."""

    def __init__(self, services: Services, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("frame")
        self.setWindowTitle(TITLE)
        self.resize(1280, 760)
        self.jobs, self.notices = ThreadedJobs(self), NoticePanel()
        self.desk = Desk(
            services=services, settings=settings, jobs=self.jobs, notices=self.notices, routes=self
        )
        self._banners = (MarkingBanner("top"), MarkingBanner("bottom"))
        self.sidebar, self.pages = Sidebar(), QStackedWidget()
        self._strip, self._status = JobStrip(), StatusStrip()
        self.idle = IdleLock(settings.lock_after_minutes, self)
        self._lay_out()
        self._connect()
        self.router = routes.Router(self.desk, self.pages)
        self.sidebar.chosen.connect(self.router.show)
        self.router.shown.connect(self._page_shown)
        self.router.show_entrance()

    def _lay_out(self) -> None:
        watermark = basics.label(self.desk.services.watermark, "watermark", wrap=False)
        watermark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        watermark.setVisible(bool(self.desk.services.watermark))
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 16, 12)
        middle.addWidget(self.notices)
        middle.addWidget(self.pages, 1)
        middle.addWidget(self._strip)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.sidebar)
        across.addLayout(middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._banners[0])
        layout.addWidget(watermark)
        layout.addLayout(across, 1)
        layout.addWidget(self._status)
        layout.addWidget(self._banners[1])

    def _connect(self) -> None:
        self.jobs.started.connect(self._strip.begin)
        self.jobs.progressed.connect(self._strip.show_progress)
        self.jobs.ended.connect(self._strip.end)
        self._strip.cancelled.connect(self.jobs.cancel)
        self._strip.paused.connect(lambda paused: self.jobs.pause(paused=paused))
        self.sidebar.lock_pressed.connect(lambda: self.lock("asked"))
        self.idle.expired.connect(lambda: self.lock("idle"))
        self.idle.counted.connect(lambda _left_s: self._refresh_status())
        lock_keys = QShortcut(QKeySequence("Ctrl+L"), self)
        lock_keys.activated.connect(lambda: self.lock("asked"))
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # one exists before any widget
        self._refresh_status()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key or mouse button counts as presence."""
        if event.type() in {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel}:
            self.idle.touched()
        return super().eventFilter(watched, event)

    def _page_shown(self, marking: str) -> None:
        for banner in self._banners:
            banner.show_marking(marking)

    def _refresh_status(self) -> None:
        session = self.desk.session
        walls = self.desk.services.isolation
        network = (
            "Network blocked by the system" if "network" in walls else "Network not blocked on this system"
        )
        if session is None:
            self._status.show_status(person="", vault="Vault locked", lock="", walls=network)
            return
        person = f"{session.person.display_name}, {word('role', session.person.role)}"
        left = self.idle.left_text()
        self._status.show_status(person=person, vault="Vault open", lock=left, walls=network)

    # --- routes --------------------------------------------------------------------------------

    def unlocked(self, session: Session) -> None:
        """A person unlocked the vault."""
        self.desk.session = session
        self.notices.dismiss()
        self.idle.start()
        self.sidebar.show_for(session.person.role)
        self._refresh_status()
        self.router.show_home()

    def show_cases(self) -> None:
        """The case list."""
        self.router.show("cases")

    def show_case(self, case_id: str, tab: str = "overview") -> None:
        """One case."""
        self.router.show_case(case_id, tab)

    def show_verify(self) -> None:
        """The page that verifies an export."""
        self.router.show("verify")

    def lock(self, reason: str) -> None:
        """Lock now: stop the job at its next piece, wipe the keys, forget every page."""
        session, self.desk.session = self.desk.session, None
        self.idle.stop()
        self.jobs.cancel()
        self.jobs.pause(paused=False)
        self.router.forget()
        self.sidebar.hide_all()
        if session is not None:
            self.jobs.join(_JOIN_S)
            self._quietly(lambda: sessions.lock(session, reason=reason))
        self.notices.dismiss()
        self._refresh_status()
        self.router.show_entrance()

    def _quietly(self, act: Callable[[], None]) -> None:
        """Locking succeeds even when its audit row cannot be written; the keys are gone by then."""
        try:
            act()
        except Exception as caught:  # noqa: BLE001 - told to the person as a defect, the vault is locked
            error = caught
            QTimer.singleShot(0, lambda: self.notices.defect(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window locks the vault first."""
        if self.desk.session is not None:
            self.lock("window-closed")
        event.accept()
