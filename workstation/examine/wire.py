"""The messages between the application and a worker: length-prefixed, typed, bounded, and distrusted.

Everything a worker says is decoded against these types; an unknown field, a wrong type, a value out of range
or a message too long is ``Nonsense`` and ends the worker.
"""

import os
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from workstation.core.examination import SMALL_FILE_BYTES

MAX_MESSAGE_BYTES = 8 << 20
MAX_FACTS_BYTES = 256 << 10
MAX_READ_BYTES = 1 << 20
MAX_FINDINGS = 2_001
MAX_PAGE = 2_000
MAX_SMALL_BYTES = SMALL_FILE_BYTES  # of a file that is handed over whole, among others

Size = Annotated[int, Meta(ge=0, le=1 << 60)]
Index = Annotated[int, Meta(ge=0, le=1 << 20)]
Path = Annotated[str, Meta(max_length=16_384)]
Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{1,40}(:[a-z0-9-]{1,60})?$")]
Kind = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.+_-]{0,39}$")]
SeverityText = Annotated[str, Meta(pattern=r"^(note|caution|danger)$")]
CoverageText = Annotated[str, Meta(pattern=r"^(nothing-found|inconclusive|dangerous)$")]
Word = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]


class Nonsense(Exception):
    """A worker broke the protocol."""


class _Strict(Struct, forbid_unknown_fields=True, kw_only=True, tag=True, array_like=True):
    """Base of every message."""


class View(Struct, forbid_unknown_fields=True, kw_only=True, array_like=True):
    """What a reader of a document wants to see. ``start`` counts pages, samples, tensors or bytes from 0."""

    kind: Kind
    start: Size = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 1
    width_px: Annotated[int, Meta(ge=0, le=4_096)] = 0
    text: Annotated[str, Meta(max_length=1_000)] = ""  # what to find, or the key of a sample
    inside: Annotated[list[Path], Meta(max_length=8)] = []  # the way through containers to the file


class Job(_Strict):
    """Application to worker: what to do with the source that is served as number 0."""

    task: Word
    path: Path
    name: Path
    size_bytes: Size
    trust: Annotated[list[bytes], Meta(max_length=64)] = []
    verifying: bool = False
    has_folder: bool = False
    broken: Annotated[dict[str, str], Meta(max_length=16)] = {}  # paths that ended earlier workers, and how
    first: Size = 0  # of the task "members": so many members of the container are passed over
    cpu_s: Annotated[int, Meta(ge=1, le=1 << 24)] = 60
    view: View | None = None


class Preload(_Strict):
    """Application to worker: import the reader of this kind, or what shows it, before the next fork."""

    kind: Kind
    viewing: bool = False


class Stop(_Strict):
    """Application to worker: end the job at hand."""


class Read(_Strict):
    """Worker asks for bytes of a served source."""

    source: Index
    offset: Size
    size_bytes: Annotated[int, Meta(ge=0, le=MAX_READ_BYTES)]


class Look(_Strict):
    """Worker asks for a file that came beside its own."""

    path: Path


class ListPaths(_Strict):
    """Worker asks for the paths of all files that came along, from this position."""

    start: Size


class Next(_Strict):
    """Worker asks for the next of several small files; the one before is answered."""


class Handed(_Strict):
    """Answer to ``Next``: a small file as it is. Empty bytes instead of this message: there is no more."""

    path: Path
    name: Path
    content: Annotated[bytes, Meta(max_length=MAX_SMALL_BYTES)]


class Apart(_Strict):
    """Of several small files this one has a format whose reader needs a process of its own."""

    path: Path


class Looked(_Strict):
    """Answer to ``Look``: a number to read from, or none."""

    source: int
    size_bytes: Size


class Listed(_Strict):
    """Answer to ``ListPaths``: one page; an empty one is the end."""

    paths: list[str]


class FoundText(Struct, forbid_unknown_fields=True, kw_only=True, array_like=True):
    """One finding of a file."""

    code: Code
    severity: SeverityText
    path: Path
    detail: Annotated[str, Meta(max_length=500)]


class Begin(_Strict):
    """The worker turns to this file."""

    path: Path


class File(_Strict):
    """Everything about one file; ``facts`` is a JSON object."""

    path: Path
    size_bytes: Size
    kind: Kind
    coverage: CoverageText
    findings: Annotated[list[FoundText], Meta(max_length=MAX_FINDINGS)]
    facts: Annotated[bytes, Meta(max_length=MAX_FACTS_BYTES)]


class Checksum(_Strict):
    """One line of a manifest: what a bag says a file's digest is."""

    path: Path
    algorithm: Word
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{32,128}$")]


class Member(_Strict):
    """The next member's bytes follow."""

    path: Path
    size_bytes: Size


