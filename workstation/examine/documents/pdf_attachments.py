"""Files inside a PDF: each one is examined by the same dispatcher as a file of its own."""

from typing import Any

from workstation.core.examination import Severity
from workstation.examine.documents import plain
from workstation.examine.documents.pdf_objects import get, stream_bytes, text_of
from workstation.examine.reader import BytesSource, Notes

MAX_ATTACHMENTS = 100
MAX_ATTACHMENT_BYTES = 32 << 20
MAX_DEPTH = 3
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
    for name, stream in streams[:MAX_ATTACHMENTS]:
        _examine(name, stream, notes)
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


def _examine(name: str, stream: Any, notes: Notes) -> None:
    from workstation.examine import dispatch  # noqa: PLC0415 - the dispatcher imports this module

    shown = plain.visible(name).replace("/", "\u2215")[:100]
    content = stream_bytes(stream, MAX_ATTACHMENT_BYTES)
    if content is None:
        notes.incomplete("PDF_ATTACHMENT_UNREAD", f"{shown}: too large or not decodable")
        return
    inner = Notes(f"{notes.path}{SEPARATOR}{shown}", trust=notes.trust)
    bare = name.replace("\\", "/").rpartition("/")[2]
    line = dispatch.examine(BytesSource(content, bare), inner)
    for finding in inner.findings:
        below = finding.path.removeprefix(inner.path).lstrip("/")
        notes.add(finding.code, finding.severity, finding.detail, f"{shown}/{below}" if below else shown)
    if inner.kind in {"source-code", "script"}:
        notes.add("PDF_ATTACHMENT_PROGRAM", Severity.CAUTION, inner.kind, shown)
    if line is None or line.container or not inner.complete:
        notes.incomplete("PDF_ATTACHMENT_UNREAD", f"{shown}: {inner.kind}")
