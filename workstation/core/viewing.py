"""What a person is shown of a stored file: pixels, plain text, tables made in the sandbox; and places in it.

A place is written ``page=3``, ``tensor=NAME``, ``sample=ID`` or ``bytes=FIRST-LAST``. Pages count from 1;
bytes count from 0 and the last one belongs to the range, as in RFC 9110. The name is untrusted and runs to
the end of the text. A place in a file that lies in a container is ``member=INNER.zip!/FILE.pdf; page=3``: the
way through the containers, in whose names ``%``, ``;`` and the ``!`` of ``!/`` are percent-encoded. Without a
place behind it, it names the inner file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from workstation.core.errors import EnvironmentFault

MAX_PICTURE_WIDTH_PX, MAX_PICTURE_HEIGHT_PX = 4_096, 8_192
MAX_PICTURE_PIXELS = 16_000_000
MAX_TEXT_CHARS = 200_000
MAX_ROWS = 500
MAX_QUERY_CHARS = 200
MAX_KEY_CHARS = 1_000
BYTES_A_PAGE = 4_096
MAX_INSIDE = 4  # containers in containers, as deep as the examination goes
MAX_NAME_CHARS = 4_096
# A file inside containers is unpacked once, not for each look: in memory, or sealed on the disk.
MAX_HELD_BYTES, MAX_SEALED_BYTES = 32 << 20, 8 << 30


class Form(StrEnum):
    """Ways in which a file can be looked at."""

    PICTURE = "picture"
    TEXT = "text"
    SAMPLES = "samples"
    TENSORS = "tensors"
    MEMBERS = "members"
    BYTES = "bytes"


_IMAGES = ("image", "png", "jpeg", "gif", "webp", "bmp", "tiff")
_BINARY = (
    *(
        "savedmodel",
        "tensorflow-graph",
        "keras-metadata",
        "coreml",
    ),
    *("sentencepiece", "tensor-storage", "other-weights", "unrecognised-weights"),
    *("compound-file", "doc", "xls", "ppt", "msg", "office-encrypted", "cms", "program", "unknown"),
    *("7z", "rar", "cpio", "cab", "ar", "other-archive"),
)
_WEIGHTS = ("safetensors", "gguf", "onnx", "npy", "pickle", "hdf5", "keras", "tflite")
# Zips of arrays or of a pickled state; the name is a hint to look for tensors first.
_WEIGHT_ZIPS = (".npz", ".pt", ".pth", ".bin", ".ckpt", ".keras", ".mar")
_CONTAINERS = ("zip", "tar", "gzip", "bzip2", "xz", "zstd", "lzma")
_OF_KIND: dict[str, tuple[Form, ...]] = {
    "pdf": (Form.PICTURE, Form.TEXT),
    **dict.fromkeys(_IMAGES, (Form.PICTURE,)),
    "inspect-eval": (Form.SAMPLES,),
    "inspect-json": (Form.SAMPLES, Form.TEXT),
    "lm-eval-samples": (Form.SAMPLES, Form.TEXT),
    **dict.fromkeys(_WEIGHTS, (Form.TENSORS,)),
    **dict.fromkeys(_CONTAINERS, (Form.MEMBERS,)),
    **dict.fromkeys(_BINARY, ()),
}


def forms_of(kind: str, untrusted_name: str = "") -> tuple[Form, ...]:
    """How a file of this kind can be looked at, the most telling way first; its bytes always.

    A kind that is not named here is one of the many written in text.
    """
    if kind == "zip" and untrusted_name.lower().endswith(_WEIGHT_ZIPS):
        return Form.TENSORS, Form.MEMBERS, Form.BYTES
    return (*_OF_KIND.get(kind.split(".", maxsplit=1)[0], (Form.TEXT,)), Form.BYTES)


@dataclass(kw_only=True, eq=False)
class CannotShow(EnvironmentFault):
    """The sandbox did not show this part of a file; ``reason_code`` is of the examination's vocabulary."""

    code: ClassVar[str] = "EXA-006"
    reason_code: str
    untrusted_detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Rows from the top, red, green and blue of each pixel, no padding: exactly width x height x 3 bytes."""

    width_px: int
    height_px: int
    rgb: bytes


@dataclass(frozen=True, kw_only=True)
class TextHit:
    """A place where a page holds the wanted text. ``page`` counts from 0."""

    page: int
    untrusted_excerpt: str


@dataclass(frozen=True, kw_only=True)
class TextHits:
    """What was found on some pages; ``cut`` says that a page holds more than are listed."""

    hits: tuple[TextHit, ...]
    unread_pages: tuple[int, ...] = ()
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """One sample of an evaluation log; ``key`` opens it."""

    key: str
    untrusted_id: str
    epoch: int
    scores: tuple[tuple[str, str], ...]
    has_error: bool
    untrusted_preview: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """Where and why a log could not be read on; ``reason_code`` is of the examination's vocabulary."""

    reason_code: str
    untrusted_detail: str = ""


