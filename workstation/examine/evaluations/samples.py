"""The samples of an evaluation log for a browser: a page of rows, and one sample as a plain-text transcript.

Pure functions over a ``Source``; memory depends on the page and on one sample, never on the log. All texts
are untrusted and bounded; show them as plain text only.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec

from workstation.examine.archives.zips import ZipArchive
from workstation.examine.evaluations import facts, zipped
from workstation.examine.evaluations.jsonflow import JsonFlow, fields_of, flow, value_of
from workstation.examine.reader import PIECE_BYTES, Source, Unreadable, pieces

MAX_PAGE = 500
MAX_TURNS = 2_000
MAX_TURN_CHARS = 100_000
MAX_TRANSCRIPT_CHARS = 4_000_000
MAX_CELL_CHARS = 300
MAX_SUMMARY_BYTES = 1 << 20
_ATTACHMENT = "attachment://"
_RESUMED = b'{"samples":['


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """One line of the list. ``key`` is what ``read_sample`` takes."""

    key: str
    untrusted_id: str
    epoch: int
    scores: tuple[tuple[str, str], ...]  # scorer and value as written
    has_error: bool
    preview: str


@dataclass(frozen=True, kw_only=True)
class SamplePage:
    """Some rows, and how many there are altogether."""

    total: int
    rows: tuple[SampleRow, ...]
    broken: Unreadable | None = None  # why the log could not be read behind the last of them


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message of the transcript, or one of its tool calls."""

    role: str  # system, user, assistant, tool, or "tool call"
    text: str


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One sample; ``cut`` says that something was left out because it is too long."""

    row: SampleRow
    turns: tuple[Turn, ...]
    target: str
    error: str
    cut: bool


class _Raws(msgspec.Struct):
    """A sample with every part still in JSON."""

    id: msgspec.Raw = msgspec.Raw(b"null")
    epoch: msgspec.Raw = msgspec.Raw(b"1")
    input: msgspec.Raw = msgspec.Raw(b"null")
    target: msgspec.Raw = msgspec.Raw(b"null")
    messages: msgspec.Raw = msgspec.Raw(b"null")
    scores: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")
    attachments: msgspec.Raw = msgspec.Raw(b"null")
    # lm-evaluation-harness
    doc_id: msgspec.Raw = msgspec.Raw(b"null")
    doc: msgspec.Raw = msgspec.Raw(b"null")
    arguments: msgspec.Raw = msgspec.Raw(b"null")
    resps: msgspec.Raw = msgspec.Raw(b"null")


def index_samples(source: Source) -> "array[int]":
    """Where each sample of a JSON log or line of a sample file begins, in bytes; empty for a zipped log.

    One pass over the log; with it every page and every sample is found at once. Eight bytes a sample.

    Raises:
        Unreadable: the log cannot be read.
    """
    return array("Q", (start for start, _row in found_samples(source)))


def found_samples(source: Source, begin: int = 0) -> Iterator[tuple[int, SampleRow]]:
    """The same one by one as they are found, with their rows, behind the sample that begins at ``begin``.

    A row has no key: nobody counts here how many samples lie before ``begin``.

    Raises:
        Unreadable: the log cannot be read.
    """
    starts = array("Q")
    if source.read_at(0, 2) == b"PK":
        return
    known = 1 if begin else 0
    for number, raw in _records(source, lambda at: at >= known, starts, begin):
        if number >= facts.MAX_SAMPLES:
            raise Unreadable("EXAMINE_LIMIT", f"more than {facts.MAX_SAMPLES} samples")
        start = starts.pop()
        if number >= known:
            yield start, _row("", raw)


def list_samples(source: Source, start: int, limit: int, index: "array[int] | None" = None) -> SamplePage:
    """Rows ``start`` to ``start + limit`` of a log, in the log's order.

    Without ``index`` a JSON log is read from its beginning to its end, or to where it breaks.

    Raises:
        Unreadable: the log cannot be read, not even one sample.
    """
    start, limit = max(0, start), max(0, min(limit, MAX_PAGE))
    if source.read_at(0, 2) == b"PK":
        return _list_zip(*zipped.opened(source), start, limit)
    if index:
        page = range(start, min(start + limit, len(index)))
        return SamplePage(
            total=len(index), rows=tuple(_row(str(number), _at(source, index, number)) for number in page)
        )
    total, rows, broken = 0, [], None
    try:
        for number, raw in _records(source, lambda at: start <= at < start + limit):
            total = number + 1
            if start <= number < start + limit:
                rows.append(_row(str(number), raw))
    except Unreadable as reason:
        if not total:
            raise
        broken = reason
    return SamplePage(total=total, rows=tuple(rows), broken=broken)


def read_sample(source: Source, key: str, index: "array[int] | None" = None) -> Transcript:
    """One sample by the key of its row.

    Raises:
        Unreadable: there is no such sample, it is too large, or the log cannot be read.
    """
    if source.read_at(0, 2) == b"PK":
        archive, _broken = zipped.opened(source)
        entry = archive.find(key) if key.startswith("samples/") else None
        if entry is None:
            raise Unreadable("EVAL_NO_SUCH_SAMPLE", key[:100])
        return _transcript(key, archive.read(entry, facts.MAX_SAMPLE_BYTES))
    wanted = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else -1  # noqa: PLR2004
    found: Iterable[tuple[int, bytes | None]] = _records(source, lambda at: at == wanted)
    if index:
        found = [(wanted, _at(source, index, wanted))] if 0 <= wanted < len(index) else []
    for number, raw in found:
        if number == wanted:
            if raw is None:
                raise Unreadable("EVAL_TOO_LARGE", f"sample {number + 1}")
            return _transcript(key, raw)
    raise Unreadable("EVAL_NO_SUCH_SAMPLE", key[:100])


def _at(source: Source, index: "array[int]", number: int) -> bytes | None:
    """One sample by its number, unless it is too large; short ones are read up to where the next begins."""
    start = index[number]
    length = index[number + 1] - start if number + 1 < len(index) else PIECE_BYTES
    if 0 < length < PIECE_BYTES:
        return JsonFlow(iter((source.read_at(start, length),))).raw(facts.MAX_SAMPLE_BYTES)
    return JsonFlow(pieces(source, start)).raw(facts.MAX_SAMPLE_BYTES)


def _records(
    source: Source, wanted: Callable[[int], bool], starts: "array[int] | None" = None, begin: int = 0
) -> Iterator[tuple[int, bytes | None]]:
    """Samples of a JSON log or lines of a sample file; None for those not wanted or too large."""
    head = source.read_at(0, 1 << 16).lstrip(b"\xef\xbb\xbf \t\r\n")
    if b'"doc_id"' in head.split(b"\n", 1)[0][: 1 << 16]:
        yield from _lines(source, wanted, starts, begin)
        return
    # What follows a sample is what follows it in an array of samples, whatever stood before.
    resumed = begin - len(_RESUMED)
    cursor = JsonFlow(chain((_RESUMED,), pieces(source, begin)), resumed) if begin else flow(source)
    for name in cursor.names():
        if name != "samples" or cursor.peek() != b"[":
            cursor.skip()
            continue
        for number in cursor.items():
            raw = None
            cursor.peek()
            if starts is not None:
                starts.append(cursor.position)
            if wanted(number):
                raw = cursor.raw(facts.MAX_SAMPLE_BYTES)
            else:
                cursor.skip()
            yield number, raw


def _lines(
    source: Source, wanted: Callable[[int], bool], starts: "array[int] | None", begin: int
) -> Iterator[tuple[int, bytes | None]]:
    number, left = 0, b""
    for piece in pieces(source, begin):
        *whole, left = (left + piece).split(b"\n")
        if len(left) > facts.MAX_SAMPLE_BYTES:
            raise Unreadable("EVAL_TOO_LARGE", f"line {number + 1}")
        for line in whole:
            if line.strip():
                if starts is not None:
                    starts.append(begin)
                yield number, line if wanted(number) else None
                number += 1
            begin += len(line) + 1
    if left.strip():
        if starts is not None:
            starts.append(begin)
        yield number, left if wanted(number) else None


def _list_zip(archive: ZipArchive, broken: Unreadable | None, start: int, limit: int) -> SamplePage:
    names = [entry.name for entry in archive.entries if facts.is_sample_name(entry.name)]
    page = dict.fromkeys(names[start : start + limit])
    rows: dict[str, SampleRow] = {}
    entry = archive.find("summaries.json")
    if entry is not None:
        _summaries(JsonFlow(archive.chunks(entry)), page, rows)
    for name in page:
        member = archive.find(name)
        if name in rows or member is None:
            continue
        too_large = member.size_bytes > facts.MAX_SAMPLE_BYTES
        rows[name] = _row(name, None if too_large else archive.read(member, facts.MAX_SAMPLE_BYTES))
    return SamplePage(total=len(names), rows=tuple(rows[name] for name in page), broken=broken)


def _summaries(cursor: JsonFlow, page: dict[str, None], rows: dict[str, SampleRow]) -> None:
    """Rows from the log's own list of summaries; a broken list is no reason to show none."""
    try:
        for _number in cursor.items():
            raw = cursor.raw(MAX_SUMMARY_BYTES)
            if raw is None:
                continue
            row = _row("", raw)
            name = f"samples/{row.untrusted_id}_epoch_{row.epoch}.json"
            if name in page and name not in rows:
                rows[name] = _row(name, raw)
    except Unreadable:
        return


def _row(key: str, raw: bytes | None) -> SampleRow:
    empty = SampleRow(key=key, untrusted_id="", epoch=1, scores=(), has_error=False, preview="")
    if raw is None:
        return empty
    try:
        parts, _not_numbers = fields_of(raw, _Raws)
    except Unreadable:
        return empty
    return _row_of(key, parts)


def _row_of(key: str, parts: _Raws) -> SampleRow:
    identity = _value(parts.id)
    if identity is None:
        identity = _value(parts.doc_id)
    epoch = _value(parts.epoch)
    first = _value(parts.input)
    return SampleRow(
        key=key,
        untrusted_id=_shown(identity, MAX_CELL_CHARS),
        epoch=epoch if type(epoch) is int and abs(epoch) < 1 << 31 else 1,
        scores=tuple(_scores(_value(parts.scores))),
        has_error=bytes(parts.error) != b"null",
        preview=_content(first if first is not None else _value(parts.doc), {})[:MAX_CELL_CHARS],
    )


def _scores(scores: Any) -> Iterator[tuple[str, str]]:
    for name, score in list(facts.mapping(scores).items())[:50]:
        value = facts.mapping(score).get("value", score)
        yield facts.text(name, 80), _shown(value, 80)


def _value(raw: msgspec.Raw) -> Any:
    try:
        return value_of(bytes(raw))
    except Unreadable:
        return None


def _shown(value: Any, limit: int) -> str:
    """A text as it is, anything else as JSON."""
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    return facts.text(value, limit)


def _transcript(key: str, raw: bytes) -> Transcript:
    parts, _not_numbers = fields_of(raw, _Raws)
    writer = _Writer(facts.mapping(_value(parts.attachments)))
    if bytes(parts.messages) != b"null":
        writer.messages(bytes(parts.messages))
    else:
        first = _value(parts.input)
        writer.add("user", _content(first if first is not None else _value(parts.arguments), {}))
        if bytes(parts.resps) != b"null":
            writer.add("assistant", _shown(_value(parts.resps), MAX_TURN_CHARS))
    error = _value(parts.error)
    return Transcript(
        row=_row_of(key, parts),
        turns=tuple(writer.turns),
        target=_shown(_value(parts.target), MAX_CELL_CHARS),
        error=_shown(facts.mapping(error).get("message", error), MAX_TURN_CHARS) if error is not None else "",
        cut=writer.cut,
    )


class _Writer:
    """Collects turns up to the bounds."""

    def __init__(self, attachments: dict[str, Any]) -> None:
        self.turns: list[Turn] = []
        self.cut = False
        self._attachments = attachments
        self._left = MAX_TRANSCRIPT_CHARS

    def add(self, role: str, said: str) -> None:
        """One turn."""
        allowed = min(MAX_TURN_CHARS, self._left)
        if len(said) > allowed or len(self.turns) >= MAX_TURNS:
            self.cut = True
        if len(self.turns) < MAX_TURNS and self._left > 0:
            said = facts.text(said, allowed)
            self._left -= len(said)
            self.turns.append(Turn(role=facts.text(role, 40), text=said))

    def messages(self, raw: bytes) -> None:
        """All messages of a sample, one at a time."""
        cursor = JsonFlow(iter([raw]))
        for _number in cursor.items():
            message = value_of(cursor.raw(facts.MAX_SAMPLE_BYTES) or b"null")
            if isinstance(message, dict):
                self._message(message)

    def _message(self, message: dict[str, Any]) -> None:
        role = message.get("role")
        self.add(
            role if isinstance(role, str) else "unknown", _content(message.get("content"), self._attachments)
        )
        error = facts.mapping(message.get("error")).get("message")
        if isinstance(error, str):
            self.add("tool error", error)
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            name, arguments = facts.mapping(call).get("function"), facts.mapping(call).get("arguments")
            called = f"{_shown(name, 200)}\n{_shown(arguments, MAX_TURN_CHARS)}"
            self.add("tool call", called)


def _content(value: Any, attachments: dict[str, Any]) -> str:
    """The text of a message: a string, or a list of parts of which pictures and sounds are only named."""
    if isinstance(value, str):
        held = attachments.get(value.removeprefix(_ATTACHMENT)) if value.startswith(_ATTACHMENT) else None
        return held if isinstance(held, str) else value
    if not isinstance(value, list):
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    return "\n".join(_part(part, attachments) for part in value)


def _part(part: Any, attachments: dict[str, Any]) -> str:
    if not isinstance(part, dict):
        return _shown(part, MAX_TURN_CHARS)
    if part.get("redacted") is True:
        return "[reasoning, withheld by the provider]"
    for name in ("text", "reasoning", "content"):
        if isinstance(part.get(name), str):
            return _content(part[name], attachments)
    return f"[{facts.text(part.get('type', 'part'), 40)}]"
