"""The access window as a bar: what was possible, what was used, where the report stands, when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from reports.bands import baseline
from reports.patterns import hatch
from reports.styles import CHART_STRONG, CHART_TEXT, INK, LEFT, NAVY, RIGHT, RULE, WHITE, WIDTH, Style
from reports.tagging import Painter
from reports.text import Line, Piece, set_name, text_width
from workstation.core.report_charts import WindowTimeline

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_BAR_HEIGHT = 16.0
_BAR_TOP = 34.0  # below the upper edge of the drawing
_LANE = 24.0
_LABEL_WIDTH = 150.0


@dataclass(frozen=True)
class _Flag:
    x: float
    left: float
    lane: int
    lines: tuple[Line, Line]

    @property
    def first(self) -> float:
        """Where the flag or its label begins."""
        return min(self.x, self.left)

    @property
    def right(self) -> float:
        """Where the flag or its label ends."""
        return max(self.x, self.left + max(line.width for line in self.lines))


def day_text(day: date) -> str:
    """A date as the rest of the page writes it, ``09 NOV 2026``, the same on every machine."""
    return f"{day.day:02} {_MONTHS[day.month - 1]} {day.year}"


def lay_timeline(data: WindowTimeline) -> tuple[float, Callable[[Painter, float], None]]:
    """Height of the drawing and how to draw it below a given upper edge."""
    flags = _flags(data)
    lanes = 1 + max((flag.lane for flag in flags), default=-1)
    height = _BAR_TOP + _BAR_HEIGHT + 12.0 + _LANE * lanes + 8.0

    def paint(painter: Painter, top: float) -> None:
        bottom = top - _BAR_TOP - _BAR_HEIGHT
        _ends(painter, data, top)
        _bar(painter, data, bottom)
        for flag in flags:
            _paint_flag(painter, flag, bottom)

    return height, paint


def _x(data: WindowTimeline, day: date) -> float:
    share = (day - data.earliest).days / (data.planned_release - data.earliest).days
    return LEFT + WIDTH * min(max(share, 0.0), 1.0)


def _ends(painter: Painter, data: WindowTimeline, top: float) -> None:
    first, second = baseline(top, CHART_STRONG), baseline(top - CHART_STRONG.leading, CHART_TEXT)
    painter.text("Earliest possible day ", CHART_STRONG, LEFT, first)
    painter.text(f"{day_text(data.earliest)} ", CHART_TEXT, LEFT, second)
    for text, style, base in (
        ("Planned partner release", CHART_STRONG, first),
        (day_text(data.planned_release), CHART_TEXT, second),
    ):
        line = _one(text, style)
        painter.line(line, RIGHT - line.width, base)


def _bar(painter: Painter, data: WindowTimeline, bottom: float) -> None:
    opened = data.opened
    start = RIGHT if opened is None else _x(data, opened)
    now = max(start, _x(data, data.as_of)) if opened is not None else start
    if start > LEFT:
        hatch(painter, LEFT, bottom, start - LEFT, _BAR_HEIGHT)
    painter.fill(now, bottom, RIGHT - now, _BAR_HEIGHT, colour=WHITE)
    if now > start:
        painter.fill(start, bottom, now - start, _BAR_HEIGHT, colour=NAVY)
    painter.frame(LEFT, bottom, WIDTH, _BAR_HEIGHT, colour=NAVY, line_width=0.8)
    _bar_labels(painter, data, (start, now), bottom)
    days = (data.planned_release - data.earliest).days
    step = 1 if days <= 31 else 7  # noqa: PLR2004 - a tick a day while the days of a window can be told apart
    for day in range(0, days + 1, step):
        x = LEFT + WIDTH * day / days
        painter.rule(x, bottom, x, bottom - (5.0 if day % 7 == 0 else 2.5), colour=RULE, width=0.6)


def _bar_labels(painter: Painter, data: WindowTimeline, edges: tuple[float, float], bottom: float) -> None:
    """How many days each part of the bar is long, where the part has room for the words."""
    start, now = edges
    opened = data.planned_release if data.opened is None else data.opened
    opened = min(max(opened, data.earliest), data.planned_release)
    today = min(max(data.as_of, opened), data.planned_release)
    parts = (
        (LEFT, start, (opened - data.earliest).days, "not used", INK, WHITE),
        (start, now, (today - opened).days, "used", WHITE, NAVY),
        (now, RIGHT, (data.planned_release - today).days, "left", INK, WHITE),
    )
    for begin, end, days, word, colour, ground in parts:
        style = Style(font=CHART_STRONG.font, size=CHART_STRONG.size, leading=11, colour=colour)
        text = f"{days} {'day' if days == 1 else 'days'} {word}"
        width = text_width(text, style)
        if days and width + 12.0 < end - begin:
            middle = (begin + end - width) / 2
            painter.fill(middle - 3.0, bottom + 3.0, width + 6.0, 10.5, colour=ground)
            painter.text(f"{text} ", style, middle, bottom + 5.2)


def _flags(data: WindowTimeline) -> list[_Flag]:
    """Opening, report date and marks, each in the first lane where its label is free."""
    marks = [(mark.day, mark.label) for mark in data.marks]
    if data.opened is not None:
        marks.append((data.opened, "Window opened"))
    marks.append((data.as_of, "As of this report"))
    flags: list[_Flag] = []
    # Latest first: labels run to the right, so an earlier flag that must go deeper passes them by.
    for day, label in sorted(marks, key=lambda mark: mark[0], reverse=True):
        lines = (_one(label, CHART_STRONG), _one(day_text(day), CHART_TEXT))
        width = max(line.width for line in lines)
        x = _x(data, day)
        left = x + 4.0 if x + 4.0 + width <= RIGHT else x - 4.0 - width
        flags.append(_Flag(x, left, _free_lane(flags, x, left, width), lines))
    return flags


def _free_lane(flags: list[_Flag], x: float, left: float, width: float) -> int:
    """The first lane where the label hides no other and no other flag's line runs through it."""
    first, last = min(x, left), max(x, left + width)
    lane = 0
    while any(
        (flag.lane == lane and first < flag.right + 8.0 and flag.first < last + 8.0)
        or (flag.lane > lane and first < flag.x < last)
        for flag in flags
    ):
        lane += 1
    return lane


def _paint_flag(painter: Painter, flag: _Flag, bottom: float) -> None:
    top = bottom - 10.0 - _LANE * flag.lane
    painter.rule(flag.x, bottom + _BAR_HEIGHT + 3.0, flag.x, top - 6.0, colour=INK, width=0.8)
    painter.dot(flag.x, bottom + _BAR_HEIGHT + 3.0, 2.4, colour=INK)
    painter.line(flag.lines[0], flag.left, baseline(top, CHART_STRONG))
    painter.line(flag.lines[1], flag.left, baseline(top - CHART_STRONG.leading, CHART_TEXT))


def _one(text: str, style: Style) -> Line:
    lines = set_name(text, style, _LABEL_WIDTH)
    if len(lines) == 1:
        return Line((*lines[0].pieces, Piece(" ", style)), lines[0].width)
    return Line((*lines[0].pieces, Piece("… ", style)), lines[0].width + style.size)
