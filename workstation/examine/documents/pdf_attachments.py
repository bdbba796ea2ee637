"""Files inside a PDF: each one is examined by the same dispatcher as a file of its own."""

from typing import TYPE_CHECKING, Any

import msgspec

from workstation.core.examination import Coverage, Severity
from workstation.examine import wire
from workstation.examine.documents import plain
from workstation.examine.documents.pdf_objects import get, stream_bytes, text_of
from workstation.examine.reader import BytesSource, Notes

if TYPE_CHECKING:
    from workstation.examine.walk import Walk

MAX_ATTACHMENTS = 100
MAX_ATTACHMENT_BYTES = 32 << 20
MAX_DEPTH = 3
MAX_LISTED = 200
_UNRECOGNISED = {"unknown", "unrecognised-weights"}
SEPARATOR = "!/"  # between a file and what lies inside it, in paths shown to people


def report(specifications: list[Any], notes: Notes) -> None:
    """Examine what the file specifications embed and add the findings under the attachment's name."""
    streams = _embedded(specifications)
    if not streams:
        return
    listed = [plain.visible(name)[:100] for name, _stream in streams]
    notes.facts["attachments"] = listed[:MAX_ATTACHMENTS]
    notes.note("PDF_ATTACHMENT", f"{len(listed)} embedded: " + ", ".join(listed[:10]))
    if notes.path.count(SEPARATOR) >= MAX_DEPTH:
        notes.incomplete("PDF_ATTACHMENT_UNREAD", f"embedded deeper than {MAX_DEPTH} files")
        return
    from workstation.examine.walk import Walk  # noqa: PLC0415 - the walk imports this module

    sent: list[msgspec.Struct] = []
    walk = Walk(sent.append, trust=notes.trust)
    for name, stream in streams[:MAX_ATTACHMENTS]:
        _examine(name, stream, walk, sent, notes)
    if len(streams) > MAX_ATTACHMENTS:
        notes.incomplete(
            "PDF_ATTACHMENT_UNREAD", f"{len(streams) - MAX_ATTACHMENTS} beyond {MAX_ATTACHMENTS}"
        )


def _embedded(specifications: list[Any]) -> list[tuple[str, Any]]:
    """Name and stream of each embedded file; the two keys of one specification usually share a stream."""
    streams: dict[object, tuple[str, Any]] = {}
    for specification in specifications:
        name = text_of(specification, "/UF") or text_of(specification, "/F") or "unnamed"
        for key in ("/UF", "/F", "/DOS", "/Mac", "/Unix"):
            stream = get(specification, "/EF", key)
            if stream is not None:
                identity = stream.objgen if getattr(stream, "is_indirect", False) else (name, key)
                streams.setdefault(identity, (name, stream))
    return list(streams.values())


def _examine(name: str, stream: Any, walk: "Walk", sent: list[msgspec.Struct], notes: Notes) -> None:
    shown = plain.visible(name).replace("/", "\u2215")[:100]
    content = stream_bytes(stream, MAX_ATTACHMENT_BYTES)
    if content is None:
        notes.incomplete("PDF_ATTACHMENT_UNREAD", f"{shown}: too large or not decodable")
        return
    sent.clear()
    path = f"{notes.path}{SEPARATOR}{shown}"
    walk.start(BytesSource(content, name.replace("\\", "/").rpartition("/")[2]), path, None, depth=1)
    for file in sent:
        if isinstance(file, wire.File):
            _take(file, shown + file.path.removeprefix(path), notes)


def _take(file: wire.File, place: str, notes: Notes) -> None:
    """One attachment, or one file inside an attached archive."""
    for found in file.findings:
        at = place if found.path == file.path else place + found.path.removeprefix(file.path)
        notes.add(found.code, Severity(found.severity), found.detail, at)
    if file.kind in {"source-code", "script"}:
        notes.add("PDF_ATTACHMENT_PROGRAM", Severity.CAUTION, file.kind, place)
    if file.coverage == Coverage.INCONCLUSIVE:
        notes.complete = False
        said = any(found.severity == Severity.CAUTION for found in file.findings)
        if not said or file.kind in _UNRECOGNISED:
            notes.incomplete("PDF_ATTACHMENT_UNREAD", f"{place}: {file.kind}")
    files = notes.facts.setdefault("attached_files", [])
    if isinstance(files, list) and len(files) < MAX_LISTED:
        files.append([place[:200], file.kind, file.coverage])
