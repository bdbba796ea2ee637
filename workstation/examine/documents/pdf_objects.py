"""Bounded ways into the objects of an opened PDF."""

import contextlib
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

MAX_NODES = 4_000_000
MAX_NESTING = 100
MAX_PAGES = 20_000
MAX_PAGE_UNITS = 14_400
_SMALL_BYTES = 1 << 20
_MAX_RAW_BYTES = 64 << 20


class TooMany(Exception):
    """More objects than are looked at."""


def dictionaries(document: "pikepdf.Pdf") -> Iterator["pikepdf.Object"]:
    """Every dictionary and stream of the file, indirect or nested, each once.

    Raises:
        TooMany: beyond ``MAX_NODES`` values.
    """
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    budget = MAX_NODES
    for top in _objects(document):
        stack: list[tuple[Any, int]] = [(top, 0)]
        while stack:
            value, depth = stack.pop()
            budget -= 1
            if budget < 0:
                raise TooMany(f"more than {MAX_NODES} values")
            if depth > MAX_NESTING:
                raise TooMany(f"values nested deeper than {MAX_NESTING}")
            if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                yield value
                inner = [item for _key, item in items(value)]
            elif isinstance(value, pikepdf.Array):
                inner = list(value)
            else:
                continue
            stack.extend(
                (item, depth + 1)
                for item in inner
                if isinstance(item, pikepdf.Object) and not item.is_indirect
            )


def _objects(document: "pikepdf.Pdf") -> Iterator["pikepdf.Object"]:
    yield document.trailer
    yield from document.objects


def items(value: Any) -> list[tuple[str, Any]]:
    """Keys and values of a dictionary or of a stream's dictionary; nothing if it cannot be listed."""
    try:
        keys = list(value.keys())
    except (ValueError, TypeError, RuntimeError, AttributeError):
        return []
    found = []
    for key in keys:
        # One key that is no UTF-8 must not hide the others.
        with contextlib.suppress(ValueError, TypeError, RuntimeError, KeyError):
            found.append((str(key), value.get(key)))
    return found


def get(value: Any, *keys: str) -> Any:
    """The value at a path of dictionary keys, or None."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    for key in keys:
        if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            return None
        try:
            value = value.get(key)
        except (ValueError, TypeError, RuntimeError, KeyError):
            return None
    return value


def as_list(value: Any) -> list[Any]:
    """The elements of an array; nothing for anything else."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    return list(value) if isinstance(value, pikepdf.Array) else []


def name_of(value: Any) -> str:
    """The name behind a value with its slash, or nothing."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    if not isinstance(value, pikepdf.Name):
        return ""
    try:
        return str(value)
    except UnicodeDecodeError:
        return value.unparse().decode("ascii", "replace")


def text_of(value: Any, *keys: str) -> str:
    """The text string at a path, or nothing."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    found = get(value, *keys)
    if not isinstance(found, pikepdf.String):
        return ""
    try:
        return str(found)
    except (ValueError, UnicodeDecodeError):
        return bytes(found).decode("latin-1")


def stream_bytes(stream: "pikepdf.Object", limit_bytes: int) -> bytes | None:
    """Decoded content of a stream up to ``limit_bytes``; None when it is larger or cannot be decoded so."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    raw = _raw(stream)
    if raw is None:
        return None
    filters = get(stream, "/Filter")
    names = [name_of(f) for f in filters] if isinstance(filters, pikepdf.Array) else [name_of(filters)]
    if names in ([""], []):
        content: bytes | None = raw
    elif names in (["/FlateDecode"], ["/Fl"]) and get(stream, "/DecodeParms") is None:
        content = _inflated(raw, limit_bytes)
    elif len(raw) > _SMALL_BYTES or "/FlateDecode" in names[:-1] or names.count("/FlateDecode") > 1:
        content = None
    else:
        # The other filters grow their input by small factors only, so a small input is decoded whole.
        content = _decoded(stream)
    return content if content is not None and len(content) <= limit_bytes else None


def _decoded(stream: "pikepdf.Object") -> bytes | None:
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    try:
        return stream.read_bytes()
    except (pikepdf.PdfError, RuntimeError, ValueError, NotImplementedError):
        return None


def _raw(stream: Any) -> bytes | None:
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    if not isinstance(stream, pikepdf.Stream):
        return None
    try:
        raw = stream.read_raw_bytes()
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return None
    return raw if len(raw) <= _MAX_RAW_BYTES else None


def _inflated(raw: bytes, limit_bytes: int) -> bytes | None:
    worker = zlib.decompressobj()
    try:
        content = worker.decompress(raw, limit_bytes + 1)
    except zlib.error:
        return None
    return content if len(content) <= limit_bytes else None
