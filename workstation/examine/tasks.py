"""What a worker can be asked to do. Each task reads one served source and sends messages.

A new task (rendering a page, extracting text) is a line in ``TASKS``: the name of a module with a function
``run(job, source, folder, send)`` that sends ``wire.Answer`` and ``wire.Chunk`` messages.
"""

import importlib
from collections.abc import Iterator, Mapping
from types import ModuleType

from workstation.examine import bags, dispatch, together, wire
from workstation.examine.container import Container
from workstation.examine.formats import Format
from workstation.examine.reader import PIECE_BYTES, Folder, Notes, Source, Unreadable
from workstation.examine.walk import Send, Walk, clipped, file_message, sendable

_VIEWS = (
    "page-count",
    "render-page",
    "extract-text",
    "find-text",
    "index-samples",
    "list-samples",
    "read-sample",
    "tensor-rows",
    "read-bytes",
    "list-members",
    "name-kind",
    "read-member",
)
TASKS: dict[str, str] = dict.fromkeys(_VIEWS, "workstation.examine.views")


def run(
    job: wire.Job,
    source: Source,
    folder: Folder | None,
    files: Iterator[wire.Handed],
    send: Send,
    extra: Mapping[str, ModuleType],
) -> None:
    """Do one job; the caller sends ``Done``. ``files`` are asked for by the task "together" alone."""
    if job.task == "examine":
        walk = Walk(send, trust=tuple(job.trust), verifying=job.verifying, broken=job.broken)
        walk.start(source, job.path, folder)
    elif job.task == "together":
        together.run(job, files, folder, send)
    elif job.task == "container":
        _container(source, send)
    elif job.task == "members":
        _members(source, job.first, send)
    elif job.task == "bag" and folder is not None:
        _bag(folder, send)
    elif job.task in TASKS:
        importlib.import_module(TASKS[job.task]).run(job, source, folder, send)
    else:
        for module in extra.values():
            module.run(job, source, folder, send)


def preload(kind: str, *, viewing: bool = False) -> None:
    """Import the reader of one kind, or what shows it, before the next fork."""
    if viewing:
        importlib.import_module("workstation.examine.views").preload(kind)
    else:
        dispatch.preload(kind)


def _members(source: Source, first: int, send: Send) -> None:
    """Stream the plain files of an archive; the application has seen its examination before."""
    notes = Notes()
    line = dispatch.recognise(source, notes)
    if line is None or not line.container:
        return
    container: Container = dispatch.load(line).open_container(source, notes)
    for item in container.items[first:]:
        path = clipped(item.path)
        send(wire.Begin(path=path))  # whoever reads for us names the member at which the medium failed
        try:
            opened = item.open()
        except Unreadable as reason:
            send(
                wire.Skipped(
                    path=path,
                    size_bytes=item.size_bytes,
                    code=reason.code,
                    severity=reason.severity.value,
                    detail=sendable(reason.detail)[: Notes.MAX_DETAIL_CHARS],
                )
            )
            continue
        send(wire.Member(path=path, size_bytes=item.size_bytes))
        at = 0
        while at < item.size_bytes and (piece := opened.read_at(at, PIECE_BYTES)):
            send(wire.Chunk(data=piece))
            at += len(piece)
        send(wire.MemberEnd())


def _container(source: Source, send: Send) -> None:
    """The container alone: its structure, and its manifests when it carries a bag."""
    notes = Notes()
    line = dispatch.recognise(source, notes)
    if line is not None and line.container:
        dispatch.guarded(notes, lambda: _open_container(line, source, notes, send))
    send(file_message(notes, source.size_bytes))


def _open_container(line: Format, source: Source, notes: Notes, send: Send) -> None:
    container: Container = dispatch.load(line).open_container(source, notes)
    notes.facts["members"] = len(container.items)
    notes.facts["expanded_bytes"] = sum(item.size_bytes for item in container.items)
    kind = notes.kind
    _send_bag(bags.read(container, notes), notes, send)
    notes.kind = kind


def _send_bag(bag: bags.Bag | None, notes: Notes, send: Send) -> None:
    if bag is None:
        return
    for path, algorithm, digest in bag.lines():
        send(wire.Checksum(path=clipped(path), algorithm=algorithm, digest=digest))
    notes.facts["bag_base"] = bag.base
    notes.facts["bag_oxum"] = bag.oxum
    notes.facts["bag_fetched"] = bag.fetched[:1_000]


def _bag(folder: Folder, send: Send) -> None:
    """Read the tag files of a bag; its payload is hashed by the application."""
    notes = Notes()
    dispatch.guarded(notes, lambda: _send_bag(bags.read(folder, notes), notes, send))
    send(file_message(notes, 0))
