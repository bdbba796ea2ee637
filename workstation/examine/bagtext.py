"""The text of BagIt tag files, line by line (RFC 8493, 2)."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workstation.core.examination import Severity

Step = Callable[[], None]

_ENCODINGS = {
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "iso8859-1",
    "ascii",
    "cp1252",
    "iso8859-15",
}
_VERSION = re.compile(r"BagIt-Version\s*:\s*([0-9]+\.[0-9]+)(\s*)", re.IGNORECASE)
_ENCODING = re.compile(r"Tag-File-Character-Encoding\s*:\s*(\S+)\s*", re.IGNORECASE)
_LINE = re.compile(r"([0-9A-Fa-f]{8,128})([ \t]+)(\*?)(\S.*)")
_FETCH = re.compile(r"(\S+)[ \t]+([0-9]+|-)[ \t]+(\S.*)")
_FIELD = re.compile(r"([^:\s][^:]*?)\s*:[ \t]*(.*)")
_MAX_FIELDS = 10_000
_MARK = re.compile(r"(tag)?manifest-[A-Za-z0-9_-]{2,20}\.txt", re.IGNORECASE)


class BagFault(Exception):
    """One thing wrong with a tag file."""

    def __init__(self, code: str, severity: Severity, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.severity, self.detail = code, severity, detail


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """bagit.txt."""

    version: str
    encoding: str
    faults: tuple[BagFault, ...]


@dataclass(frozen=True, kw_only=True)
class ManifestLine:
    """One line of a manifest; the digest in lower case."""

    digest: str
    path: str
    faults: tuple[BagFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FetchLine:
    """One line of fetch.txt; its address is not kept."""

    path: str


def marks_of(base: str, path: str) -> set[str]:
    """Which of the files that make a folder a bag ``path`` is."""
    if path == "bagit.txt":
        return {f"{base}bagit"}
    if _MARK.fullmatch(path):
        return {f"{base}manifest"}
    return {f"{base}data"} if path.startswith("data/") else set()


def is_bag(base: str, marks: set[str]) -> bool:
    """A declaration, or the manifest and payload of a bag that lost it."""
    return f"{base}bagit" in marks or {f"{base}manifest", f"{base}data"} <= marks


def declaration(raw: bytes) -> Declaration:
    """Two lines, UTF-8, no byte-order mark.

    Raises:
        BagFault: it is not that.
    """
    danger = Severity.DANGER
    if raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BagFault("BAG_ENCODING", danger, "byte-order mark")
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise BagFault("BAG_ENCODING", danger, "not UTF-8") from None
    filled = [line for line in lines if line.strip()]
    version = _VERSION.fullmatch(filled[0]) if filled else None
    if version is None:
        raise BagFault("BAG_FORMAT", danger, "no BagIt-Version in the first line")
    encoding = _ENCODING.fullmatch(filled[1]) if len(filled) > 1 else None
    if encoding is None:
        raise BagFault("BAG_ENCODING", danger, "no Tag-File-Character-Encoding in the second line")
    faults = []
    if len(filled) > 2 or lines[: len(filled)] != filled:  # noqa: PLR2004 - "exactly two lines"
        faults.append(BagFault("BAG_FORMAT", Severity.CAUTION, "more than two lines"))
    try:
        name = codecs.lookup(encoding[1]).name
    except (LookupError, ValueError):  # ValueError: a null character in the name
        raise BagFault("BAG_ENCODING", danger, encoding[1]) from None
    if name not in _ENCODINGS:
        raise BagFault("BAG_ENCODING", danger, encoding[1])
    return Declaration(version=version[1], encoding=name, faults=tuple(faults))


def decoded(raw: bytes, encoding: str) -> str:
    """A tag file's text; raises ``BagFault`` when the bytes are no text in the declared encoding."""
    try:
        text = raw.decode(encoding)
    except UnicodeError:
        raise BagFault("BAG_ENCODING", Severity.DANGER, f"not {encoding}") from None
    if text.startswith("\ufeff"):
        if encoding == "utf-8":
            raise BagFault("BAG_ENCODING", Severity.DANGER, "byte-order mark")
        text = text[1:]
    return text


def _lines(text: str) -> Iterator[str]:
    """LF, CR or CRLF end a line; other line separators are part of a name."""
    for line in re.split(r"\r\n|\n|\r", text):
        if line.strip():
            yield line


def manifest_lines(text: str) -> Iterator[ManifestLine]:
    """The lines of a manifest; raises ``BagFault`` at the first that is none."""
    for line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BagFault("BAG_FORMAT", Severity.DANGER, line[:200])
        digest, _space, star, path = match.groups()
        faults = (BagFault("BAG_FORMAT", Severity.CAUTION, f"asterisk before {path}"),) if star else ()
        yield ManifestLine(digest=digest.lower(), path=path, faults=faults)


def fetch_lines(text: str) -> Iterator[FetchLine]:
    """The lines of fetch.txt; raises ``BagFault`` at the first that is none."""
    for line in _lines(text):
        match = _FETCH.fullmatch(line)
        if match is None:
            raise BagFault("BAG_FORMAT", Severity.DANGER, line[:200])
        yield FetchLine(path=match[3])


def information(text: str) -> tuple[list[tuple[str, str]], list[BagFault]]:
    """The fields of bag-info.txt in order, continued lines joined, and the lines that are no field."""
    fields: list[tuple[str, str]] = []
    faults: list[BagFault] = []
    for line in _lines(text):
        if line[0] in " \t" and fields:
            label, value = fields[-1]
            fields[-1] = label, f"{value} {line.strip()}"[:10_000]
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            faults.append(BagFault("BAG_FORMAT", Severity.CAUTION, line[:200]))
        else:
            fields.append((match[1], match[2].strip()))
        if len(fields) + len(faults) > _MAX_FIELDS:
            faults.append(BagFault("BAG_FORMAT", Severity.CAUTION, "too many fields"))
            break
    return fields, faults[:100]


def percent_decoded(path: str) -> str:
    """LF, CR and percent as RFC 8493, 2.1.3 writes them; nothing else is decoded."""
    return re.sub(r"%(0[AaDd]|25)", lambda match: chr(int(match[1], 16)), path)
