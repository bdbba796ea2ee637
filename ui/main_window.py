"""The frame and navigation only: banners, sidebar, pages, notices, work strip, status, lock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QScreen, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QStyle, QVBoxLayout, QWidget

from ui import clipboard, keys, look, panes, routes, theme
from ui.arrangement import Arrangement
from ui.card_watch import CardWatch
from ui.collecting import Collector
from ui.desk import Desk
from ui.find_bar import FindBar
from ui.idle import IdleLock
from ui.jobs import ThreadedJobs
from ui.loading import Loader
from ui.presence import Presence
from ui.reading import BackgroundReads
from ui.status import Status
from ui.suspending import SystemLocks
from ui.theming import TITLE, application
from ui.warming import Warmer
from ui.widgets import basics
from ui.widgets.frame import WATERMARK, JobStrip, MarkingBanner, NoticePanel, StatusStrip
from ui.widgets.passphrase import OPENED_BY
from ui.widgets.sidebar import Sidebar
from ui.widgets.stack import PageRoom, Stack
from workstation.settings import Settings

if TYPE_CHECKING:  # the window is drawn before it is loaded
    from workstation.app.services import Services, Session

_log = logging.getLogger(__name__)
_JOIN_S, _HASTE_S = 5.0, 1.0
_DRAFTS_MS = 10_000
_KEY_PAGES = frozenset({"people", "account"})  # what is done there asks for a passphrase
_USUAL, _ROOMY = (1280, 800), (1500, 950)  # pixels: the window, and a screen with room around it


class MainWindow(QWidget):
    """Satisfies ``ui.desk.Routes``. Locking wins over every page, dialog and job."""

    def __init__(self, services: Services, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("frame")
        self.setWindowTitle(TITLE)
        self._settings = settings
        self._fit_screen()
        self.jobs, self.notices = ThreadedJobs(self), NoticePanel()
        self.reads = BackgroundReads(self)
        self._collector = Collector(self)
        self._collector.start()
        self.desk = Desk(
            services=services,
            settings=settings,
            station=settings,
            jobs=self.jobs,
            notices=self.notices,
            routes=self,
            reads=self.reads,
        )
        self.arrangement = Arrangement(lambda: self.desk.drafts)
        self.banners = (MarkingBanner("top"), MarkingBanner("bottom"))
        self._countdown = basics.label("", "watermark")
        self.sidebar, self.pages = Sidebar(), Stack()
        self._strip, self._status_strip = JobStrip(), StatusStrip()
        self.idle = IdleLock(settings.lock_after_minutes, self)
        self.system_locks, self.card_watch = SystemLocks(parent=self), CardWatch(self)
        self._drafts_timer = QTimer(self, interval=_DRAFTS_MS)
        self._work_marking = ""
        self._loader: Loader | None = None
        self._lay_out()
        self.router = routes.Router(self.desk, self.pages)
        self.find_bar = FindBar(lambda: self.router.page)
        self._middle.insertWidget(1, self.find_bar)
        self._status = Status(self.desk, self.idle, self.system_locks, self._status_strip, self._countdown)
        self._connect()
        self.router.show_entrance()
        self._dress(settings)

    def _dress(self, settings: Settings) -> None:
        """Fonts and colours for the program, the style sheet for this window and its dialogs.

        A style sheet of the program would be worked through once more each time a part is put into another
        while a page is being made; that of the window counts once, when the page comes into the window.
        """
        application(settings)
        sheet = theme.style_sheet(settings)
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
            self.sidebar.fit()

    def _fit_screen(self) -> None:
        """As large as usual where there is room; elsewhere within the screen, its title bar included."""
        room = self.screen().availableGeometry()
        style = self.style()
        title = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        frame = 2 * style.pixelMetric(QStyle.PixelMetric.PM_MdiSubWindowFrameWidth)
        width, height = room.width() - frame, room.height() - title - frame
        self.resize(min(_USUAL[0], width), min(_USUAL[1], height))

    def open(self) -> None:
        """Show the window; on a small screen it takes all of it."""
        room = self.screen().availableGeometry()
        roomy = room.height() >= _ROOMY[1] and room.width() >= _ROOMY[0]
        (self.show if roomy else self.showMaximized)()

    def load_soon(self, pieces: Callable[[], Iterator[None]]) -> None:
        """Load these pieces and then every page's module, as soon as this window is drawn."""
        self._loader = Loader(lambda: chain(pieces(), routes.load_pages()), self)
        self._loader.failed.connect(self.desk.failed)

    def _screen_went(self, _screen: QScreen) -> None:
        QTimer.singleShot(0, self, self.come_back)

    def come_back(self) -> None:
        """A display was unplugged: a window that nobody could see any more comes to one that is there."""
        screens = QApplication.screens()
        seen = any(screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens)
        if screens and not seen:
            room = screens[0].availableGeometry()
            self.setGeometry(room.intersected(QRect(room.topLeft(), self.size())))
            self.notices.tell("The display this window was on is gone. What was typed is kept.")

    def _lay_out(self) -> None:
        watermark = basics.label(self.desk.services.watermark, "watermark")
        watermark.setProperty(WATERMARK, True)  # dialogs repeat it
        for strip in (watermark, self._countdown):
            strip.setAlignment(Qt.AlignmentFlag.AlignCenter)
        watermark.setVisible(bool(self.desk.services.watermark))
        self._countdown.hide()
        middle = self._middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 16, 12)
        middle.setSpacing(12)
        middle.addWidget(self.notices)
        middle.addWidget(PageRoom(self.pages), 1)
        middle.addWidget(self._strip)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.sidebar)
        across.addLayout(middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banners[0])
        layout.addWidget(watermark)
        layout.addWidget(self._countdown)
        layout.addLayout(across, 1)
        layout.addWidget(self._status_strip)
        layout.addWidget(self.banners[1])

    def _connect(self) -> None:
        self.jobs.started.connect(self._work_began)
        self.jobs.progressed.connect(self._strip.show_progress)
        self.jobs.ended.connect(self._work_ended)
        self._strip.cancelled.connect(self.jobs.cancel)
        self._strip.paused.connect(lambda paused: self.jobs.pause(paused=paused))
        self.sidebar.chosen.connect(self.router.show)
        self.sidebar.find_pressed.connect(self._search)
        self.sidebar.help_pressed.connect(self.router.show_help)
        self.sidebar.lock_pressed.connect(lambda: self.lock("asked"))
        self.router.shown.connect(self._show_marking)
        self.router.arrived.connect(self.sidebar.mark)
        self.idle.expired.connect(lambda: self.lock("idle"))
        self.system_locks.asked.connect(self.lock)
        self.card_watch.removed.connect(lambda: self.lock("card-removed"))
        self.idle.counted.connect(lambda _left_s: self._status.refresh())
        self.router.leaving.connect(self.find_bar.forget)
        self._drafts_timer.timeout.connect(self._keep_drafts)
        self._bind_keys()
        qt = application()
        self._presence = Presence(qt, self)
        self._presence.seen.connect(self.idle.touched)
        self.warmer = Warmer(self.router.prepare_next, self._is_quiet, self)
        self.router.arrived.connect(lambda _name: self.warmer.begin())
        qt.focusChanged.connect(self._yield_keys)
        qt.screenRemoved.connect(self._screen_went)
        self._status.refresh()

    def _bind_keys(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "lock": lambda: self.lock("asked"),
            "help": self.router.show_help,
            "keys": self.router.show_keys,
            "search": self._search,
            "find": self.find_bar.open,
            "find-next": lambda: self.find_bar.step(1),
            "find-previous": lambda: self.find_bar.step(-1),
            "larger": lambda: self.restyle(look.larger(self.desk.settings, 1)),
            "smaller": lambda: self.restyle(look.larger(self.desk.settings, -1)),
            "next-pane": lambda: panes.go(self.panes(), 1),
            "previous-pane": lambda: panes.go(self.panes(), -1),
            "next-tab": lambda: self.router.turn_tab(1),
            "previous-tab": lambda: self.router.turn_tab(-1),
            "refresh": self.router.refresh,
            "back": self._back,
            "settings": lambda: self.router.show_in_vault("settings"),
            "quit": self.close,
        }
        self._acts = acts
        self._shortcuts: list[QShortcut] = []
        for key in keys.KEYS:
            if key.act:
                shortcut = QShortcut(QKeySequence(key.keys), self)
                shortcut.activated.connect(lambda act=acts[key.act]: act())
                self._shortcuts.append(shortcut)

    def _yield_keys(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Where a part of a page has a key of its own, it is that part's: Qt would call both ambiguous."""
        taken: set[str] = set()
        while now is not None and now is not self:
            taken |= {
                own.key().toString()
                for own in now.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly)
            }
            now = now.parentWidget()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(shortcut.key().toString() not in taken)

    def _is_quiet(self) -> bool:
        loading = self._loader is not None and not self._loader.is_done
        return not (loading or self._presence.is_recent or self.reads.is_busy)

    def _search(self) -> None:
        from ui import commands  # noqa: PLC0415 - the window is drawn before it is loaded

        self.router.show_search(commands.offered(self, self._acts))

    def panes(self) -> list[QWidget]:
        """What F6 goes through."""
        return [self.sidebar, self.notices, *self.router.page.panes(), self._strip]

    def _back(self) -> None:
        if not (self.find_bar.leave() or self.router.leave_help() or self.router.leave_search()):
            self.notices.dismiss()

    def _keep_drafts(self) -> None:
        self.desk.drafts.flush_soon(self.reads)

    def restyle(self, settings: Settings) -> None:
        """Another text size or theme, at once and for this person from now on; pages are made anew in it."""
        if settings == self.desk.settings:
            return
        self.desk.settings = settings
        place = self.router.place
        if self.desk.session is not None:
            self.desk.drafts.put(look.OF_NO_CASE, look.PART, self._kept())
            self.router.forget()
            # Pages that are made anew need not be drawn anew first: that would take seconds.
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self._dress(settings)
        self.idle.limit(settings.lock_after_minutes)
        if self.desk.session is not None:
            self.router.go_to(place)

    def _kept(self) -> dict[str, str]:
        place = self.router.place
        return look.kept(self.desk.settings) | {"place": place.name, "case": place.case_id, "tab": place.tab}

    # --- what the frame shows ------------------------------------------------------------------

    def _show_marking(self, marking: str) -> None:
        """Cover the page and the work under way, whose file names the strip shows."""
        session, shown = self.desk.session, marking
        if session is not None:
            from workstation.app import queries  # noqa: PLC0415 - the window is drawn before it is loaded

            both = [one for one in (marking, self._work_marking) if one]
            shown = queries.covering_marking(session, both)
        for banner in self.banners:
            banner.show_marking(shown)

    def _work_began(self) -> None:
        room = self.router.room
        self._work_marking = room.presenter.marking() if room is not None else ""
        of_keys = self.desk.session is None or self.router.place.name in _KEY_PAGES
        self._strip.begin("keys.derive" if of_keys else "begin")

    def _work_ended(self) -> None:
        self._work_marking = ""
        self._strip.end()
        self.marking_changed()

    # --- routes --------------------------------------------------------------------------------

    def unlocked(self, session: Session) -> None:
        """A person unlocked the vault; they find themselves where they were."""
        from workstation.app import cards, training  # noqa: PLC0415 - the window is drawn before it is loaded

        self.desk.arrive(session)
        self.setProperty(OPENED_BY, session.vault.card_serial)
        self.notices.dismiss()
        self.idle.start()
        self._drafts_timer.start()
        if session.vault.card_serial and self._settings.lock_on_card_removal:
            self.card_watch.start(lambda: cards.is_gone(session))
        kept = self.desk.drafts.get(look.OF_NO_CASE, look.PART)
        self.desk.settings = look.wanted(self._settings, kept)
        self._dress(self.desk.settings)
        self.idle.limit(self.desk.settings.lock_after_minutes)
        self.sidebar.show_for(session.person.role, training=training.is_offered(session))
        self._status.arrived(session)
        self.router.return_to(
            routes.Place(name=kept.get("place", ""), case_id=kept.get("case", ""), tab=kept.get("tab", ""))
        )

    def show_cases(self) -> None:
        """The case list."""
        self.router.show("cases")

    def show_case(self, case_id: str, tab: str = "overview") -> None:
        """One case."""
        self.router.show_case(case_id, tab)

    def show_page(self, name: str) -> None:
        """A page by name."""
        self.router.show(name)

    def show_entrance(self) -> None:
        """What a locked vault shows, and the clock as it is now."""
        self._status.left()
        self.router.show_entrance()

    def show_verify(self) -> None:
        """The page that verifies an export."""
        self.router.show("verify")

    def marking_changed(self) -> None:
        """What is on screen was read anew."""
        self.router.tell_marking()

    def lock(self, reason: str) -> None:
        """Lock now: stop the job at its next piece, keep drafts, wipe the keys, forget every page."""
        from workstation.app import session as sessions  # noqa: PLC0415 - the window is drawn before it is loaded

        session, drafts = self.desk.session, self.desk.drafts
        if session is not None:
            drafts.put(look.OF_NO_CASE, look.PART, self._kept())
        self.find_bar.clear()
        clipboard.forget()
        self.desk.arrive(None)
        self.idle.stop()
        self.card_watch.stop()
        self._drafts_timer.stop()
        self.jobs.cancel()
        self.jobs.pause(paused=False)
        self._close_others()
        self.router.forget()
        self.sidebar.hide_all()
        self._strip.end()
        self._work_marking = ""
        if session is not None:
            # The system waits some seconds before it sleeps, and the keys must be gone by then.
            join_s = _HASTE_S if reason == "suspend" else _JOIN_S
            self.jobs.join(join_s)
            self.reads.forget(join_s)
            drafts.flush()
            self._quietly(lambda: sessions.lock(session, reason=reason))
        self.notices.dismiss()
        self._status.left()
        self.desk.settings = self._settings
        if session is not None:
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self._dress(self._settings)
        self.router.show_entrance()

    def _close_others(self) -> None:
        """No dialog, list or menu outlives the lock."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
            popup.hide()
        for dialog in self.findChildren(QDialog):
            dialog.close()

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
        self._status.stop()
        self._presence.stop()
        self.warmer.stop()
        if self._loader is not None:
            self._loader.stop()
        self._collector.stop()
        event.accept()