class Chunk(_Strict):
    """Bytes of the member or of the task's answer."""

    data: Annotated[bytes, Meta(max_length=MAX_READ_BYTES)]


class MemberEnd(_Strict):
    """The member is complete."""


class Skipped(_Strict):
    """A member that cannot be expanded, and why."""

    path: Path
    size_bytes: Size
    code: Code
    severity: SeverityText
    detail: Annotated[str, Meta(max_length=500)]


class Answer(_Strict):
    """A task's answer as a JSON object."""

    json: Annotated[bytes, Meta(max_length=MAX_READ_BYTES)]


class Done(_Strict):
    """The job is finished."""


class Ready(_Strict):
    """The worker's server is up, and these walls stand."""

    walls: Annotated[list[Word], Meta(max_length=16)]


class Ended(_Strict):
    """The process of one job is gone; ``status`` as from ``waitpid``, decoded."""

    status: Annotated[int, Meta(ge=-128, le=255)]


ToWorker = Job | Preload | Stop
Request = Read | Look | ListPaths | Next
FromWorker = (
    Request | Begin | File | Apart | Checksum | Member | Chunk | MemberEnd | Skipped | Answer | Done | Ready
)
FromServer = Ready | Ended

_encoder = msgspec.msgpack.Encoder()
_to_worker = msgspec.msgpack.Decoder(ToWorker)
_from_worker = msgspec.msgpack.Decoder(FromWorker)
_from_server = msgspec.msgpack.Decoder(FromServer)
_looked = msgspec.msgpack.Decoder(Looked)
_listed = msgspec.msgpack.Decoder(Listed)
_handed = msgspec.msgpack.Decoder(Handed)
_facts = msgspec.json.Decoder(dict[str, Any])


def frame(message: Struct) -> bytes:
    """The bytes of one message with its length in front."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "little") + body


def frame_bytes(body: bytes) -> bytes:
    """Raw bytes with their length in front: the answer to ``Read``."""
    return len(body).to_bytes(4, "little") + body


def from_worker(body: bytes) -> FromWorker:
    """Decode what a worker said.

    Raises:
        Nonsense: it is none of the messages above.
    """
    message: FromWorker = _checked(_from_worker, body)
    return message


def from_server(body: bytes) -> FromServer:
    """Decode what the worker's server said; raises ``Nonsense``."""
    message: FromServer = _checked(_from_server, body)
    return message


def to_worker(body: bytes) -> ToWorker:
    """Decode what the application said."""
    message: ToWorker = _to_worker.decode(body)
    return message


def looked(body: bytes) -> Looked:
    """Decode the answer to ``Look``."""
    return _looked.decode(body)


def listed(body: bytes) -> Listed:
    """Decode the answer to ``ListPaths``."""
    return _listed.decode(body)


def handed(body: bytes) -> Handed | None:
    """Decode the answer to ``Next``; None at the end."""
    return _handed.decode(body) if body else None


def facts_of(raw: bytes) -> dict[str, Any]:
    """The facts of one file, JSON values only; raises ``Nonsense``."""
    facts: dict[str, Any] = _checked(_facts, raw)
    return facts


def _checked(decoder: Any, body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Nonsense(str(error)) from None


class Frames:
    """Cuts a stream of bytes into message bodies."""

    def __init__(self, limit_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._buffer = bytearray()
        self._limit = limit_bytes

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._buffer += data

    def next(self) -> bytes | None:
        """One whole message body, or None until more came.

        Raises:
            Nonsense: a length beyond the limit.
        """
        if len(self._buffer) < 4:  # noqa: PLR2004 - the length field
            return None
        length = int.from_bytes(self._buffer[:4], "little")
        if length > self._limit:
            raise Nonsense(f"message of {length} bytes")
        if len(self._buffer) < 4 + length:
            return None
        body = bytes(memoryview(self._buffer)[4 : 4 + length])
        del self._buffer[: 4 + length]
        return body


def read_exactly(descriptor: int, size_bytes: int) -> bytes:
    """So many bytes from a pipe; fewer only when its other end is closed."""
    parts = []
    while size_bytes and (part := os.read(descriptor, min(size_bytes, MAX_READ_BYTES))):
        parts.append(part)
        size_bytes -= len(part)
    return b"".join(parts)


def read_frame(descriptor: int) -> bytes | None:
    """One message body from a pipe, waiting for it; None when the other end is closed."""
    head = read_exactly(descriptor, 4)
    if len(head) < 4:  # noqa: PLR2004 - the length field
        return None
    length = int.from_bytes(head, "little")
    if length > MAX_MESSAGE_BYTES:
        raise Nonsense(f"message of {length} bytes")
    body = read_exactly(descriptor, length)
    return body if len(body) == length else None


def write_all(descriptor: int, data: bytes) -> None:
    """All of it, however small the pipe."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
