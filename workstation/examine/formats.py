"""How a format is recognised: a sample of the bytes first, the name only as a hint.

Each area of formats keeps a table of its own in a module named in ``dispatch.AREAS``; that module holds
``FORMATS: tuple[Format, ...]`` and its detectors, and imports nothing but this module, ``reader`` and the
standard library, because it is loaded for every file. The examiner modules it names are imported on first
use, inside the sandbox.

An examiner module has one entry point::

    def examine(source: Source, notes: Notes) -> None

It is pure: bytes in through ``source``, findings and facts out through ``notes``. It may set ``notes.kind``
to something more exact than the table says. It raises ``Unreadable`` when the bytes cannot be read as what
they claim to be; the dispatcher turns that, and every other exception, into an inconclusive file.

Every reason code used has its sentence in ``resources/vocabularies/reason-codes/<area>.toml``.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from workstation.examine.reader import Source, Unreadable

HEAD_BYTES = 256 << 10
TAIL_BYTES = 66 << 10  # an end-of-central-directory record with the longest comment
MAX_LISTED_NAMES = 20_000


class Match(IntEnum):
    """How sure a detector is; the highest wins, and between equals the earlier table line."""

    NO = 0
    NAME = 1  # only the name says so
    LIKELY = 2  # the content fits, but other formats look alike
    CONTENT = 3  # the content says so
    EXACT = 4  # the content says so and is more specific than its carrier format (a DOCX inside zip)


class Sample:
    """What a detector may look at. Nothing here fails on hostile bytes; doubtful values are empty."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.size_bytes = source.size_bytes
        self.name = source.name
        self.head = source.read_at(0, min(HEAD_BYTES, source.size_bytes))

    @cached_property
    def suffix(self) -> str:
        """The last dot suffix in lower case with its dot, or nothing."""
        _stem, dot, last = self.name.rpartition(".")
        return "." + last.lower() if dot and len(last) <= 16 else ""  # noqa: PLR2004 - longer is no suffix

    @cached_property
    def tail(self) -> bytes:
        """The last bytes of the file."""
        start = max(0, self.size_bytes - TAIL_BYTES)
        return self.source.read_at(start, self.size_bytes - start)

    @cached_property
    def zip_names(self) -> tuple[str, ...]:
        """Member names of a zip in directory order (at most 20,000), or nothing if it is none."""
        if not self.head.startswith((b"PK", b"MZ")) and b"PK\x05\x06" not in self.tail:
            return ()
        from workstation.examine.archives import zips  # noqa: PLC0415 - only for bytes that look like a zip

        try:
            return zips.directory_names(self.source, MAX_LISTED_NAMES)
        except Unreadable:
            return ()

    @cached_property
    def text(self) -> str:
        """The head as text (UTF-8, or UTF-16 with a byte-order mark), or nothing if it is none."""
        head = self.head
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return head.decode("utf-16", "replace")
        if b"\0" in head:
            return ""
        try:
            return head.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            cut_at_end = len(head) < self.size_bytes and error.start >= len(head) - 3
            return head[: error.start].decode("utf-8-sig") if cut_at_end else ""

    @cached_property
    def json_keys(self) -> frozenset[str]:
        """The keys of the outermost JSON object seen in the head; nothing if the file starts otherwise."""
        return frozenset(_outer_keys(self.text))

    @cached_property
    def xml_root(self) -> str:
        """``{namespace}local`` or ``local`` of the XML root element, as far as the head shows it."""
        return _xml_root(self.text)


Detector = Callable[[Sample], Match]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One line of a table of formats."""

    kind: str  # short, lower case, shown to people: "safetensors"
    module: str  # dotted name of the examiner module
    detect: Detector
    suffixes: tuple[str, ...] = ()  # lower case, with dot: names that promise this format
    container: bool = False  # its module has ``members`` and each member is examined too


def by_magic(*magics: bytes, offset: int = 0) -> Detector:
    """A detector for bytes at a fixed place."""

    def detect(sample: Sample) -> Match:
        return Match.CONTENT if sample.head[offset:].startswith(magics) else Match.NO

    return detect


def by_suffix(*suffixes: str) -> Detector:
    """A detector for formats without any mark in their content."""

    def detect(sample: Sample) -> Match:
        return Match.NAME if sample.suffix in suffixes else Match.NO

    return detect


def by_json_keys(*keys: str, match: Match = Match.EXACT) -> Detector:
    """A detector for JSON objects that have all ``keys`` on the outermost level."""

    def detect(sample: Sample) -> Match:
        return match if sample.json_keys.issuperset(keys) else Match.NO

    return detect


_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]:,]|[^\s"{}\[\]:,]++')


def _outer_keys(text: str) -> list[str]:
    """Keys of the outermost object, found by counting brackets; never recursive."""
    text = text.lstrip("\ufeff \t\r\n")
    keys: list[str] = []
    if not text.startswith("{"):
        return keys
    depth, last = 0, ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in "{[":
            depth += 1
        elif piece in "}]":
            depth -= 1
            if depth == 0:
                break
        elif piece == ":" and depth == 1 and last.startswith('"') and len(keys) < 1_000:  # noqa: PLR2004
            keys.append(_unquoted(last))
        last = piece
    return keys


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1]


_XML_PROLOGUE = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>)", re.DOTALL)
_XML_ROOT = re.compile(r"\s*<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)((?:\s[^<>]*)?)/?>", re.DOTALL)


def _xml_root(text: str) -> str:
    text = text.lstrip("\ufeff")
    at = 0
    while match := _XML_PROLOGUE.match(text, at):
        at = match.end()
    root = _XML_ROOT.match(text, at)
    if root is None:
        return ""
    attribute = f"xmlns:{root[1][:-1]}" if root[1] else "xmlns"
    namespace = re.search(rf"\b{re.escape(attribute)}\s*=\s*[\"']([^\"'<>]*)[\"']", root[3])
    return f"{{{namespace[1]}}}{root[2]}" if namespace else root[2]
