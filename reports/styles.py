"""The look of a report: page, type scale, colours and the fonts behind them.

US Letter. Everything is told in words and weight; colour only helps, so a page reads the same in black
and white. Marking colours are the defaults of common marking tools; no official values are published.
"""

import io
import re
import threading
import tomllib
from dataclasses import dataclass
from functools import cache

from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # ships no annotations
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]  # ships no annotations

import resources
from workstation.core.errors import EnvironmentFault

Colour = tuple[float, float, float]


@dataclass(kw_only=True, eq=False)
class FontMissing(EnvironmentFault):
    """A font file of the installation is gone or unreadable."""

    code = "REP-003"
    name: str


def rgb(text: str) -> Colour:
    """Red, green and blue from 0 to 1, of six hexadecimal digits."""
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


INK = rgb("16191D")
INK_SOFT = rgb("50565E")  # 7.4 : 1 on white
NAVY = rgb("12284C")
RULE = rgb("B9BEC6")
RULE_STRONG = rgb("12284C")
PANEL = rgb("F3F5F8")
WATERMARK = rgb("E6E8EB")
WHITE = (1.0, 1.0, 1.0)
BLACK = (0.0, 0.0, 0.0)
CAUTION = rgb("8A3B00")

PAGE_WIDTH, PAGE_HEIGHT = 612.0, 792.0
LEFT, RIGHT = 63.0, 549.0
WIDTH = RIGHT - LEFT
PROSE_WIDTH = 440.0  # about 85 characters: longer lines are lost on the way back
BAND_HEIGHT = 19.0
TOP_BAND, BOTTOM_BAND = PAGE_HEIGHT - 30.0, 30.0  # top edge of the upper, bottom edge of the lower band
BODY_TOP = PAGE_HEIGHT - 92.0
BODY_BOTTOM = 84.0

FIELD_WIDTH, FIELD_HEIGHT = 230.4, 79.2  # 3.2 by 1.1 inches

SANS, MEDIUM, SEMIBOLD, ITALIC, MONO = "FRW-Sans", "FRW-Medium", "FRW-SemiBold", "FRW-Italic", "FRW-Mono"
_FILES = {
    SANS: "fonts/IBMPlexSans-Regular.ttf",
    MEDIUM: "fonts/IBMPlexSans-Medium.ttf",
    SEMIBOLD: "fonts/IBMPlexSans-SemiBold.ttf",
    ITALIC: "fonts/IBMPlexSans-Italic.ttf",
    MONO: "fonts/IBMPlexMono-Regular.ttf",
}
_registering = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Style:
    """One voice on the page: face, size and leading in points, and colour."""

    font: str = SANS
    size: float = 10.5
    leading: float = 15.5
    colour: Colour = INK


BODY = Style()
BODY_STRONG = Style(font=MEDIUM)
LEAD = Style(size=13, leading=18.5, colour=INK_SOFT)
KIND = Style(font=SEMIBOLD, size=9, leading=13, colour=INK_SOFT)
TITLE = Style(font=SEMIBOLD, size=25, leading=31, colour=NAVY)
HEADINGS = {
    1: Style(font=SEMIBOLD, size=16, leading=21, colour=NAVY),
    2: Style(font=SEMIBOLD, size=12.5, leading=17, colour=NAVY),
    3: Style(font=SEMIBOLD, size=10.5, leading=15.5, colour=INK),
}
FACT_LABEL = Style(size=8.5, leading=12, colour=INK_SOFT)
FACT_VALUE = Style(font=MEDIUM, size=11.5, leading=16)
HEADLINE = Style(font=SEMIBOLD, size=19, leading=25, colour=NAVY)
CELL = Style(size=9.5, leading=13.2)
CELL_STRONG = Style(font=MEDIUM, size=9.5, leading=13.2)
CELL_HEAD = Style(font=SEMIBOLD, size=8.5, leading=12, colour=INK)
CELL_DIGEST = Style(font=MONO, size=8.3, leading=13.2)
CAPTION = Style(font=MEDIUM, size=9.5, leading=13.5, colour=INK)
RUNNING = Style(size=8, leading=11, colour=INK_SOFT)
CALLOUT_TITLE = Style(font=SEMIBOLD, size=11, leading=16, colour=INK)
CHART_TEXT = Style(size=8.5, leading=11)
CHART_STRONG = Style(font=SEMIBOLD, size=8.5, leading=11)
SMALL = Style(size=8.5, leading=12, colour=INK_SOFT)


@cache
def fonts() -> dict[str, TTFont]:
    """The faces by name, read once and known to reportlab.

    Raises:
        FontMissing: the installation lacks one of them.
    """
    with _registering:
        loaded = {name: _load(name, file) for name, file in _FILES.items()}
        for font in loaded.values():
            pdfmetrics.registerFont(font)
        return loaded


def _load(name: str, file: str) -> TTFont:
    try:
        # Readable ASCII keeps code = character, which the appearance of an unsigned field relies on.
        return TTFont(name, io.BytesIO(resources.read_bytes(file)), asciiReadable=True)
    except (OSError, ValueError) as error:
        raise FontMissing(name=file) from error


_SCI = ("SI", "TK", "HCS", "KDK", "RSV", "BUR")
# The first word that fits wins, so TOP SECRET cannot be taken for SECRET.
_BY_LEVEL = (
    ("TOP SECRET", "top-secret"),
    ("SECRET", "secret"),
    ("CONFIDENTIAL", "confidential"),
    ("RESTRICTED", "confidential"),
    ("CUI", "cui"),
    ("CONTROLLED", "cui"),
    ("UNCLASSIFIED", "unclassified"),
)


@cache
def _marking_pairs() -> dict[str, tuple[Colour, Colour]]:
    """Ground and text by level: the same file that the window's banners are coloured from."""
    read = tomllib.loads(resources.read_text("styles/markings.toml"))
    return {name: (rgb(pair[0].lstrip("#")), rgb(pair[1].lstrip("#"))) for name, pair in read.items()}


def banner_colours(marking: str) -> tuple[Colour, Colour]:
    """Ground and text colour for a banner marking; black on white for one that is not recognised."""
    parts = marking.strip().upper().split("//")
    level = next((part for part in parts if part), "")
    for word, name in _BY_LEVEL:
        if re.search(rf"\b{word}\b", level):
            with_sci = name == "top-secret" and _has_sci(parts)
            return _marking_pairs()["top-secret-sci" if with_sci else name]
    return WHITE, BLACK


def _has_sci(parts: list[str]) -> bool:
    words = {word.split("-")[0].split(" ")[0] for part in parts[1:] for word in part.split("/")}
    return not words.isdisjoint(_SCI)
