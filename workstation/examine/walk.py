"""Inside the worker: one file, and everything inside it when it is a container, examined in order."""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from workstation.core.examination import Finding, Severity
from workstation.examine import bags, dispatch, wire
from workstation.examine.container import Container, Item
from workstation.examine.formats import Format
from workstation.examine.reader import MAX_MEMBERS, Folder, Notes, Source
from workstation.examine.summary import MAX_ROLLED_UP, ROLLED_UP
from workstation.examine.weights import salvage

MAX_NESTING = 4  # containers inside containers; what lies deeper is named and not opened
_EXPANSION_FLOOR_BYTES = 1 << 30
_EXPANSION_RATIO = 1_000
_MAX_PATH_CHARS = 4_096

Send = Callable[[msgspec.Struct], None]


class Walk:
    """Examines and sends one ``File`` message for each file, members before their container.

    ``broken`` names files that ended an earlier worker: they are reported with that code and not opened.
    """

    def __init__(
        self,
        send: Send,
        *,
        trust: tuple[bytes, ...] = (),
        verifying: bool = False,
        broken: Mapping[str, str] | None = None,
    ) -> None:
        self._send, self._trust, self._verifying, self._broken = send, trust, verifying, broken or {}
        self._expanded_bytes = 0
        self._outer_bytes = 0
        self._listed = 0  # members of the containers that are open around the file at hand

    def start(self, source: Source, path: str, folder: Folder | None, depth: int = 0) -> None:
        """Examine the outermost file; ``path`` is its path inside ``folder`` too."""
        self._outer_bytes = source.size_bytes
        self._file(source, self._notes(path, folder, path), depth)

    def _notes(self, path: str, folder: Folder | None, member: str) -> Notes:
        notes = Notes(path, folder=folder, trust=self._trust, verifying=self._verifying, member=member)
        notes.most_members = MAX_MEMBERS - self._listed
        notes.alive = partial(self._send, wire.Begin(path=clipped(path)))
        return notes

    def _file(self, source: Source, notes: Notes, depth: int) -> None:
        self._send(wire.Begin(path=clipped(notes.path)))
        code = self._broken.get(clipped(notes.path))
        line = None if code else dispatch.recognise(source, notes)
        if code:
            notes.incomplete(code)
        elif line is not None and line.container:
            self._container(line, source, notes, depth)
            dispatch.look_behind(line, source, notes)
        elif line is not None:
            dispatch.read(line, source, notes)
        self._report(notes, source.size_bytes)

    def _container(self, line: Format, source: Source, notes: Notes, depth: int) -> None:
        if depth >= MAX_NESTING:
            notes.incomplete("ARCH:nested-too-deep")
            return
        container = _opened(line, source, notes)
        if container is None:
            _salvage(line, source, notes)
            return
        notes.facts["members"] = len(container.items)
        notes.facts["expanded_bytes"] = sum(item.size_bytes for item in container.items)
        if any(finding.severity is Severity.DANGER for finding in notes.findings):
            # Nothing is unpacked from what is rejected; its members stay unexamined.
            notes.complete = False
            _salvage(line, source, notes)
            return
        dispatch.guarded(notes, lambda: bags.check_inside(container, notes))
        self._listed += len(container.items)
        for item in container.items:
            if not self._may_expand(item, notes):
                break
            self._member(item, container, notes, depth)
        self._listed -= len(container.items)
        if notes.facts.get("message"):
            _salvage(line, source, notes)

    def _may_expand(self, item: Item, notes: Notes) -> bool:
        self._expanded_bytes += item.size_bytes
        allowed = max(_EXPANSION_FLOOR_BYTES, _EXPANSION_RATIO * self._outer_bytes)
        if self._expanded_bytes > allowed:
            notes.complete = False
            notes.danger("ARCH_BOMB", f"more than {allowed} bytes over all levels")
            return False
        return True

    def _member(self, item: Item, container: Container, notes: Notes, depth: int) -> None:
        path = f"{notes.path}/{item.path}" if notes.path else item.path
        inner = self._notes(path, container, item.path)
        opened: list[Source] = []
        if dispatch.guarded(inner, lambda: opened.append(item.open())):
            self._file(opened[0], inner, depth + 1)
            _roll_up(inner, notes)
        else:
            notes.facts.setdefault("message", inner.findings[0].detail)
            self._report(inner, item.size_bytes)

    def _report(self, notes: Notes, size_bytes: int) -> None:
        self._send(file_message(notes, size_bytes))


def _salvage(line: Format, source: Source, notes: Notes) -> None:
    """Say what a refused zip holds for a loader of models: those open what is refused here."""
    if line.kind == "zip":
        notes.complete = False
        dispatch.guarded(notes, lambda: salvage.examine(source, notes))


def _roll_up(inner: Notes, notes: Notes) -> None:
    """A container names what loading its members would reach, wherever they lie."""
    for fact in ROLLED_UP:
        found, known = inner.facts.get(fact), notes.facts.get(fact)
        if isinstance(found, list) and found:
            notes.facts[fact] = sorted({*(known if isinstance(known, list) else []), *found})[:MAX_ROLLED_UP]


def _opened(line: Format, source: Source, notes: Notes) -> Container | None:
    """The container, or None when it cannot be read; ``message`` says in a word what is wrong with it."""
    opened: list[Container] = []
    dispatch.guarded(notes, lambda: opened.append(dispatch.load(line).open_container(source, notes)))
    worth = (finding.detail for finding in notes.findings if finding.severity is not Severity.NOTE)
    if message := next(worth, ""):
        notes.facts["message"] = message
    return opened[0] if opened else None


def file_message(notes: Notes, size_bytes: int) -> wire.File:
    """Everything noted about one file as a message."""
    return wire.File(
        path=clipped(notes.path),
        size_bytes=size_bytes,
        kind=notes.kind,
        coverage=dispatch.coverage_of(notes).value,
        findings=found_texts(notes),
        facts=_facts(notes),
    )


def clipped(path: str) -> str:
    """A path that fits a message: lone surrogates made visible, absurd lengths cut."""
    return sendable(path)[:_MAX_PATH_CHARS]


def sendable(text: str) -> str:
    """Text that can be encoded as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def found_texts(notes: Notes) -> list[wire.FoundText]:
    """The findings as messages; if some did not fit, a last one says how many."""
    findings = notes.findings[: wire.MAX_FINDINGS - 1]
    left_out = notes.dropped + len(notes.findings) - len(findings)
    if left_out:
        findings = [
            *findings,
            Finding(code="EXAMINE_MORE", severity=Severity.CAUTION, path=notes.path, detail=str(left_out)),
        ]
    return [
        wire.FoundText(
            code=finding.code,
            severity=finding.severity.value,
            path=clipped(finding.path),
            detail=sendable(finding.detail)[: Notes.MAX_DETAIL_CHARS],
        )
        for finding in findings
    ]


def _facts(notes: Notes) -> bytes:
    try:
        facts = msgspec.json.encode(notes.facts)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError):
        facts = b""
    if facts and len(facts) <= wire.MAX_FACTS_BYTES:
        return facts
    small = {key: value for key, value in notes.facts.items() if isinstance(value, int | float | bool | None)}
    return msgspec.json.encode({**small, "facts_cut": True})[: wire.MAX_FACTS_BYTES]
