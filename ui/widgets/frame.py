"""What surrounds every page: marking banners, the demonstration strip, notices, work in progress, status."""

import logging
import secrets
import time

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from ui import theme
from ui.widgets import basics
from ui.widgets.text import shown
from workstation.app import wording
from workstation.core.errors import EnvironmentFault, Tampered, WorkstationError
from workstation.core.jobs import Progress

_log = logging.getLogger(__name__)
WATERMARK = "watermark"  # the property of the label that repeats it
_DETAIL_CHARS = 40
_NOTICE_PARTS = 3  # a notice takes at most this part of the window's height


class MarkingBanner(basics.Text):
    """The classification of what is on screen, in words; colour only helps."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self.banner = ""
        self.show_marking("")

    def show_marking(self, banner: str) -> None:
        """Show a banner; the whole text is always visible."""
        self.banner = banner
        text = banner or "NO CASE OPEN"
        background, foreground = theme.marking_colours(banner)
        self.show_text(text)
        self.setAccessibleName(f"Classification banner, {self._place}: {text}")
        self.setStyleSheet(
            f"background: {background}; color: {foreground}; font-weight: 600; padding: 3px;"
            "qproperty-alignment: AlignCenter;"
        )


class _NoticeWords(basics.Scrolling):
    """As high as its words, up to a third of the window; further ones are scrolled to, by keyboard too."""

    def __init__(self, content: QWidget) -> None:
        super().__init__(content)
        self.setObjectName("notice-words")
        self.setAccessibleName("Words of the notice")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Other words want another height."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def hasHeightForWidth(self) -> bool:
        """Words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the words at this width, limited."""
        edges = 2 * self.frameWidth()
        return min(self._whole(width - edges) + edges, self.window().height() // _NOTICE_PARTS)

    def sizeHint(self) -> QSize:
        """At the present width."""
        return QSize(super().sizeHint().width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """No wider than need be; one line at least."""
        return QSize(0, self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Only where there is something to scroll does the keyboard stop here."""
        super().resizeEvent(event)
        more = self._whole(self.viewport().width()) > self.viewport().height()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if more else Qt.FocusPolicy.NoFocus)

    def _whole(self, width: int) -> int:
        content = self._content
        return content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()


class NoticePanel(QFrame):
    """Words for the person inside the window: what happened, what to do next. Satisfies ``Notices``."""

    appeared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._what, self._next = (
            basics.label(style="section"),
            basics.selectable(),
            basics.selectable(),
        )
        self._close = basics.button("Close notice", self.dismiss)
        self._words = _NoticeWords(basics.column(self._title, self._what, self._next, gap=1))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.space(3),) * 4)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def explain(self, error: WorkstationError) -> None:
        """What happened and what to do next."""
        message = wording.explain(error)
        what = message.what
        from workstation.core.determinations import StepBlocked  # noqa: PLC0415 - the window is drawn before it is loaded

        if isinstance(error, StepBlocked):
            lines = [
                wording.sentence("blocker", blocked.blocker, subjects=", ".join(blocked.subjects))
                for blocked in error.blockers
            ]
            what = "\n".join([what, *lines])
        tone = "danger" if isinstance(error, Tampered | EnvironmentFault) else "caution"
        self._show(tone, message.title, what, f"{message.next}  ({message.code})")

    def tell(self, text: str) -> None:
        """Something went as asked."""
        self._show("good", text, "", "")

    def stopped(self) -> None:
        """A job was cancelled."""
        self._show("caution", "Stopped", "What was finished before is kept.", "Start it again to go on.")

    def defect(self, error: BaseException) -> None:
        """Something unexpected: the number leads to the log."""
        incident = secrets.token_hex(3).upper()
        _log.error("incident %s", incident, exc_info=error)
        what = f"The workstation met something it did not expect. Incident number {incident}."
        self._show(
            "danger", "Something went wrong", what, "Note the number for support. Your saved work is kept."
        )

    def dismiss(self) -> None:
        """Take the notice away."""
        self.hide()

    def _show(self, tone: str, title: str, what: str, next_step: str) -> None:
        self.setObjectName(f"notice-{tone}")
        self.style().unpolish(self)
        self.style().polish(self)
        for widget, text in ((self._title, title), (self._what, what), (self._next, next_step)):
            basics.set_text(widget, text)
            widget.setVisible(bool(text))
        end = "" if title.endswith((".", "!", "?")) else "."
        words = shown(f"Notice: {title}{end} {what} {next_step}".strip())
        self.setAccessibleName(words)
        self.show()
        self._words.verticalScrollBar().setValue(0)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self.appeared.emit()


