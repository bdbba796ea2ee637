"""Readers that die, lie, warn or tell their process; loaded into workers by tests of small files alone."""

import os
from collections.abc import Callable
from dataclasses import replace

import msgspec

from workstation.examine import dispatch, wire
from workstation.examine.formats import Format
from workstation.examine.reader import Folder, Notes, Source

_recognise = dispatch.recognise


def _odd(source: Source, notes: Notes) -> Format | None:
    word = source.read_at(0, 4)
    if word == b"DIE!":
        os._exit(1)
    if word == b"LIE!":
        notes.path = "kind-file.txt"
    elif word == b"BAD!":
        notes.caution("FILE_UNUSUAL")
    elif word == b"FAR!":
        notes.caution("FILE_UNUSUAL")
        notes.findings[0] = replace(notes.findings[0], path="kind-file.txt")
    notes.facts["process"] = os.getpid()
    return _recognise(source, notes)


def run(job: wire.Job, source: Source, folder: Folder | None, send: Callable[[msgspec.Struct], None]) -> None:
    """No task of its own."""


dispatch.recognise = _odd
