"""What a worker answers when it is asked to show something: strict shapes, capped where they are decoded."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from workstation.core import viewing
from workstation.examine import wire

_MOST_PAGES = 1 << 20
_CELL_CHARS = 400
_EXCERPT_CHARS = 400
_MOST_HITS = 1_000
MAX_ANSWER_BYTES = 2 << 20

Number = Annotated[int, Meta(ge=0, le=1 << 62)]
Page = Annotated[int, Meta(ge=0, le=_MOST_PAGES)]
Cell = Annotated[str, Meta(max_length=_CELL_CHARS)]
Text = Annotated[str, Meta(max_length=viewing.MAX_TEXT_CHARS)]


class _Shape(Struct, forbid_unknown_fields=True, kw_only=True, tag=True):
    """Base of every answer."""


class NotShown(_Shape):
    """The bytes cannot be shown, and why."""

    code: wire.Code
    detail: Annotated[str, Meta(max_length=500)] = ""


class Indexed(_Shape):
    """Where some samples of a log begin was told; ``is_whole`` says that there are no more."""

    samples: Number
    is_whole: bool
    break_code: wire.Code | None = None
    break_detail: Annotated[str, Meta(max_length=500)] = ""


class PageCount(_Shape):
    """How many pages there are; one at least."""

    pages: Annotated[int, Meta(ge=1, le=_MOST_PAGES)]


class Head(_Shape):
    """The size of a picture whose bytes follow."""

    width_px: Annotated[int, Meta(ge=1, le=viewing.MAX_PICTURE_WIDTH_PX)]
    height_px: Annotated[int, Meta(ge=1, le=viewing.MAX_PICTURE_HEIGHT_PX)]


class PlainText(_Shape):
    """The text of a page."""

    text: Text


class Hit(Struct, forbid_unknown_fields=True, kw_only=True):
    """One place found."""

    page: Page
    excerpt: Annotated[str, Meta(max_length=_EXCERPT_CHARS)]


class Hits(_Shape):
    """Places found, and the pages that could not be read."""

    hits: Annotated[list[Hit], Meta(max_length=_MOST_HITS)]
    unread: Annotated[list[Page], Meta(max_length=viewing.MAX_ROWS)]
    cut: bool


class Sample(Struct, forbid_unknown_fields=True, kw_only=True):
    """One line of a log's list."""

    key: Annotated[str, Meta(max_length=viewing.MAX_KEY_CHARS)]
    id: Cell
    epoch: Annotated[int, Meta(ge=-(1 << 31), le=1 << 31)]
    scores: Annotated[list[tuple[Cell, Cell]], Meta(max_length=50)]
    has_error: bool
    preview: Cell


class Samples(_Shape):
    """Lines of a log's list."""

    total: Number
    rows: Annotated[list[Sample], Meta(max_length=viewing.MAX_ROWS)]
    break_code: wire.Code | None = None
    break_detail: Annotated[str, Meta(max_length=500)] = ""


class Turn(Struct, forbid_unknown_fields=True, kw_only=True):
    """One message of a transcript."""

    role: Annotated[str, Meta(max_length=100)]
    text: Text


class Transcript(_Shape):
    """A stretch of a transcript."""

    id: Cell
    target: Cell
    error: Annotated[str, Meta(max_length=10_000)]
    turns: Annotated[list[Turn], Meta(max_length=2_000)]
    next_turn: Annotated[int, Meta(ge=1, le=1 << 20)] | None
    cut: bool


class Tensor(Struct, forbid_unknown_fields=True, kw_only=True):
    """One line of a tensor table."""

    number: Number
    name: Cell
    dtype: Annotated[str, Meta(max_length=40)]
    shape: Annotated[str, Meta(max_length=300)]
    offset: Number | None
    size_bytes: Number


class Tensors(_Shape):
    """Lines of a tensor table."""

    rows: Annotated[list[Tensor], Meta(max_length=viewing.MAX_ROWS)]
    next_start: Number | None
    cut: bool = False


class Member(Struct, forbid_unknown_fields=True, kw_only=True):
    """One line of a container's list."""

    number: Number
    name: Annotated[str, Meta(max_length=viewing.MAX_NAME_CHARS)]
    size_bytes: Number


class Members(_Shape):
    """Lines of a container's list."""

    rows: Annotated[list[Member], Meta(max_length=viewing.MAX_ROWS)]
    next_start: Number | None
    total: Number
    break_code: wire.Code | None = None
    break_detail: Annotated[str, Meta(max_length=500)] = ""


class Inner(_Shape):
    """What the bytes of a file inside containers are."""

    kind: wire.Kind
    size_bytes: Number


def require_stretch(numbers: Sequence[int], start: int, next_start: int | None) -> None:
    """Rows go forward from ``start``, and the next stretch lies behind them."""
    past = start - 1 if not numbers else numbers[-1]
    forward = list(numbers) == sorted(set(numbers)) and (not numbers or numbers[0] >= start)
    if not forward or (next_start is not None and next_start <= past):
        raise viewing.CannotShow(reason_code="EXAMINE_CRASHED")


def decoded(body: bytes, *shapes: type[Any]) -> Any:
    """One answer of one of these shapes, or ``NotShown``.

    Raises:
        Nonsense: it is something else, or beyond a bound.
    """
    union: Any = NotShown
    for shape in shapes:
        union |= shape
    try:
        return msgspec.json.decode(body, type=union)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise wire.Nonsense(str(error)) from None
