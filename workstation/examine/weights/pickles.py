"""Pickle files and everything made of pickles: plain and concatenated pickles, the torch format before zip,
joblib with arrays between the opcodes. They are disassembled by ``pickle_machine``, never loaded.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from workstation.examine.reader import BytesSource, Notes, Source, Unreadable, Window
from workstation.examine.weights import hidden, pickle_report, zip_contents
from workstation.examine.weights.numpy_types import item_bytes
from workstation.examine.weights.pickle_machine import MAX_OPERATIONS, Machine
from workstation.examine.weights.pickle_names import FUNCTION_MAKERS, Reach, reach
from workstation.examine.weights.pickle_opcodes import Span, operations
from workstation.examine.weights.pickle_values import Box, Made, Name, Seen
from workstation.examine.weights.tensors import Cursor

MAX_PICKLES = 10_000
MAX_DEPTH = 16
MAX_LEVELS = 4
MAX_LOADED = 2_000
MAX_HIDDEN_OPERATIONS = 1_000_000
_START_COST = 20  # what beginning with a constant costs, in operations
MAX_INFLATED_BYTES = 64 << 20
TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_TORCH_PICKLES = 5  # magic, protocol, system, the object, storage keys
_TORCH_LOADER = Name("torch.storage", "_load_from_bytes")
_ZIP = b"PK\x03\x04"
_WRAPPER = Name("joblib.numpy_pickle", "NumpyArrayWrapper")
_DTYPES: tuple[object, ...] = (Name("numpy", "dtype"),)
STORAGE_BYTES = {
    **dict.fromkeys(("Double", "Long", "ComplexFloat"), 8),
    **dict.fromkeys(("Float", "Int", "QInt32"), 4),
    **dict.fromkeys(("Half", "BFloat16", "Short"), 2),
    **dict.fromkeys(("Byte", "Char", "Bool", "QUInt8", "QInt8", "Untyped", "QUInt4x2", "QUInt2x4"), 1),
    "ComplexDouble": 16,
}


def examine(source: Source, notes: Notes) -> None:
    """Follow every pickle of the file and say which names they look up and call."""
    if not source.size_bytes:
        raise Unreadable("MODEL_UNPARSED", "empty")
    scan = Scan(_inflated(source, notes) or source, notes)
    scan.run()
    scan.report()


def unpacked(source: Source) -> Source:
    """The bytes the pickles lie in: those of the file, or what it was compressed from."""
    return _inflated(source, Notes()) or source


class Scan:
    """One file's pickles, one after the other."""

    def __init__(self, source: Source, notes: Notes, start: int = 0, *, plain: bool = False) -> None:
        self.source, self.notes = source, notes
        self.start, self.plain = start, plain  # plain: as Python's own loader reads, without joblib's arrays
        self.cursor = Cursor(source, start)
        self.seen = Seen()
        self.pickles = 0
        self.arrays = self.depth = self.level = 0
        self.spare = MAX_HIDDEN_OPERATIONS
        self.results: list[object] = []
        self.error: Unreadable | None = None

    def run(self) -> None:
        """Follow pickles to the end of the bytes, or to bytes that are none."""
        while self.cursor.left and self.pickles < MAX_PICKLES:
            start, names = self.cursor.at, len(self.seen.names)
            try:
                result = self._one()
            except Unreadable as error:
                if self.pickles and len(self.seen.names) == names and error.code == "MODEL_UNPARSED":
                    self._trailing(start)
                else:
                    self.error = error
                    if error.code == "MODEL_UNPARSED" and not self.pickles and not self.seen.names:
                        self.notes.kind = "unrecognised-weights"
                return
            self.pickles += 1
            if len(self.results) < _TORCH_PICKLES:
                self.results.append(result)
            if self.pickles == _TORCH_PICKLES and self.results[0] == TORCH_MAGIC:
                self._torch_storages()
                return
        if self.cursor.left:
            self.notes.incomplete("EXAMINE_LIMIT", f"more than {MAX_PICKLES} pickles in one file")

    def _one(self) -> object:
        machine = Machine(self.seen, is_function_maker)
        for operation in operations(self.cursor):
            machine.step(operation)
            if machine.built is not None and not self.plain:
                self._joblib_array(machine.built)
        return machine.result

    def _joblib_array(self, built: Made) -> None:
        """After its wrapper, joblib writes an array's bytes between the opcodes."""
        if built.maker != _WRAPPER or not isinstance(built.state, Box):
            return
        state = built.state.named()
        shape, dtype = state.get("shape"), state.get("dtype")
        text = dtype_text(dtype)
        size = item_bytes(text) if isinstance(text, str) else None
        if isinstance(text, str) and "O" in text:
            self._nested()
            return
        lengths = shape.items if isinstance(shape, Box) else []
        if size is None or not all(type(length) is int and length >= 0 for length in lengths):
            raise Unreadable("MODEL_UNPARSED", "an array of joblib whose size is not told")
        for length in lengths:
            size *= length if type(length) is int else 1
        if type(state.get("numpy_array_alignment_bytes")) is int:
            self.cursor.skip(self.cursor.integer(1))
        if size > self.cursor.left:
            raise Unreadable("MODEL:truncated", f"array of {size} bytes where {self.cursor.left} are left")
        self.cursor.skip(size)
        self.arrays += 1

    def _nested(self) -> None:
        """An array of objects is a whole pickle in the middle of the other one."""
        if self.depth >= MAX_DEPTH:
            raise Unreadable("EXAMINE_LIMIT", f"pickles inside pickles deeper than {MAX_DEPTH}")
        self.depth += 1
        self._one()
        self.depth -= 1

    def _torch_storages(self) -> None:
        """Before zip, torch wrote each storage after the pickles: its length, then its numbers."""
        expected = 0
        for kind, elements in self.seen.stores.values():
            size = STORAGE_BYTES.get(kind.removesuffix("Storage"))
            if size is None:
                self.notes.incomplete("MODEL_UNPARSED", f"storage type {kind[:60]} of unknown size")
                return
            expected += 8 + elements * size
        start, left = self.cursor.at, self.cursor.left
        if expected > left:
            self.notes.incomplete("MODEL:truncated", f"storages need {expected} bytes where {left} are left")
        elif expected < left:
            self._trailing(start + expected)

    def _followed(self, content: bytes) -> Seen | None:
        """What a pickle inside other bytes does; None when the bytes are no whole pickle."""
        if self.spare <= 0:
            return None
        seen = Seen()
        seen.operations = start = max(0, MAX_OPERATIONS - self.spare)
        machine = Machine(seen, is_function_maker)
        try:
            for operation in operations(Cursor(BytesSource(content))):
                machine.step(operation)
        except Unreadable:
            return None
        finally:
            self.spare -= seen.operations - start + _START_COST
            if self.spare <= 0:
                self.notes.incomplete("MODEL_HIDDEN", "too many constants to look into all of them")
        return seen

    def _trailing(self, start: int) -> None:
        left = self.source.size_bytes - start
        head = self.source.read_at(start, min(left, hidden.MAX_UNPACKED_BYTES))
        if not head.strip(b"\0") and left <= len(head):
            self.notes.note("MODEL:trailing", f"{left} zero bytes after the last pickle")
            return
        self.notes.caution("MODEL:trailing", f"{left} bytes after the last pickle, not part of any")
        pickle_report.look_inside(head, "after the last pickle", self.notes, self._followed)

    def _as_plain(self) -> None:
        """Take in what the bytes of arrays would do if Python's own loader read the file.

        Most array bytes are no opcodes, so only names that are known to be harmful count.
        """
        other = Scan(self.source, Notes(), self.start, plain=True)
        other.run()
        for name in other.seen.names:
            if reach(name.module, name.name) >= Reach.CARRIER:
                self.seen.name(name)

    def report(self) -> None:
        """Put findings and facts into the notes."""
        if self.arrays:
            self._as_plain()
        if _TORCH_LOADER in self.seen.names:
            self._loaded_constants()
        pickle_report.report(self.seen, self.notes)
        self.notes.facts["pickles"] = self.pickles
        if self.arrays:
            self.notes.facts["arrays"] = self.arrays
        self._payloads()
        if self.error is not None:
            self.notes.complete = False
            self.notes.add(self.error.code, self.error.severity, self.error.detail)
            if self.error.code != "MODEL_UNPARSED":
                self.notes.caution("MODEL_UNPARSED", "the rest of the pickle was not followed")

    def _loaded_constants(self) -> None:
        """Constants of bytes that torch will load as files of its own while this pickle is loaded."""
        spans = [payload for payload in self.seen.payloads if isinstance(payload, Span)]
        if len(spans) > MAX_LOADED or self.level >= MAX_LEVELS:
            self.notes.incomplete("EXAMINE_LIMIT", "files inside constants that were not all followed")
            return
        for payload in spans:
            content = Window(self.source, payload.offset, payload.size_bytes)
            if content.read_at(0, len(_ZIP)) == _ZIP:
                for member in zip_contents.members(content):
                    self._loaded(BytesSource(member.content))
            else:
                self._loaded(content)

    def _loaded(self, content: Source) -> None:
        inner = Scan(content, Notes())
        inner.level = self.level + 1
        inner.run()
        if _TORCH_LOADER in inner.seen.names:
            inner._loaded_constants()
        if inner.seen.names:
            for name in inner.seen.names:
                self.seen.name(name)
            self.seen.computed.update(inner.seen.computed)
            self.seen.tensors += inner.seen.tensors
            self.seen.parameters += inner.seen.parameters

    def _payloads(self) -> None:
        if self.seen.payloads_dropped:
            self.notes.incomplete(
                "MODEL_HIDDEN", f"{self.seen.payloads_dropped} constants were not looked into"
            )
        for payload in self.seen.payloads:
            if isinstance(payload, Span):
                content = self.source.read_at(payload.offset, min(payload.size_bytes, 64 << 10))
                whole = payload.size_bytes <= len(content)
                if not whole and not hidden.starts_like_pickle(content):
                    continue
                if not whole and payload.size_bytes <= hidden.MAX_UNPACKED_BYTES:
                    content = self.source.read_at(payload.offset, payload.size_bytes)
                where = f"bytes at {payload.offset}"
                pickle_report.look_inside(content, where, self.notes, self._followed)
            else:
                pickle_report.look_inside(payload, "text constant", self.notes, self._followed)