@dataclass(frozen=True, kw_only=True)
class SampleRows:
    """Some samples in the log's order; there are ``total``, or at least so many while it is not whole.

    With ``broken`` there are so many before the break, and nobody knows what would follow.
    """

    total: int
    rows: tuple[SampleRow, ...]
    is_whole: bool = True  # the log was gone through to its end
    broken: Break | None = None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message of a transcript."""

    number: int
    untrusted_role: str
    untrusted_text: str


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """A stretch of one sample; ``next_turn`` begins the next, ``cut`` says that something is left out."""

    untrusted_id: str
    untrusted_target: str
    untrusted_error: str
    turns: tuple[Turn, ...]
    next_turn: int | None
    cut: bool


@dataclass(frozen=True, kw_only=True)
class TensorRow:
    """One tensor as the header describes it."""

    number: int
    untrusted_name: str
    dtype: str
    shape: str
    offset: int | None
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class TensorRows:
    """Some tensors in the header's order; the next stretch begins at ``next_start``, if there is one.

    ``cut`` says that there are more than can be listed.
    """

    rows: tuple[TensorRow, ...]
    next_start: int | None
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """One plain file in a container; ``name`` opens it."""

    number: int
    untrusted_name: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class MemberRows:
    """Some members in the container's order; the next stretch begins at ``next_start``, if there is one.

    With ``broken`` the container could not be read on behind them, and nobody knows what would follow.
    """

    rows: tuple[MemberRow, ...]
    next_start: int | None
    total: int
    broken: Break | None = None


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A file inside containers: what its bytes are."""

    kind: str
    size_bytes: int


_PLACE = re.compile(r"(page|tensor|sample|bytes)=(.+)", re.DOTALL)
_RANGE = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")
_MEMBER = re.compile(r"member=([^;]+)(?:; ?(.+))?", re.DOTALL)
INTO = "!/"


def inner_path(names: Sequence[str]) -> str:
    """The way through containers as a person reads it: ``b.zip!/c.pdf``."""
    return INTO.join(names)


def _encoded(name: str) -> str:
    name = name.replace("%", "%25").replace(";", "%3B").replace(INTO, "%21/")
    # What a name ends with must neither run into the mark that follows nor get lost at the end of a line.
    last = {"!": "%21", " ": "%20"}.get(name[-1:])
    return name[:-1] + last if last else name


def _decoded(name: str) -> str:
    return name.replace("%21", "!").replace("%20", " ").replace("%3B", ";").replace("%25", "%")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file. Of ``page``, ``name`` and ``span`` only the one that ``form`` asks for is set.

    ``inside`` is the way through containers to the file in which the place lies. ``Form.MEMBERS`` asks for
    nothing: the place is that file.
    """

    form: Form
    page: int = 0
    name: str = ""
    span: tuple[int, int] = (0, 0)
    inside: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """As it stands in an answer's evidence; empty for a whole file that lies in no container."""
        way = f"member={INTO.join(map(_encoded, self.inside))}" if self.inside else ""
        return "; ".join(part for part in (way, self._within) if part)

    @property
    def _within(self) -> str:
        match self.form:
            case Form.PICTURE | Form.TEXT:
                return f"page={self.page + 1}"
            case Form.TENSORS:
                return f"tensor={self.name}"
            case Form.SAMPLES:
                return f"sample={self.name}"
            case Form.BYTES:
                return f"bytes={self.span[0]}-{self.span[1]}"
            case Form.MEMBERS:
                return ""

    @classmethod
    def parse(cls, anchor: str) -> Self | None:
        """The place an anchor names; None for free words, which remain what a person wrote."""
        member = _MEMBER.fullmatch(anchor.strip())
        if member is None:
            return cls._parse(anchor.strip(), ())
        inside = tuple(map(_decoded, member[1].split(INTO)))
        if len(inside) > MAX_INSIDE or not all(inside):
            return None
        return cls._parse(member[2], inside) if member[2] else cls(form=Form.MEMBERS, inside=inside)

    @classmethod
    def _parse(cls, text: str, inside: tuple[str, ...]) -> Self | None:
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        word, value = found.groups()
        if word == "page":
            number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0  # noqa: PLR2004
            return cls(form=Form.TEXT, page=number - 1, inside=inside) if number > 0 else None
        if word == "bytes":
            span = _RANGE.fullmatch(value)
            first, last = (int(span[1]), int(span[2])) if span else (1, 0)
            return cls(form=Form.BYTES, span=(first, last), inside=inside) if first <= last else None
        form = Form.TENSORS if word == "tensor" else Form.SAMPLES
        return cls(form=form, name=value, inside=inside)
