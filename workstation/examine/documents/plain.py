"""Text as evidence: which encoding it is in, and which characters a reader would not see.

Trojan-source attacks reorder text with bidirectional controls; prompt injections hide in tag characters
(U+E0000 to U+E007F); escape characters drive terminals. All of them are found here and made visible.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.examine.reader import Notes, Source, pieces

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f]")
TAGS = re.compile("[\U000e0000-\U000e007f]")
# England, Scotland and Wales are written as a black flag, a few tag letters and a cancel tag (UTS #51).
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")
ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\uffa0]"
)
JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
INNER_BOM = re.compile("\ufeff")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
UNASSIGNED = re.compile("[\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]")

_VISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BOMS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LAST_PICTURED = 0x1F
_DELETE = 0x7F


def visible(text: str) -> str:
    """The text with every invisible or steering character written out; line feeds and tabs stay."""
    return _VISIBLE.sub(_spelled, text.replace("\r\n", "\n"))


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= _LAST_PICTURED:
        return chr(0x2400 + code)
    if code == _DELETE:
        return "\u2421"
    return f"\u27e6U+{code:04X}\u27e7"


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """What the bytes are written in."""

    codec: str  # Python codec name
    bom_bytes: int
    declared: bool  # a byte-order mark says so, or the whole text is valid UTF-8

    @property
    def unit_bytes(self) -> int:
        """Bytes of one code unit."""
        return 4 if "32" in self.codec else 2 if "16" in self.codec else 1


def head_encoding(source: Source) -> Encoding:
    """The encoding by byte-order mark, else UTF-8: enough to show a stretch without reading the whole."""
    head = source.read_at(0, 4)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return Encoding(codec=codec, bom_bytes=len(bom), declared=True)
    return Encoding(codec="utf-8", bom_bytes=0, declared=False)


def encoding_of(source: Source) -> Encoding:
    """The encoding of a text: its byte-order mark, else UTF-8 if all of it is, else Windows-1252."""
    marked = head_encoding(source)
    if marked.declared:
        return marked
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for piece in pieces(source):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Encoding(codec="cp1252", bom_bytes=0, declared=False)
    return Encoding(codec="utf-8", bom_bytes=0, declared=True)


def decoded(source: Source, encoding: Encoding) -> Iterator[str]:
    """The text in pieces of at most a mebibyte; undecodable bytes become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    for piece in pieces(source, encoding.bom_bytes):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


class Characters:
    """Counts what a reader would not see; feed it a text in pieces."""

    _KINDS = (
        ("bidi", BIDI),
        ("direction marks", DIRECTION_MARKS),
        ("tags", TAGS),
        ("zero-width", ZERO_WIDTH),
        ("joiners", JOINERS),
        ("byte-order marks inside", INNER_BOM),
        ("control", CONTROL),
        ("noncharacters", UNASSIGNED),
    )

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.characters = 0
        self.lines = 0

    def feed(self, text: str) -> None:
        """Count one piece."""
        self.characters += len(text)
        self.lines += text.count("\n")
        if text.isascii() and text.isprintable():
            return
        for name, pattern in self._KINDS:
            if name == "tags" and "\U000e007f" in text:
                text = FLAG.sub("", text)
            found = sum(1 for _match in pattern.finditer(text))
            if found:
                self.count[name] += found
        self.count["escape"] += text.count("\x1b")

    def report(self, notes: Notes) -> None:
        """Say what was found: steering and hidden characters need a person, joiners are ordinary."""
        count = +self.count
        if count["bidi"]:
            notes.caution("TEXT_BIDI", f"{count['bidi']} bidirectional controls")
        if count["tags"]:
            notes.caution("TEXT_HIDDEN", f"{count['tags']} tag characters")
        if count["escape"]:
            notes.caution("TEXT_ESCAPE", f"{count['escape']} escape characters")
        quiet = {k: v for k, v in count.items() if k not in {"bidi", "tags", "escape", "joiners"}}
        if quiet:
            notes.note("TEXT_INVISIBLE", ", ".join(f"{v} {k}" for k, v in sorted(quiet.items())))


def scan(source: Source, notes: Notes) -> Encoding:
    """Read all of a text, note its encoding and its invisible characters, and say how long it is."""
    encoding = encoding_of(source)
    characters = Characters()
    nuls = 0
    for text in decoded(source, encoding):
        characters.feed(text)
        nuls += text.count("\0")
    notes.facts["encoding"] = encoding.codec
    notes.facts["characters"] = characters.characters
    notes.facts["lines"] = characters.lines
    if nuls:
        notes.incomplete("TEXT_BINARY", f"{nuls} null characters")
    elif not encoding.declared:
        notes.note("TEXT_ENCODING", "not UTF-8; shown as Windows-1252")
    characters.report(notes)
    return encoding


def whole(source: Source, encoding: Encoding, limit_bytes: int) -> str | None:
    """All of the text, or None when it is longer than ``limit_bytes``."""
    if source.size_bytes > limit_bytes:
        return None
    return "".join(decoded(source, encoding))
