"""JSON judged by RFC 8259 without building it: depth, duplicate names, numbers, lone surrogates.

Two readers may disagree about a repeated name (the first or the last wins), which lets one text say two
things; Python's reader accepts it, and NaN besides, so the check is made here. Memory stays flat: only
the names of the objects that are open are held.
"""

import re
from dataclasses import dataclass, field

MAX_DEPTH = 500
MAX_OPEN_NAMES = 1_000_000
MAX_NUMBER_CHARS = 400

_WHITE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![\w.+-])")
_WORD = re.compile(r"(?:true|false|null)\b")
_NOT_JSON = re.compile(r"(?:-?Infinity|NaN)\b")
_LONE = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}(?!\\u[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|(?<!\\u[dD][89abAB][0-9A-Fa-f]{2})\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)")
_CONTROL_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class NotJson(Exception):
    """The text is no JSON; ``at`` is the character where that shows."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


@dataclass(kw_only=True)
class JsonFacts:
    """What was seen on the way through."""

    depth: int = 0
    values: int = 0
    duplicates: list[str] = field(default_factory=list)
    not_numbers: int = 0
    long_numbers: int = 0
    lone_surrogates: int = 0


def scan(text: str, at: int = 0, end: int | None = None) -> JsonFacts:
    """Check one JSON text.

    Raises:
        NotJson: when the text between ``at`` and ``end`` is no single JSON value.
    """
    return _Scanner(text, at, len(text) if end is None else end).run()


class _Scanner:
    def __init__(self, text: str, at: int, end: int) -> None:
        self.text, self.at, self.end = text, at, end
        self.facts = JsonFacts()
        self.names: list[set[str] | None] = []  # one per open bracket; None for an array
        self.held = 0

    def run(self) -> JsonFacts:
        expect_value = True
        while True:
            self._skip()
            if expect_value:
                expect_value = self._value()
            elif not self.names:
                break
            else:
                expect_value = self._after_value()
        if self.at < self.end:
            raise NotJson(self.at, "text after the value")
        return self.facts

    def _skip(self) -> None:
        match = _WHITE.match(self.text, self.at, self.end)
        self.at = match.end() if match else self.at

    def _peek(self) -> str:
        return self.text[self.at] if self.at < self.end else ""

    def _value(self) -> bool:
        """Read a value or open a bracket; True when another value must follow."""
        self.facts.values += 1
        sign = self._peek()
        if sign == "{":
            return self._open(set())
        if sign == "[":
            return self._open(None)
        if sign == '"':
            self._string()
            return False
        return self._scalar()

    def _open(self, names: set[str] | None) -> bool:
        self.at += 1
        self.names.append(names)
        self.facts.depth = max(self.facts.depth, len(self.names))
        if len(self.names) > MAX_DEPTH:
            raise NotJson(self.at, f"deeper than {MAX_DEPTH}")
        self._skip()
        if self._peek() == ("]" if names is None else "}"):
            self._close()
            return False
        if names is not None:
            self._name(names)
        return True

    def _close(self) -> None:
        self.at += 1
        closed = self.names.pop()
        self.held -= len(closed) if closed else 0

    def _name(self, names: set[str]) -> None:
        self._skip()
        name = _unescaped(self._string())
        if name in names:
            if len(self.facts.duplicates) < 20:  # noqa: PLR2004 - a sample for the reader
                self.facts.duplicates.append(name[:80])
        else:
            names.add(name)
            self.held += 1
            if self.held > MAX_OPEN_NAMES:
                raise NotJson(self.at, f"more than {MAX_OPEN_NAMES} names open")
        self._skip()
        if self._peek() != ":":
            raise NotJson(self.at, "no colon after a name")
        self.at += 1

    def _after_value(self) -> bool:
        names = self.names[-1]
        sign = self._peek()
        if sign == ",":
            self.at += 1
            if names is not None:
                self._name(names)
            return True
        if sign == ("]" if names is None else "}"):
            self._close()
            return False
        raise NotJson(self.at, "no comma or closing bracket" if sign else "ends too early")

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at, self.end)
        if match is None:
            raise NotJson(self.at, "no string" if self._peek() else "ends too early")
        self.at = match.end()
        token = match.group()
        if "\\u" in token and _LONE.search(token):
            self.facts.lone_surrogates += 1
        return token

    def _scalar(self) -> bool:
        match = _WORD.match(self.text, self.at, self.end) or _NUMBER.match(self.text, self.at, self.end)
        if match is None:
            match = _NOT_JSON.match(self.text, self.at, self.end)
            if match is None:
                raise NotJson(self.at, "no value" if self._peek() else "ends too early")
            self.facts.not_numbers += 1
        elif match.end() - match.start() > MAX_NUMBER_CHARS:
            self.facts.long_numbers += 1
        self.at = match.end()
        return False


def _unescaped(token: str) -> str:
    inner = token[1:-1]
    if "\\" not in inner:
        return inner
    return (
        _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _CONTROL_ESCAPES.get(m[2], m[2]), inner)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )
