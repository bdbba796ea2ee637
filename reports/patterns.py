"""Fills that can be told apart in black and white."""

from reports.styles import INK_SOFT, NAVY, RULE, WHITE, rgb
from reports.tagging import Painter

_MID = rgb("8FA3C2")
_PALE = rgb("DCE3EE")
_GROUNDS = (NAVY, _PALE, WHITE, WHITE, _MID, WHITE, WHITE, INK_SOFT)
_SLOPES = {2: (1,), 5: (1, -1), 6: (0,)}
_DARK = {0, 7}


def fill_pattern(painter: Painter, number: int, x: float, y: float, width: float, height: float) -> bool:
    """Fill a rectangle with pattern ``number`` from 0 to 7; return whether dark text stands out on it."""
    painter.fill(x, y, width, height, colour=_GROUNDS[number])
    if number in _SLOPES:
        _hatch(painter, _SLOPES[number], x, y, width, height)
    painter.frame(x, y, width, height, colour=NAVY, line_width=0.6)
    return number not in _DARK


def hatch(painter: Painter, x: float, y: float, width: float, height: float) -> None:
    """White with rising strokes: time or work that was there and not used."""
    painter.fill(x, y, width, height, colour=WHITE)
    _hatch(painter, (1,), x, y, width, height)


def _hatch(
    painter: Painter, slopes: tuple[int, ...], x: float, y: float, width: float, height: float
) -> None:
    canvas = painter.canvas
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(x, y, width, height)
    canvas.clipPath(clip, stroke=0, fill=0)
    for slope in slopes:
        if slope == 0:
            for step in range(1, int(height // 3) + 1):
                painter.rule(x, y + 3 * step, x + width, y + 3 * step, colour=RULE, width=0.8)
            continue
        start = x - height
        while start < x + width:
            low, high = (y, y + height) if slope > 0 else (y + height, y)
            painter.rule(start, low, start + height, high, colour=INK_SOFT, width=0.6)
            start += 4.0
    canvas.restoreState()
