"""In the worker: one look at one document. Sends a strict answer, or why there is none."""

import importlib
import re
from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from workstation.core import viewing
from workstation.core.viewing import MAX_TEXT_CHARS, Form, forms_of
from workstation.examine import inside, sample_index, shown, wire
from workstation.examine.documents import plain, render
from workstation.examine.reader import Folder, Source, Unreadable, pieces
from workstation.examine.walk import Send, sendable
from workstation.examine.weights.tensors import TensorRow

if TYPE_CHECKING:
    from workstation.examine.evaluations.samples import SampleRow

_HITS_A_PAGE = 20
_MOST_HITS = 1_000
_BEFORE_CHARS, _BEHIND_CHARS = 16, 120
_MAX_NUMBER = (1 << 62) - 1
_TENSORS = "workstation.examine.weights.listing"
_BYTES_A_LINE = 16
_MOST_DIMENSIONS = 16
_FIRST_PRINTABLE, _PAST_PRINTABLE = 0x20, 0x7F


def run(job: wire.Job, source: Source, folder: Folder | None, send: Send) -> None:
    """Do one job of ``TASKS``; whatever the bytes make it raise becomes an answer."""
    view = job.view or wire.View(kind="unknown")
    try:
        source = inside.descend(source, view.inside) if view.inside else source
        if job.task == "render-page":
            _picture(source, view, send)
        elif job.task == "read-member":
            _content(source, send)
        elif job.task == "index-samples":
            _index(source, view, send)
        elif job.task in _INDEXED:
            _send(_INDEXED[job.task](source, view, sample_index.lent(folder)), send)
        else:
            _send(_ANSWERS[job.task](source, view), send)
    except Unreadable as reason:
        _send(shown.NotShown(code=reason.code, detail=_cut(reason.detail, 500)), send)
    except RecursionError:
        _send(shown.NotShown(code="EXAMINE_LIMIT", detail="nesting"), send)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a reader's defect must not become the application's
        _send(shown.NotShown(code="EXAMINE_CRASHED", detail=type(error).__name__), send)


def preload(kind: str) -> None:
    """Import once what every look at this kind needs."""
    if kind == "pdf":
        importlib.import_module("pypdfium2")
    if kind in {"pdf", "image"}:
        importlib.import_module("PIL.Image")
    if Form.TENSORS in forms_of(kind):
        importlib.import_module(_TENSORS).preload(kind)


def _send(answer: msgspec.Struct, send: Send) -> None:
    _send_bytes(msgspec.json.encode(answer), send)


def _send_bytes(body: bytes, send: Send) -> None:
    for at in range(0, len(body), wire.MAX_READ_BYTES):
        send(wire.Chunk(data=body[at : at + wire.MAX_READ_BYTES]))


def _picture(source: Source, view: wire.View, send: Send) -> None:
    pixels = render.render_page(source, view.kind, view.start, view.width_px)
    send(
        wire.Answer(
            json=msgspec.json.encode(shown.Head(width_px=pixels.width_px, height_px=pixels.height_px))
        )
    )
    _send_bytes(pixels.rgb, send)


def _count(source: Source, view: wire.View) -> msgspec.Struct:
    return shown.PageCount(pages=max(1, render.page_count(source, view.kind)))


def _text(source: Source, view: wire.View) -> msgspec.Struct:
    text = render.extract_text(source, view.kind, view.start)
    return shown.PlainText(text=_cut(text, MAX_TEXT_CHARS))


def _find(source: Source, view: wire.View) -> msgspec.Struct:
    """Pages ``start`` to ``start + limit``. Words may be parted by any white space, case does not count."""
    words = [re.escape(word) for word in view.text.split()]
    wanted = re.compile(r"\s+".join(words), re.IGNORECASE)
    hits: list[shown.Hit] = []
    unread: list[int] = []
    cut = False
    for page, text in render.text_pages(source, view.kind, view.start, view.limit):
        if text is None:
            unread.append(page)
            continue
        found = list(islice(wanted.finditer(text), _HITS_A_PAGE + 1)) if words else []
        room = min(_HITS_A_PAGE, _MOST_HITS - len(hits))
        cut |= len(found) > room
        hits += [shown.Hit(page=page, excerpt=_excerpt(text, match)) for match in found[:room]]
    return shown.Hits(hits=hits, unread=unread, cut=cut)


