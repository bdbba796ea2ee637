"""Inspect AI logs as ``.eval``: a zip with a header and one JSON file for each sample."""

import re
from typing import Any

from workstation.core.examination import Severity
from workstation.examine.archives.zipfields import Entry
from workstation.examine.archives.zips import ZipArchive
from workstation.examine.evaluations import facts
from workstation.examine.evaluations.jsonflow import JsonFlow, fields_of
from workstation.examine.reader import Notes, Source, Unreadable

MAX_ENTRIES = 500_000
MAX_EXPANSION = 200
EXPANSION_FLOOR_BYTES = 4 << 30
MAX_ODD_MEMBERS = 20
_OTHER = re.compile(r"(?:_journal/.+|summaries|reductions|[A-Za-z_]+)\.json")
_METHODS = {0: "stored", 8: "deflate", 12: "bzip2", 14: "lzma", 20: "zstd", 93: "zstd", 95: "xz"}


class _Anything(facts.SampleHead):
    """Any JSON object, checked and not built."""


def examine(source: Source, notes: Notes) -> None:
    """Read the header, every sample and the rest of the members; keep nothing but counts."""
    archive = opened(source, notes)
    _compression(archive, notes)
    log = _header(archive, notes)
    tally = facts.Tally()
    left_bytes = max(EXPANSION_FLOOR_BYTES, MAX_EXPANSION * source.size_bytes)
    odd = 0
    for entry in archive.entries:
        if entry.is_folder:
            continue
        left_bytes -= entry.size_bytes
        if left_bytes < 0:
            notes.incomplete("EXAMINE_LIMIT", "expands to more than is read of one log")
            break
        odd += not _member(archive, entry, tally, notes)
    if odd > MAX_ODD_MEMBERS:
        notes.incomplete("EVAL_MEMBER", f"{odd} members that are no part of a log")
    tally.into(notes)
    facts.compare(notes, log.get("status", "started"))


def opened(source: Source, notes: Notes) -> ZipArchive:
    """The log as a zip archive.

    Raises:
        Unreadable: as for ``ZipArchive``; a log without its directory was cut off.
    """
    try:
        return ZipArchive(source, notes, max_entries=MAX_ENTRIES)
    except Unreadable as reason:
        if reason.code == "ARCH_CORRUPT":
            notes.incomplete("EVAL_TRUNCATED", reason.detail)
        raise


def _compression(archive: ZipArchive, notes: Notes) -> None:
    methods = sorted(
        {_METHODS.get(entry.method, str(entry.method)) for entry in archive.entries if entry.size_bytes}
    )
    notes.facts["compression"] = "+".join(methods) or "none"


def _header(archive: ZipArchive, notes: Notes) -> dict[str, Any]:
    entry = archive.find("header.json")
    if entry is None:
        # A killed run leaves only what it wrote at its start, which has no status.
        entry = archive.find("_journal/start.json")
    if entry is None:
        raise Unreadable("EVAL_INVALID", "neither header.json nor _journal/start.json")
    return facts.header(archive.read(entry, facts.MAX_HEADER_BYTES), notes)


def _member(archive: ZipArchive, entry: Entry, tally: facts.Tally, notes: Notes) -> bool:
    """Read one member; False when it is of no kind that belongs in a log."""
    is_sample = facts.is_sample_name(entry.name)
    tally.samples += is_sample
    if not is_sample and not _OTHER.fullmatch(entry.name):
        if len(notes.findings) < notes.MAX_FINDINGS:
            notes.complete = False
            notes.add("EVAL_MEMBER", Severity.CAUTION, f"{entry.size_bytes} bytes", path=entry.name)
        return False
    try:
        _read(archive, entry, tally if is_sample else None, notes)
    except Unreadable as reason:
        notes.complete = False
        notes.add(reason.code, reason.severity, reason.detail, path=entry.name)
        if reason.code == "ARCH_BOMB":
            raise
    return True


def _read(archive: ZipArchive, entry: Entry, tally: facts.Tally | None, notes: Notes) -> None:
    if entry.size_bytes > facts.MAX_SAMPLE_BYTES:
        cursor = JsonFlow(archive.chunks(entry))
        cursor.skip()
        cursor.finish()
        notes.complete = False
        detail = f"larger than {facts.MAX_SAMPLE_BYTES} bytes"
        notes.add("EVAL_TOO_LARGE", Severity.CAUTION, detail, path=entry.name)
        return
    raw = archive.read(entry, facts.MAX_SAMPLE_BYTES)
    if tally is not None:
        tally.take(raw)
    elif raw.lstrip()[:1] == b"{":
        fields_of(raw, _Anything)
    else:
        cursor = JsonFlow(iter([raw]))
        cursor.skip()
        cursor.finish()
