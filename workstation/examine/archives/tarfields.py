"""The records of the tar formats (POSIX.1-2024 pax, ustar, GNU, v7), parsed one by one and bounded."""

import re
from dataclasses import dataclass, field

from workstation.core.examination import Severity
from workstation.examine.names import shown
from workstation.examine.reader import Unreadable

BLOCK_BYTES = 512
MAX_EXTENSION_BYTES = 1 << 20  # long names and pax records together; real ones need a few KiB
MAX_SPARSE_PARTS = 100_000
_MAX_SIZE_BYTES = 1 << 60
_SEVEN_BITS = bytes(range(128))
_EMPTY = bytes(BLOCK_BYTES)
_OCTAL = re.compile(rb" *([0-7]*)(?:[ \0].*)?", re.DOTALL)  # some writers leave remains behind the end


def corrupt(detail: str) -> Unreadable:
    """The bytes are no tar archive as the specification wants it."""
    return Unreadable("ARCH_CORRUPT", detail, Severity.DANGER)


@dataclass(kw_only=True, slots=True)
class Header:
    """One member's header with everything that extends it applied."""

    raw_name: bytes
    raw_target: bytes
    kind: bytes
    size_bytes: int  # of the data that follows in the archive
    mode: int
    is_gnu: bool
    sparse_real_bytes: int | None = None
    pax: dict[str, bytes] = field(default_factory=dict)
    extended_sparse: bool = False
    has_ustar_mark: bool = False

    @property
    def name(self) -> tuple[str, bool]:
        """The name as text and whether it is valid UTF-8."""
        return shown(self.raw_name)

    @property
    def target(self) -> str:
        """Where a link leads."""
        return shown(self.raw_target)[0]


def number(raw: bytes, what: str) -> int:
    """An octal or base-256 field.

    Raises:
        Unreadable: negative, beyond any real size, or no number.
    """
    if raw[:1] in {b"\x80", b"\xff"}:
        value = int.from_bytes(raw[1:], "big", signed=False)
        if raw[:1] == b"\xff":
            raise corrupt(f"negative {what}")
    else:
        match = _OCTAL.fullmatch(raw.lstrip(b"\0"))
        if match is None or (raw.strip(b" \0") and not match[1]):
            raise corrupt(f"{what} is no number")
        value = int(match[1] or b"0", 8)
    if value > _MAX_SIZE_BYTES:
        raise corrupt(f"{what} beyond any size")
    return value


def checksum_fits(block: bytes) -> bool:
    """Whether the header's checksum is right, as the sum of unsigned or (old writers) signed bytes."""
    match = re.fullmatch(rb"[ \0]*([0-7]+)[ \0]*.*", block[148:156], re.DOTALL)
    if match is None:
        return False
    stated = int(match[1], 8)
    body = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(body)
    return stated == unsigned or stated == unsigned - 256 * len(body.translate(None, delete=_SEVEN_BITS))


def looks_like_tar(block: bytes) -> bool:
    """Whether a file begins with a tar header."""
    return len(block) >= BLOCK_BYTES and block[:BLOCK_BYTES] != _EMPTY and checksum_fits(block[:BLOCK_BYTES])


def parse(block: bytes) -> Header:
    """One header block by itself.

    Raises:
        Unreadable: wrong checksum or impossible numbers.
    """
    if not checksum_fits(block):
        raise corrupt("bad checksum")
    mark = block[257:265]
    is_gnu, is_ustar = mark == b"ustar  \0", mark[:6] == b"ustar\0"
    name = _until_nul(block[:100])
    if is_ustar and block[345] and not _is_star(block):
        name = _until_nul(block[345:500]) + b"/" + name
    kind = block[156:157]
    header = Header(
        raw_name=name,
        raw_target=_until_nul(block[157:257]),
        kind=kind,
        size_bytes=number(block[124:136], "size"),
        mode=_mode(block[100:108]),
        is_gnu=is_gnu,
        has_ustar_mark=is_gnu or is_ustar,
    )
    if kind == b"S":
        header.sparse_real_bytes = number(block[483:495], "sparse size")
        header.extended_sparse = block[482] != 0
    return header


def settle_kind(header: Header) -> None:
    """Bring the spellings of "plain file" to one, after long names were applied.

    Old writers mark folders by a trailing slash only.
    """
    if header.kind in {b"\0", b"0", b"7"}:
        header.kind = b"5" if header.raw_name.endswith(b"/") and not header.size_bytes else b"0"


def _is_star(block: bytes) -> bool:
    """Jörg Schilling's tar uses the last part of the prefix for times and marks the block's end."""
    return block[508:512] == b"tar\0"


def _mode(raw: bytes) -> int:
    try:
        return number(raw, "mode")
    except Unreadable:
        return 0


def _until_nul(raw: bytes) -> bytes:
    return raw.split(b"\0", 1)[0]


def pax_records(data: bytes) -> dict[str, bytes]:
    """The records of one pax extended header: ``length key=value newline``.

    Raises:
        Unreadable: lengths that do not fit or keys that are no text.
    """
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 0:
        space = data.find(b" ", at, at + 12)
        digits = data[at:space]
        if space < 0 or not digits.isdigit():
            raise corrupt("pax record length")
        stop = at + int(digits)
        record = data[space + 1 : stop]
        key, equals, value = record.partition(b"=")
        if stop > len(data) or not record.endswith(b"\n") or not equals or not key:
            raise corrupt("pax record")
        name = shown(key)[0]
        if name in {"GNU.sparse.offset", "GNU.sparse.numbytes"}:
            found["GNU.sparse.map"] = b""
        found[name] = value[:-1]
        at = stop
    return found


def apply_pax(header: Header, records: dict[str, bytes]) -> None:
    """Let pax records replace the fields they stand for (POSIX.1-2024, pax, extended header keywords)."""
    header.pax = records
    if "size" in records:
        header.size_bytes = _decimal(records["size"], "pax size")
    if records.get("path"):
        header.raw_name = records["path"]
    if records.get("linkpath"):
        header.raw_target = records["linkpath"]
    is_sparse = any(key.startswith("GNU.sparse.") for key in records)
    if is_sparse or "SCHILY.realsize" in records:
        real = (
            records.get("GNU.sparse.realsize")
            or records.get("GNU.sparse.size")
            or records.get("SCHILY.realsize")
        )
        header.sparse_real_bytes = _decimal(real or b"0", "sparse size")
        if records.get("GNU.sparse.name"):
            header.raw_name = records["GNU.sparse.name"]


def _decimal(raw: bytes, what: str) -> int:
    if not re.fullmatch(rb"[0-9]{1,20}", raw) or int(raw) > _MAX_SIZE_BYTES:
        raise corrupt(f"{what} is no size")
    return int(raw)