class JobStrip(QFrame):
    """Work in progress at the bottom: plain stage, how far, pause and cancel."""

    cancelled = Signal()
    paused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._stage = basics.label("")
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress of the work under way")
        self._pause = basics.button("Pause", self._toggle)
        self._cancel = basics.button("Cancel work", self.cancelled.emit)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.space(2),) * 4)
        layout.addWidget(self._stage, 1)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._pause)
        layout.addWidget(self._cancel)
        self._is_paused, self._began_s = False, time.monotonic()
        self.hide()

    def begin(self, stage: str = "begin") -> None:
        """A job has started; what it says first, until it says more itself."""
        self._is_paused, self._began_s = False, time.monotonic()
        self._pause.setText("Pause")
        self._bar.setFormat("")
        basics.set_text(self._stage, wording.sentence("stage", stage))
        self._bar.setRange(0, 0)
        self.show()

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        words = wording.sentence("stage", progress.stage)
        detail = f": {progress.untrusted_detail[-_DETAIL_CHARS:]}" if progress.untrusted_detail else ""
        basics.set_text(self._stage, words + detail + self._rate(progress))
        if progress.total_items:
            self._bar.setRange(0, 1000)
            self._bar.setValue(int(1000 * progress.done_items / progress.total_items))
            self._bar.setFormat(f"{progress.done_items} of {progress.total_items}")
        elif progress.total_bytes:
            self._bar.setRange(0, 1000)
            self._bar.setValue(int(1000 * progress.done_bytes / progress.total_bytes))
            self._bar.setFormat(
                f"{wording.size(progress.done_bytes)} of {wording.size(progress.total_bytes)}"
            )
        else:
            self._bar.setRange(0, 0)
            self._bar.setFormat(wording.size(progress.done_bytes))

    def _rate(self, progress: Progress) -> str:
        """Bytes a second and the time left, once there is something to measure."""
        elapsed_s = time.monotonic() - self._began_s
        if not progress.done_bytes or elapsed_s < 1:
            return ""
        rate = progress.done_bytes / elapsed_s
        words = f"  \u00b7  {wording.size(int(rate))} a second"
        if progress.total_bytes and progress.total_bytes > progress.done_bytes:
            words += f", about {int((progress.total_bytes - progress.done_bytes) / rate) + 1} s left"
        return words

    def end(self) -> None:
        """The job has ended, however."""
        self.hide()

    def _toggle(self) -> None:
        self._is_paused = not self._is_paused
        self._pause.setText("Resume" if self._is_paused else "Pause")
        self.paused.emit(self._is_paused)


class StatusStrip(QWidget):
    """Who is here, whether the vault is open, when it locks, whether the clock is to be trusted."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self._left, self._right = basics.label("", "small"), basics.label("", "small")
        self._right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(1), theme.space(3), theme.space(1))
        layout.addWidget(self._left, 1)
        layout.addWidget(self._right, 1)

    def show_status(self, *here: str, system: tuple[str, ...]) -> None:
        """About the person and the vault on the left, about the system on the right."""
        basics.set_text(self._left, "   \u00b7   ".join(text for text in here if text))
        basics.set_text(self._right, "   \u00b7   ".join(text for text in system if text))
