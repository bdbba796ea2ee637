"""Rules of ISO 19005-2 6.1 about the layout of the file: header, objects, streams, cross-reference tables."""

import itertools
import re
from typing import TYPE_CHECKING

from workstation.examine.documents.pdf_lexer import Token, tokens
from workstation.examine.documents.pdf_objects import get
from workstation.examine.documents.pdf_tokens import Rules

if TYPE_CHECKING:
    import pikepdf

_HEADER = re.compile(rb"%PDF-1\.[0-7](?:\r\n|\r|\n)")
_COMMENT = re.compile(rb"%[\x80-\xff]{4}")
_SKIP = re.compile(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*)*")
_OBJECT = re.compile(rb"([0-9]+)([\x00\t\n\x0c\r ]+)([0-9]+)([\x00\t\n\x0c\r ]+)obj")
_XREF_HEAD = re.compile(rb"xref(?:\r\n|\r|\n)")
_XREF_SECTION = re.compile(rb"([0-9]+)([\x00\t\n\x0c\r ]+)([0-9]+)")
_XREF_ENTRIES = re.compile(rb"(?:[\x00\t\n\x0c\r ]*[0-9]{10} [0-9]{5} [fn])*")
_STREAM_END = re.compile(rb"(\r\n|\r|\n)endstream")
_EOL = b"\r\n"
MAX_OBJECTS = 8_388_607
MAX_STEPS = 2_000_000


class Body:
    """Walks a file from its first byte to its last."""

    def __init__(self, content: bytes, document: "pikepdf.Pdf", rules: Rules) -> None:
        self.content, self.document, self.rules = content, document, rules
        self.objects = 0
        self.linearized = False
        self.trailers: list[bool] = []  # for each trailer keyword: does it hold an ID

    def check(self) -> None:
        """Check the header, then whatever follows; unknown bytes between objects end the walk."""
        header = _HEADER.match(self.content)
        if header is None:
            self.rules.breaks("6.1.2", "the file does not begin with %PDF-1.0 to 1.7 and an end of line")
        elif not _COMMENT.match(self.content, header.end()):
            self.rules.breaks("6.1.2", "no comment of four bytes above 127 after the header")
        at = 0
        for _step in range(MAX_STEPS):
            match = _SKIP.match(self.content, at)
            at = match.end() if match else at
            if at >= len(self.content):
                break
            following = self._item(at)
            if following <= at:
                # Junk before the header and the like: go on at the next object.
                found = _OBJECT.search(self.content, at + 1)
                if found is None:
                    break
                following = found.start()
            at = following
        if self.linearized and self.trailers and not all(self.trailers):
            self.rules.breaks("6.1.3", "a trailer of the linearized file has no ID")
        if self.objects > MAX_OBJECTS:
            self.rules.breaks("6.1.13", f"more than {MAX_OBJECTS} objects")

    def _item(self, at: int) -> int:
        """Check one top-level item and return where it ends; the same place when it is none."""
        found = _OBJECT.match(self.content, at)
        if found:
            return self._object(found)
        if self.content.startswith(b"xref", at):
            return self._table(at)
        if self.content.startswith(b"trailer", at):
            parsed, end = self._value(at + 7)
            self.trailers.append(b"/ID" in {t.raw for t in parsed})
            return end
        if self.content.startswith(b"startxref", at):
            number = re.compile(rb"startxref[\x00\t\n\x0c\r ]+[0-9]+").match(self.content, at)
            return number.end() if number else at
        return at

    def _object(self, found: re.Match[bytes]) -> int:
        self.objects += 1
        start, body = found.start(), found.end()
        if len(found[2]) != 1 or len(found[4]) != 1:
            self.rules.breaks("6.1.9", "object number, generation and obj are not one white space apart")
        if start and self.content[start - 1] not in _EOL:
            self.rules.breaks("6.1.9", "an object number does not begin a line")
        if self.content[body : body + 1] not in {b"\r", b"\n"}:
            self.rules.breaks("6.1.9", "obj is not followed by an end of line")
        parsed, end = self._value(body)
        if self.objects == 1 and any(t.raw == b"/Linearized" for t in parsed):
            self.linearized = True
        self._names(parsed)
        if self.content.startswith(b"stream", end):
            end = self._stream(end, parsed, (int(found[1][:10]), int(found[3][:5])))
        match = _SKIP.match(self.content, end)
        end = match.end() if match else end
        if not self.content.startswith(b"endobj", end):
            return end
        if self.content[end - 1] not in _EOL:
            self.rules.breaks("6.1.9", "endobj does not begin a line")
        if self.content[end + 6 : end + 7] not in {b"\r", b"\n"}:
            self.rules.breaks("6.1.9", "endobj is not followed by an end of line")
        return end + 6

    def _names(self, parsed: list[Token]) -> None:
        for before, token in itertools.pairwise(parsed):
            if token.kind == "name" and before.raw in {b"/BaseFont", b"/FontName", b"/Separation"}:
                self.rules.utf8(token.raw)

    def _value(self, at: int) -> tuple[list[Token], int]:
        """Tokens up to the keyword that ends a value, and where that keyword stands."""
        parsed: list[Token] = []
        for token in tokens(self.content, at):
            if token.kind == "word" and token.raw in {b"stream", b"endobj", b"startxref", b"xref", b"obj"}:
                return parsed, token.at
            if token.kind == "word" and token.raw.startswith(b"endobj"):
                return parsed, token.at
            self.rules.value(token)
            parsed.append(token)
        return parsed, len(self.content)

    def _stream(self, at: int, parsed: list[Token], identity: tuple[int, int]) -> int:
        start = at + 6
        if self.content.startswith(b"\r\n", start):
            start += 2
        elif self.content.startswith(b"\n", start):
            start += 1
        else:
            self.rules.breaks("6.1.7.1", "stream is not followed by CR LF or LF alone")
            start = self.content.find(b"\n", start) + 1 or start
        length = self._length(parsed, identity)
        end = _STREAM_END.match(self.content, start + length) if length is not None else None
        if end is None:
            self.rules.breaks("6.1.7.1", "Length does not reach to the end of line before endstream")
            found = self.content.find(b"endstream", start)
            return found + 9 if found >= 0 else len(self.content)
        return end.end()

    def _length(self, parsed: list[Token], identity: tuple[int, int]) -> int | None:
        for at, token in enumerate(parsed[:-1]):
            if token.raw == b"/Length" and parsed[at + 1].kind == "number":
                indirect = len(parsed) > at + 3 and parsed[at + 3].raw == b"R"
                if not indirect:
                    return int(parsed[at + 1].raw) if parsed[at + 1].raw.isdigit() else None
                return self._resolved(int(parsed[at + 1].raw))
        return self._resolved(identity[0], "/Length")

    def _resolved(self, number: int, key: str = "") -> int | None:
        try:
            value = self.document.get_object((number, 0))
            return int(get(value, key)) if key else int(value)
        except (ValueError, TypeError, RuntimeError, OverflowError, KeyError):
            return None

    def _table(self, at: int) -> int:
        head = _XREF_HEAD.match(self.content, at)
        if head is None:
            self.rules.breaks("6.1.4", "xref and its first subsection are not one end of line apart")
        match = _SKIP.match(self.content, at + 4)
        at = match.end() if match else at + 4
        while section := _XREF_SECTION.match(self.content, at):
            if section[2] != b" ":
                self.rules.breaks("6.1.4", "the numbers of a subsection are not one space apart")
            entries = _XREF_ENTRIES.match(self.content, section.end())
            at = entries.end() if entries else section.end()
            match = _SKIP.match(self.content, at)
            at = match.end() if match else at
        return at
