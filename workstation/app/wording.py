"""Words for codes: the one message catalogue of window, command line and documentation."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import resources
from workstation.core.errors import WorkstationError

_PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)\}")
_OF_A_NAME = re.compile("path|name|file|source")
_KIB = 1024


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a person reads: a title, what happened, what to do next."""

    code: str
    title: str
    what: str
    next: str


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every entry of ``resources/messages``, by code."""
    entries: dict[str, Mapping[str, str]] = {}
    for name in resources.names("messages"):
        if name.endswith(".toml") and not name.endswith("words.toml"):
            entries.update(tomllib.loads(resources.read_text(name)))
    return entries


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.read_text("messages/words.toml"))


def word(area: str, value: object) -> str:
    """The plain words for an enumeration's value: ``word("state", CaseState.ACCEPTED)``."""
    return _words()[area][str(value)]


def has_word(area: str, value: object) -> bool:
    """Whether the catalogue has words of its own for a value."""
    return str(value) in _words()[area]


def sentence(area: str, key: str, **facts: object) -> str:
    """A catalogue sentence with its placeholders filled."""
    return _fill(_words()[area][key], facts)


def explain(error: WorkstationError) -> Message:
    """The message of an error with its facts filled in; every code has one, a test sees to it."""
    entry = catalogue()[error.code]
    facts = error.facts
    return Message(
        code=error.code,
        title=_fill(entry["title"], facts),
        what=_fill(entry["what"], facts),
        next=_fill(entry["next"], facts),
    )


def _fill(text: str, facts: Mapping[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda match: _fact(match[1], facts[match[1]]), text)


def _fact(name: str, value: object) -> str:
    if name.endswith("_bytes") and isinstance(value, int):
        return size(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        return "; ".join(visible(str(item), lines=False) for item in value)
    # A name with a line break in it would add lines of its own to what the program says.
    return visible(str(value), lines=not _OF_A_NAME.search(name))


def size(size_bytes: int) -> str:
    """Bytes for people: ``1,5 GiB`` never, ``1.5 GiB``."""
    amount, unit = float(size_bytes), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < _KIB:
            break
        amount, unit = amount / _KIB, larger
    return f"{int(amount)} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"


def exact_size(size_bytes: int) -> str:
    """Bytes for people, and to the byte where that says more."""
    said = size(size_bytes)
    return said if said.endswith("bytes") else f"{said} ({size_bytes:,} bytes)"


def is_reduced(isolation: Collection[str]) -> bool:
    """Whether an examination ran without the strongest of the walls, the sandbox around the process."""
    return "bubblewrap" not in isolation


def walls(isolation: Collection[str]) -> str:
    """The walls that held for an examination, and plainly when they were fewer than they should be."""
    held = ", ".join(isolation) or "no wall at all"
    return f"isolation was reduced: no bubblewrap; {held}" if is_reduced(isolation) else held


def moment(at: datetime) -> str:
    """A date-time group as the field writes it: ``23 NOV 2026 1430Z``."""
    return f"{at:%d %b %Y %H%M}Z".upper()


# Printable by their category, and yet nothing is drawn: fillers, variation selectors, the empty braille.
_BLANK = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)


def visible(untrusted: str, *, lines: bool = True) -> str:
    """Text from outside with control, bidirectional and invisible characters made visible.

    ``lines`` keeps line breaks, which a file name may not have: pass ``False`` for names.
    """
    if untrusted.isascii() and untrusted.isprintable():
        return untrusted
    return "".join(
        char if _seen(char, before) or (lines and char == "\n") else f"\u2039U+{ord(char):04X}\u203a"
        for before, char in zip(" " + untrusted, untrusted, strict=False)
    )


def _seen(char: str, before: str) -> bool:
    """Whether a character takes part in what is seen; a variation selector does so behind a symbol only."""
    if char in _BLANK:
        return char == "\ufe0f" and unicodedata.category(before) == "So"
    return char.isprintable()