def _excerpt(text: str, match: re.Match[str]) -> str:
    """A word or two before the place, so that it can be seen in a narrow list, and more behind it."""
    before = text[max(0, match.start() - _BEFORE_CHARS) : match.start()]
    before = before.partition(" ")[2] if len(before) == _BEFORE_CHARS else before
    return _cut(" ".join((before + text[match.start() : match.end() + _BEHIND_CHARS]).split()), 400)


def _index(source: Source, view: wire.View, send: Send) -> None:
    """Where the samples behind the one at ``start`` begin, as they are found: at most ``limit``.

    At the end how many they were and whether more follow, or why there is no index; then their rows.
    """
    samples = importlib.import_module("workstation.examine.evaluations.samples")
    found = ((start, _row(row)) for start, row in samples.found_samples(source, view.start))
    answer: msgspec.Struct
    rows: list[shown.Sample] = []
    try:
        answer = sample_index.send_starts(found, view, send, rows)
    except Unreadable as reason:
        answer = shown.NotShown(code=reason.code, detail=_cut(reason.detail, 500))
    send(wire.Answer(json=msgspec.json.encode(answer)))
    _send(shown.Samples(total=len(rows), rows=rows), send)


def _samples(source: Source, view: wire.View, index: "array[int] | None") -> msgspec.Struct:
    samples = importlib.import_module("workstation.examine.evaluations.samples")
    page = samples.list_samples(source, view.start, view.limit, index)
    return shown.Samples(
        total=page.total,
        break_code=page.broken.code if page.broken else None,
        break_detail=_cut(page.broken.detail, 500) if page.broken else "",
        rows=sample_index.that_fit(map(_row, page.rows)),
    )


def _row(row: "SampleRow") -> shown.Sample:
    return shown.Sample(
        key=sendable(row.key)[: viewing.MAX_KEY_CHARS],
        id=_cut(row.untrusted_id, 400),
        epoch=row.epoch,
        scores=[(_cut(name, 400), _cut(value, 400)) for name, value in row.scores[:50]],
        has_error=row.has_error,
        preview=_cut(row.preview, 400),
    )


def _sample(source: Source, view: wire.View, index: "array[int] | None") -> msgspec.Struct:
    """Turns from ``start`` on, as many as fit into one text; one that is longer is cut and said so."""
    samples = importlib.import_module("workstation.examine.evaluations.samples")
    found = samples.read_sample(source, view.text, index)
    turns: list[shown.Turn] = []
    left, cut, next_turn = MAX_TEXT_CHARS, bool(found.cut), None
    for number, turn in enumerate(found.turns[view.start :], start=view.start):
        text = plain.visible(sendable(turn.text))
        if turns and len(text) > left:
            next_turn = number
            break
        cut |= len(text) > MAX_TEXT_CHARS
        turns.append(shown.Turn(role=_cut(turn.role, 100), text=text[:MAX_TEXT_CHARS]))
        left -= len(text)
    return shown.Transcript(
        id=_cut(found.row.untrusted_id, 400),
        target=_cut(found.target, 400),
        error=_cut(found.error, 10_000),
        turns=turns,
        next_turn=next_turn,
        cut=cut,
    )


def _tensors(source: Source, view: wire.View) -> msgspec.Struct:
    """Tensors from ``start`` on whose name holds ``text``, up to ``limit``."""
    reader = importlib.import_module(_TENSORS)
    rows: Iterator[tuple[int, TensorRow | None]] = enumerate(reader.tensor_rows(source, view.kind))
    wanted = view.text.casefold()
    found: list[shown.Tensor] = []
    for number, row in islice(rows, view.start, None):
        if row is None:
            return shown.Tensors(rows=found, next_start=None, cut=True)
        if wanted and wanted not in row.name.casefold():
            continue
        if len(found) >= view.limit:
            return shown.Tensors(rows=found, next_start=number)
        found.append(_tensor(number, row))
    return shown.Tensors(rows=found, next_start=None)


