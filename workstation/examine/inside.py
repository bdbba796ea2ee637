"""In the worker: the way through containers to the file somebody looks at, and what a container lists.

A name that a container gives twice is numbered as intake does it. What the examination refuses to unpack can
be listed and looked at here all the same: a person sees no more than pixels and plain text, and the bounds of
the worker hold.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from workstation.core.viewing import MAX_INSIDE
from workstation.examine import dispatch
from workstation.examine.container import Container, Item
from workstation.examine.names import unique
from workstation.examine.reader import MAX_MEMBERS, Notes, Source, Unreadable


def descend(source: Source, names: Sequence[str]) -> Source:
    """The file at the end of the way; ``source`` itself when there is no way to go.

    Raises:
        Unreadable: a container on the way cannot be read, or holds no such file; or it lies too deep.
    """
    if len(names) > MAX_INSIDE:
        raise Unreadable("ARCH:nested-too-deep")
    for name in names:
        found = next((item for shown, item in named(container_of(source)) if shown == name), None)
        if found is None:
            raise Unreadable("VIEW_NO_MEMBER")
        source = found.open()
    return source


def container_of(source: Source) -> Container:
    """The members of a container, whatever else is wrong with it.

    Raises:
        Unreadable: it is none, or its list cannot be read.
    """
    notes = Notes()
    line = dispatch.recognise(source, notes)
    if line is None or not line.container:
        raise Unreadable("VIEW_NO_MEMBER", notes.kind)
    try:
        container: Container = dispatch.load(line).open_container(source, notes)
    except Unreadable as reason:
        if line.kind != "zip" or reason.code != "ARCH_CORRUPT":
            raise
        return _before_the_break(source, reason)
    return container


def _before_the_break(source: Source, reason: Unreadable) -> Container:
    """Members of a zip without a directory, by the headers beside their data; raises where there is none."""
    zips = dispatch.load(next(line for line in dispatch.formats() if line.kind == "zip"))
    cut_off = importlib.import_module("workstation.examine.archives.cut_off")
    archive = cut_off.CutOffArchive(source, max_entries=MAX_MEMBERS)
    if not archive.entries:
        raise reason
    broken = Unreadable(reason.code, f"ends at byte {archive.ends_at}; {reason.detail}")
    return Container(zips.items_of(archive), broken=broken)


def named(container: Container) -> Iterator[tuple[str, Item]]:
    """Every member with a name of its own."""
    taken: dict[str, int] = {}
    for item in container.items:
        yield unique(item.path, taken), item


def kind_of(source: Source) -> str:
    """What the bytes are, as exactly as the examination says it: some readers tell more than the detector."""
    notes = Notes()
    line = dispatch.recognise(source, notes)
    if line is not None and line.container:
        with suppress(Unreadable):
            dispatch.load(line).open_container(source, notes)
    elif line is not None and line.kind == "pickle":
        # A name like .bin is said of many a file; only its reader can tell whether these bytes are one.
        dispatch.guarded(notes, lambda: dispatch.load(line).examine(source, notes))
    return notes.kind
