"""Charts as vector drawings: each a figure with a text alternative, readable without colour.

A drawing may shorten a very long label, and then shows that it did; the table that follows the chart always
carries the full text.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reports.bands import baseline, items, text_fragments
from reports.layout import Fragment
from reports.patterns import fill_pattern
from reports.styles import (
    CAPTION,
    CHART_STRONG,
    CHART_TEXT,
    INK,
    INK_SOFT,
    LEFT,
    NAVY,
    RIGHT,
    RULE,
    WHITE,
    WIDTH,
    Style,
)
from reports.tables import lay_table
from reports.tagging import Element, Painter
from reports.text import Line, Piece, drawable, set_name, text_width, visible
from reports.timeline import lay_timeline
from workstation.core.report import Chart
from workstation.core.report_charts import (
    CoverageMap,
    CoverageRow,
    Reading,
    ThresholdReadings,
    WindowTimeline,
)

_LABEL_WIDTH = 168.0
_MOST_LABEL_LINES = 3
_BAR_LEFT = LEFT + _LABEL_WIDTH + 12.0
_WHOLE_CHART_PT = 430.0
_VALUE_WIDTH = 104.0
_TICKS = 5


@dataclass(frozen=True, kw_only=True)
class Part:
    """One horizontal strip of a chart; strips are all content of the same figure."""

    height: float
    paint: Callable[[Painter, float], None]


def lay_chart(block: Chart, parent: Element) -> list[Fragment]:
    """Caption, drawing and, when given, the same data as a table."""
    caption = set_name(block.caption, CAPTION, WIDTH, portion=block.portion)
    made = text_fragments(items(caption, parent.add("P"), CAPTION), LEFT, gap=14.0, keep=True)
    for fragment in made:
        fragment.keep_with_next = True
    figure = parent.add("Figure")
    figure.alternative = visible(block.alternative)
    parts = _parts(block)
    whole = sum(part.height for part in parts)
    for number, part in enumerate(parts):
        made.append(
            Fragment(
                height=part.height,
                paint=_figure_paint(part, figure),
                gap=0.0 if number else 6.0,
                keep_with_next=whole <= _WHOLE_CHART_PT and number + 1 < len(parts),
            )
        )
    if block.table is not None:
        made += lay_table(block.table, parent)
    return made


def _parts(block: Chart) -> list[Part]:
    data = block.data
    if isinstance(data, WindowTimeline):
        height, paint = lay_timeline(data)
        return [Part(height=height, paint=paint)]
    return _coverage(data) if isinstance(data, CoverageMap) else _readings(data)


def _figure_paint(part: Part, figure: Element) -> Callable[[Painter, float], None]:
    def paint(painter: Painter, top: float) -> None:
        painter.into(figure)
        figure.extend_box(painter.page, (LEFT, top - part.height, RIGHT, top))
        part.paint(painter, top)

    return paint


def _label(text: str, style: Style = CHART_TEXT) -> list[Line]:
    lines = set_name(text, style, _LABEL_WIDTH - 8.0)
    if len(lines) <= _MOST_LABEL_LINES:
        return lines
    kept = lines[: _MOST_LABEL_LINES - 1]
    last = lines[_MOST_LABEL_LINES - 1]
    return [*kept, Line((*last.pieces, Piece("…", style)), last.width)]


def _paint_label(painter: Painter, lines: list[Line], top: float, height: float, style: Style) -> None:
    down = top - (height - style.leading * len(lines)) / 2
    for line in lines:
        painter.line(line, LEFT, baseline(down, style))
        down -= style.leading


def _coverage(data: CoverageMap) -> list[Part]:
    return [*_legend(data), *(_coverage_row(row) for row in data.rows)]


def _legend(data: CoverageMap) -> list[Part]:
    """The states with their fills and totals, as many on a line as fit."""
    parts: list[Part] = []
    held: list[tuple[int, float, Line]] = []
    x = LEFT
    for number, state in enumerate(data.states):
        total = sum(row.counts[number] for row in data.rows)
        line = _short(f"{state}: {total}", WIDTH - 40.0)
        if held and x + 16.0 + line.width > RIGHT:
            parts.append(_legend_part(held))
            held, x = [], LEFT
        held.append((number, x, line))
        x += 16.0 + line.width + 22.0
    parts.append(_legend_part(held))
    return parts


def _short(text: str, width: float, style: Style = CHART_TEXT) -> Line:
    lines = set_name(text, style, width)
    if len(lines) == 1:
        return Line((*lines[0].pieces, Piece(" ", style)), lines[0].width)
    return Line((*lines[0].pieces, Piece("… ", style)), lines[0].width + style.size)


def _legend_part(entries: list[tuple[int, float, Line]]) -> Part:
    def paint(painter: Painter, top: float) -> None:
        for number, x, line in entries:
            fill_pattern(painter, number, x, top - 11.5, 11.0, 9.0)
            painter.line(line, x + 16.0, baseline(top - 1.0, CHART_TEXT))

    return Part(height=17.0, paint=paint)


def _coverage_row(row: CoverageRow) -> Part:
    label = _label(row.label)
    height = max(22.0, CHART_TEXT.leading * len(label) + 6.0)
    whole = sum(row.counts)

    def paint(painter: Painter, top: float) -> None:
        _paint_label(painter, label, top, height, CHART_TEXT)
        x, bottom = _BAR_LEFT, top - (height + 14.0) / 2
        room = RIGHT - _BAR_LEFT - 30.0
        for number, count in enumerate(row.counts):
            if count:
                width = room * count / whole
                light = fill_pattern(painter, number, x, bottom, width, 14.0)
                _segment_count(painter, count, x, bottom, width, light=light)
                x += width
        if not whole:
            painter.frame(_BAR_LEFT, bottom, room, 14.0, colour=RULE)
        painter.text(f"{whole} ", CHART_STRONG, RIGHT - text_width(str(whole), CHART_STRONG), bottom + 4.0)

    return Part(height=height, paint=paint)


def _segment_count(painter: Painter, count: int, x: float, y: float, width: float, *, light: bool) -> None:
    text = str(count)
    needed = text_width(text, CHART_STRONG)
    if needed + 8.0 > width:
        return
    style = Style(font=CHART_STRONG.font, size=CHART_STRONG.size, leading=11, colour=INK if light else WHITE)
    middle = x + (width - needed) / 2
    if light:
        painter.fill(middle - 2.5, y + 2.0, needed + 5.0, 10.0, colour=WHITE)
    painter.text(f"{text} ", style, middle, y + 4.0)


def _readings(data: ThresholdReadings) -> list[Part]:
    return [_readings_legend(), *(_reading(reading, data) for reading in data.readings), _axis(data)]


def _readings_legend() -> Part:
    def paint(painter: Painter, top: float) -> None:
        base, x = baseline(top, CHART_TEXT), LEFT
        middle = base + 3.0
        painter.rule(x, middle, x + 22, middle, colour=NAVY, width=1.2)
        painter.dot(x + 11, middle, 3.2, colour=NAVY)
        painter.text("reading with its interval ", CHART_TEXT, x + 28, base)
        x += 150
        painter.rule(x + 4, middle - 5.5, x + 4, middle + 5.5, colour=INK, width=2.0)
        painter.text("threshold ", CHART_TEXT, x + 12, base)

    return Part(height=18.0, paint=paint)


def _scale(data: ThresholdReadings, value: float) -> float:
    room = RIGHT - _VALUE_WIDTH - _BAR_LEFT
    share = (value - data.scale_from) / (data.scale_to - data.scale_from)
    return _BAR_LEFT + room * min(max(share, 0.0), 1.0)


def _reading(reading: Reading, data: ThresholdReadings) -> Part:
    label = _label(reading.label)
    height = max(30.0, CHART_TEXT.leading * len(label) + 8.0)
    said = (
        (_short(f"{reading.value:g} {data.unit}", _VALUE_WIDTH - 12.0, CHART_STRONG), CHART_STRONG),
        (_short(_relation(reading), _VALUE_WIDTH - 12.0, CHART_TEXT), CHART_TEXT),
    )

    def paint(painter: Painter, top: float) -> None:
        middle = top - height / 2
        _paint_label(painter, label, top, height, CHART_TEXT)
        painter.rule(_BAR_LEFT, middle, RIGHT - _VALUE_WIDTH, middle, colour=RULE, width=0.5)
        if reading.low is not None and reading.high is not None:
            low, high = _scale(data, reading.low), _scale(data, reading.high)
            painter.rule(low, middle, high, middle, colour=NAVY, width=1.4)
            for end in (low, high):
                painter.rule(end, middle - 3, end, middle + 3, colour=NAVY, width=1.0)
        if reading.threshold is not None:
            x = _scale(data, reading.threshold)
            painter.rule(x, middle - 8, x, middle + 8, colour=INK, width=2.0)
        painter.dot(_scale(data, reading.value), middle, 3.6, colour=NAVY)
        down = middle + CHART_TEXT.leading
        for line, style in said:
            painter.line(line, RIGHT - _VALUE_WIDTH + 12.0, baseline(down, style))
            down -= style.leading

    return Part(height=height, paint=paint)


def _relation(reading: Reading) -> str:
    if reading.threshold is None:
        return "no threshold"
    low = reading.value if reading.low is None else reading.low
    high = reading.value if reading.high is None else reading.high
    if low < reading.threshold <= high:
        return f"interval spans {reading.threshold:g}"
    return f"{'at or above' if reading.value >= reading.threshold else 'below'} {reading.threshold:g}"


def _axis(data: ThresholdReadings) -> Part:
    def paint(painter: Painter, top: float) -> None:
        painter.rule(_BAR_LEFT, top - 3, RIGHT - _VALUE_WIDTH, top - 3, colour=INK_SOFT, width=0.75)
        for number in range(_TICKS + 1):
            value = data.scale_from + (data.scale_to - data.scale_from) * number / _TICKS
            x = _scale(data, value)
            painter.rule(x, top - 3, x, top - 7, colour=INK_SOFT, width=0.75)
            pieces = drawable(f"{value:g} ", CHART_TEXT)
            width = sum(text_width(piece.text, piece.style) for piece in pieces)
            painter.pieces(pieces, x - width / 2, top - 16)

    return Part(height=24.0, paint=paint)