def is_function_maker(name: Name) -> bool:
    return (name.module, name.name) in FUNCTION_MAKERS


def dtype_text(value: object) -> object:
    """The text a NumPy type is rebuilt from: ``f8`` of ``numpy.dtype("f8", False, True)``."""
    if isinstance(value, Made) and value.maker in _DTYPES and isinstance(value.arguments, Box):
        return value.arguments.items[0] if value.arguments.items else None
    return None


class _Inflater(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most ``max_length`` bytes; the rest on the next call."""


def _inflated(source: Source, notes: Notes) -> Source | None:
    """The content of a compressed joblib file, bounded; None when the file is not compressed."""
    head = source.read_at(0, 8)
    openers: tuple[tuple[bytes, Callable[[], _Inflater]], ...] = (
        (b"\x78", zlib.decompressobj),
        (b"\x1f\x8b", lambda: zlib.decompressobj(31)),
        (b"BZh", bz2.BZ2Decompressor),
        (b"\xfd7zXZ", lambda: lzma.LZMADecompressor(memlimit=128 << 20)),
        (b"\x5d\0\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=128 << 20)),
    )
    for magic, opener in openers:
        if head.startswith(magic):
            return _inflate(source, opener(), notes)
    return None


def _inflate(source: Source, inflater: _Inflater, notes: Notes) -> Source | None:
    parts, size, at, pending = [], 0, 0, b""
    try:
        while not inflater.eof and size < MAX_INFLATED_BYTES:
            if not pending and getattr(inflater, "needs_input", True):
                pending = source.read_at(at, 256 << 10)
                at += len(pending)
                if not pending:
                    break
            part = inflater.decompress(pending, MAX_INFLATED_BYTES - size)
            pending = bytes(getattr(inflater, "unconsumed_tail", b""))
            parts.append(part)
            size += len(part)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        if not size:
            return None  # not compressed after all
        notes.incomplete("MODEL_UNPARSED", f"compressed stream breaks after {size} bytes")
    if size >= MAX_INFLATED_BYTES:
        notes.incomplete("EXAMINE_LIMIT", f"only the first {MAX_INFLATED_BYTES} unpacked bytes were followed")
    return BytesSource(b"".join(parts), source.name)
