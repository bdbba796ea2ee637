"""The window of one case as a picture, with the same facts as a table."""

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import queries
from workstation.app.report_blocks import day
from workstation.app.wording import word
from workstation.core.window import RULE_ID, Window, earliest_start

_Milestone = tuple[date, str]


class WindowPicture(QWidget):
    """From the earliest possible day to the planned release: what has passed, today, the release."""

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._theme = theme_name
        self._window: Window | None = None
        self._today = date.min
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_window(self, window: Window, today: date) -> None:
        """What to draw, and the same in words."""
        self._window, self._today = window, today
        standing = word("standing", window.standing(today)).lower()
        self.setAccessibleName("Picture of the access window")
        self.setAccessibleDescription(
            f"Window from {day(window.start_on)} to {day(window.planned_release_on)}, day "
            f"{window.day_number(today)} of {window.total_days}, {standing}."
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Tall enough for two lines of text above and below the bar, whatever the text size."""
        return QSize(600, self.fontMetrics().lineSpacing() * 6)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows keep the height."""
        return QSize(300, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bar, elapsed part, today as a triangle, release as a line; all with words."""
        window = self._window
        if window is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, muted = theme.colour(self._theme, "text"), theme.colour(self._theme, "muted")
        line_height = self.fontMetrics().lineSpacing()
        first = min(earliest_start(window.planned_release_on), window.start_on)
        last = max(window.planned_release_on, self._today) + timedelta(days=1)
        span = max(1, (last - first).days)
        left, width = 8.0, float(self.width() - 16)

        def x_of(on: date) -> float:
            return left + width * (on - first).days / span

        top, height = line_height * 2.2, line_height * 1.2
        start, release, today = x_of(window.start_on), x_of(window.planned_release_on), x_of(self._today)
        painter.setPen(QPen(theme.colour(self._theme, "control"), 1.5))
        painter.setBrush(theme.colour(self._theme, "surface"))
        painter.drawRect(QRectF(start, top, release - start, height))
        painter.fillRect(
            QRectF(start, top, max(0.0, min(today, release) - start), height),
            theme.colour(self._theme, "accent"),
        )
        painter.setPen(QPen(text, 2))
        painter.drawLine(QPointF(release, top - 6), QPointF(release, top + height + 6))
        painter.setBrush(text)
        painter.drawPolygon(
            QPolygonF([QPointF(today, top - 2), QPointF(today - 6, top - 12), QPointF(today + 6, top - 12)])
        )
        self._write(painter, today, top - 14 - line_height, f"Today {day(self._today)}")
        painter.setPen(muted)
        self._write(painter, start, top + height + 4, f"Access began {day(window.start_on)}")
        self._write(
            painter,
            release,
            top + height + 4 + line_height,
            f"Planned release {day(window.planned_release_on)}",
        )
        painter.end()

    def _write(self, painter: QPainter, x: float, top: float, words: str) -> None:
        """Centred on ``x`` and kept inside the picture."""
        width = self.fontMetrics().horizontalAdvance(words) + 4
        left = max(2.0, min(x - width / 2, self.width() - width - 2.0))
        painter.drawText(
            QRectF(left, top, width, self.fontMetrics().lineSpacing()), Qt.AlignmentFlag.AlignLeft, words
        )


class TimelineTab(Tab):
    """How the window runs, what happened on which day, and the dates as the developer stated them."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._line = basics.label("", "section")
        self._picture = WindowPicture(desk.settings.theme)
        self._table: Table[_Milestone] = Table(
            "Days of the case", (("Day", lambda m: day(m[0])), ("What", lambda m: m[1])), stretch=1
        )
        self._rule = basics.label(
            "Counted back from the planned release to other trusted partners: a ceiling of 30 calendar "
            "days, not an entitlement; the first day is not counted, weekends are. Only the developer revises "
            f"the date. Days change at 0000Z. Rule {RULE_ID}.",
            "muted",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        for widget in (self._line, self._picture, self._rule):
            layout.addWidget(widget)
        layout.addWidget(self._table, 1)

    def focus_first(self) -> None:
        """The days."""
        self._table.setFocus()

    def show_view(self, view: queries.CaseView) -> None:
        """Draw and list."""
        window, today = view.case.window, self.desk.here.today()
        self._picture.setVisible(window is not None)
        if window is None:
            planned = view.row.planned_release_on
            text = "No window is running."
            if planned is not None:
                text += (
                    f" Planned release {day(planned)}; access may begin on {day(earliest_start(planned))}."
                )
            basics.set_text(self._line, text)
        else:
            self._picture.show_window(window, today)
            left = window.days_left(today)
            words = f"{left} days left" if left >= 0 else f"{-left} days over"
            basics.set_text(
                self._line,
                f"Day {window.day_number(today)} of {window.total_days}, {words}: "
                f"{word('standing', window.standing(today)).lower()}",
            )
        self._table.show_rows(milestones(view))


def milestones(view: queries.CaseView) -> list[_Milestone]:
    """What happened, and is planned, on which day."""
    case = view.case
    found: list[_Milestone] = [(case.opened_at.date(), "Case opened")]
    for stated in case.release_dates:
        on = day(stated.planned_release_on)
        words = f"Developer stated the planned release {on} (version {stated.version})"
        found.append((stated.stated_on, f"{words}. {stated.reason}".strip()))
    if view.package and view.package.received_at:
        found.append((view.package.received_at.date(), "Package received"))
    if view.package and view.package.decided_at:
        found.append((view.package.decided_at.date(), word("package-state", view.package.state)))
    if case.started_on:
        found.append((case.started_on, "Evaluation begun: trigger day, not counted"))
    found += [
        (at.date(), f"{view.people[who].display_name} submitted the checklist")
        for who, at in case.submissions.items()
    ]
    if case.recommendation:
        found.append((case.recommendation.recommended_at.date(), "Recommended"))
    found += [(d.determined_at.date(), f"Determination {d.number}") for d in case.determinations]
    if case.planned_release_on:
        found.append((case.planned_release_on, "Planned release to other trusted partners"))
    return sorted(found, key=lambda milestone: milestone[0])