def _tensor(number: int, row: TensorRow) -> shown.Tensor:
    more = " x ..." if len(row.shape) > _MOST_DIMENSIONS else ""
    return shown.Tensor(
        number=number,
        name=_cut(row.name, 400),
        dtype=_cut(row.dtype, 40),
        shape=_cut(" x ".join(map(str, row.shape[:_MOST_DIMENSIONS])) + more, 300),
        offset=None if row.offset is None else max(0, min(row.offset, _MAX_NUMBER)),
        size_bytes=max(0, min(row.size_bytes, _MAX_NUMBER)),
    )


def _members(source: Source, view: wire.View) -> msgspec.Struct:
    """Files of a container from ``start`` on whose name holds ``text``, up to ``limit``."""
    container = inside.container_of(source)
    wanted = view.text.casefold()
    found: list[shown.Member] = []
    next_start = None
    for number, (name, item) in enumerate(inside.named(container)):
        if number < view.start or (wanted and wanted not in name.casefold()):
            continue
        if len(found) >= view.limit:
            next_start = number
            break
        found.append(
            shown.Member(
                number=number,
                name=sendable(name)[: viewing.MAX_NAME_CHARS],
                size_bytes=max(0, min(item.size_bytes, _MAX_NUMBER)),
            )
        )
    broken = container.broken
    return shown.Members(
        rows=found,
        next_start=next_start,
        total=len(container.items),
        break_code=broken.code if broken else None,
        break_detail=_cut(broken.detail, 500) if broken else "",
    )


def _inner(source: Source, view: wire.View) -> msgspec.Struct:
    del view
    return shown.Inner(kind=inside.kind_of(source), size_bytes=max(0, min(source.size_bytes, _MAX_NUMBER)))


def _content(source: Source, send: Send) -> None:
    """All bytes of a file that may be held, after its size."""
    if source.size_bytes > viewing.MAX_SEALED_BYTES:
        raise Unreadable("VIEW_TOO_LARGE", f"{source.size_bytes} bytes")
    body = shown.Inner(kind="unknown", size_bytes=source.size_bytes)
    send(wire.Answer(json=msgspec.json.encode(body)))
    for piece in pieces(source):
        _send_bytes(piece, send)


def _bytes(source: Source, view: wire.View) -> msgspec.Struct:
    """Offset, bytes in hexadecimal, and the printable ones of ASCII as characters."""
    raw = source.read_at(view.start, viewing.BYTES_A_PAGE)
    lines = []
    for at in range(0, len(raw), _BYTES_A_LINE):
        part = raw[at : at + _BYTES_A_LINE]
        digits = part.hex(" ")
        letters = "".join(chr(b) if _FIRST_PRINTABLE <= b < _PAST_PRINTABLE else "." for b in part)
        lines.append(f"{view.start + at:12d}  {digits:<47}  {letters}")
    return shown.PlainText(text="\n".join(lines))


def _cut(text: str, limit: int) -> str:
    """Text that can be sent, at most so long, with nothing in it that cannot be seen."""
    return plain.visible(sendable(text[:limit]))[:limit]


_ANSWERS: dict[str, Callable[[Source, wire.View], msgspec.Struct]] = {
    "page-count": _count,
    "extract-text": _text,
    "find-text": _find,
    "tensor-rows": _tensors,
    "read-bytes": _bytes,
    "list-members": _members,
    "name-kind": _inner,
}
_INDEXED: dict[str, Callable[[Source, wire.View, "array[int] | None"], msgspec.Struct]] = {
    "list-samples": _samples,
    "read-sample": _sample,
}
