"""Untrusted text as runs of drawable characters, and runs as lines of a given width.

Nothing here parses markup. A character that is invisible, that changes direction, or that no bundled font
can draw is shown as its code point between single angle quotation marks, in the fixed-pitch face:
``U+202E`` between them. The opening quotation mark itself is shown the same way, so the sign cannot be
imitated.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from typing import NamedTuple

from reports.styles import MONO, SANS, Style, fonts

_MOST_SPACES = 8
_LAST = 0xFFFF  # the character maps of the drawing library end here
_NEWLINES = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"([^ ]*)( *)")
_OPEN, _CLOSE, _TIMES = "\u2039", "\u203a", "\u00d7"
_DIGEST = re.compile(r"[0-9a-f]{32,512}|[0-9A-F]{32,512}")
_GOOD_BREAKS = "/\\-_.:,;=&?@)]}|"
_BREAK_WINDOW = 0.35  # how far back from the edge a good place to break a long word is looked for


class Piece(NamedTuple):
    """Text in one style."""

    text: str
    style: Style


@dataclass(frozen=True)
class Line:
    """One line: its pieces and the width of what can be seen of them, in points."""

    pieces: tuple[Piece, ...]
    width: float


@cache
def _widths(font: str) -> dict[str, float]:
    face = fonts()[font].face
    known = face.charToGlyph
    widths = {
        chr(code): width / 1000 for code, width in face.charWidths.items() if code in known and code <= _LAST
    }
    widths["\u00a0"] = widths[" "]
    return widths


def text_width(text: str, style: Style) -> float:
    """The width in points of text that was made drawable before."""
    widths = _widths(style.font)
    return sum([widths[char] for char in text]) * style.size


def is_hidden(char: str) -> bool:
    """Whether a character cannot be seen as itself: controls, format characters, odd spaces, surrogates."""
    category = unicodedata.category(char)
    return category[0] == "C" or category in {"Zl", "Zp"} or (category == "Zs" and char not in " \u00a0")


@cache
def _plain(font: str) -> re.Pattern[str]:
    plain = "".join(char for char in _widths(font) if char != _OPEN and not is_hidden(char))
    return re.compile(f"[{re.escape(plain)}]*")


def visible(text: str) -> str:
    """The text with everything hidden or unknown written out, for places that hold strings and not runs."""
    return "".join(piece.text for piece in drawable(text, Style()))


def drawable(text: str, style: Style) -> list[Piece]:
    """The text in pieces that the fonts can draw, hidden and unknown characters written out."""
    if _plain(style.font).fullmatch(text) and " " * (_MOST_SPACES + 1) not in text:
        return [Piece(text, style)]
    sign = replace(style, font=MONO, size=style.size * 0.92)
    other = replace(style, font=SANS)
    runs: list[tuple[Style, list[str]]] = []
    for char, count in _repeats(text):
        font = _font_for(char, style.font)
        if font is not None and (char != " " or count <= _MOST_SPACES):
            held, shown = (style if font == style.font else other), char * count
        else:
            held, shown = sign, f"U+{ord(char):04X}" + (f"{_TIMES}{count}" if count > 1 else "")
        if runs and runs[-1][0] is held:
            runs[-1][1].append(shown)
        else:
            runs.append((held, [shown]))
    return [
        Piece(f"{_OPEN}{' '.join(shown)}{_CLOSE}" if held is sign else "".join(shown), held)
        for held, shown in runs
    ]


def _repeats(text: str) -> Iterator[tuple[str, int]]:
    begin = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or text[index] != text[begin]:
            yield text[begin], index - begin
            begin = index


def _font_for(char: str, font: str) -> str | None:
    if char == _OPEN or is_hidden(char):
        return None
    if char in _widths(font):
        return font
    return SANS if char in _widths(SANS) else None


class _Word(NamedTuple):
    pieces: tuple[Piece, ...]
    width: float
    spaces: int
    space_width: float


def _words(pieces: list[Piece]) -> Iterator[_Word]:
    held: list[Piece] = []
    held_width = 0.0
    for text, style in pieces:
        widths = _widths(style.font)
        space = widths[" "] * style.size
        for match in _WORD.finditer(text):
            word, spaces = match.groups()
            if word:
                held.append(Piece(word, style))
                held_width += sum([widths[char] for char in word]) * style.size
            if spaces:
                yield _Word(tuple(held), held_width, len(spaces), space * len(spaces))
                held, held_width = [], 0.0
    if held:
        yield _Word(tuple(held), held_width, 0, 0.0)


def break_lines(pieces: list[Piece], width: float) -> list[Line]:
    """Break pieces into lines no wider than ``width``; at least one line, and no character is lost."""
    lines: list[Line] = []
    current: list[Piece] = []
    used = 0.0
    pending = 0.0  # width of the spaces at the end of the line, which may hang over its edge
    for word in _words(pieces):
        chunks = [word] if word.width <= width else list(_chop(word, width))
        for number, chunk in enumerate(chunks):
            if current and (number or used + pending + chunk.width > width):
                lines.append(_line(current, used))
                current, used, pending = [], 0.0, 0.0
            current += chunk.pieces
            used += pending + chunk.width
            pending = chunk.space_width
            if chunk.spaces:
                current.append(Piece(" " * chunk.spaces, (chunk.pieces or pieces)[-1].style))
    if current or not lines:
        lines.append(_line(current, used))
    return lines


def _line(pieces: list[Piece], width: float) -> Line:
    merged: list[Piece] = []
    for piece in pieces:
        if merged and merged[-1].style is piece.style:
            merged[-1] = Piece(merged[-1].text + piece.text, piece.style)
        else:
            merged.append(piece)
    return Line(tuple(merged), width)


def _chop(word: _Word, width: float) -> Iterator[_Word]:
    """A word wider than a line as words that fit, broken behind a separator where there is one near."""
    if len(word.pieces) == 1 and _DIGEST.fullmatch(word.pieces[0].text):
        yield from _even(word, width)
        return
    held: list[Piece] = []
    held_width = 0.0
    for text, style in word.pieces:
        begin = 0
        while begin < len(text):
            end, taken = _fit(text, begin, style, width - held_width)
            if end == begin and held:
                yield _Word(tuple(held), held_width, 0, 0.0)
                held, held_width = [], 0.0
                continue
            end = max(end, begin + 1)
            held.append(Piece(text[begin:end], style))
            held_width += taken
            if end < len(text):
                yield _Word(tuple(held), held_width, 0, 0.0)
                held, held_width = [], 0.0
            begin = end
    yield _Word(tuple(held), held_width, word.spaces, word.space_width)


def _even(word: _Word, width: float) -> Iterator[_Word]:
    """A digest in lines of equal length, which the eye compares more easily."""
    text, style = word.pieces[0]
    widest = max(_widths(style.font)[char] for char in "0123456789abcdefABCDEF") * style.size
    lines = ceil(len(text) / max(int(width / widest), 1))
    length = ceil(len(text) / lines)
    for begin in range(0, len(text), length):
        part = text[begin : begin + length]
        last = begin + length >= len(text)
        spaces = (word.spaces, word.space_width) if last else (0, 0.0)
        yield _Word((Piece(part, style),), text_width(part, style), *spaces)


def _fit(text: str, begin: int, style: Style, room: float) -> tuple[int, float]:
    widths, size = _widths(style.font), style.size
    end, taken = begin, 0.0
    while end < len(text) and taken + widths[text[end]] * size <= room:
        taken += widths[text[end]] * size
        end += 1
    if end == len(text):
        return end, taken
    for back in range(end, max(begin, end - int((end - begin) * _BREAK_WINDOW)), -1):
        if text[back - 1] in _GOOD_BREAKS:
            return back, sum([widths[char] for char in text[begin:back]]) * size
    return end, taken


def set_text(
    text: str, style: Style, width: float, *, portion: str = "", strong: Style | None = None
) -> list[Line]:
    """One string as lines: the portion mark first, then the text; a newline in it begins a new line."""
    lines: list[Line] = []
    for number, paragraph in enumerate(_NEWLINES.split(text)):
        pieces = drawable(paragraph.replace("\t", "    "), style)
        if portion and not number:
            pieces = [*drawable(f"{portion} ", strong or style), *pieces]
        lines += break_lines(pieces, width)
    return lines


def set_name(
    text: str, style: Style, width: float, *, portion: str = "", strong: Style | None = None
) -> list[Line]:
    """One short string, such as a file name, where even a newline must be seen as what it is."""
    pieces = drawable(text, style)
    if portion:
        pieces = [*drawable(f"{portion} ", strong or style), *pieces]
    return break_lines(pieces, width)
