"""What a viewer would run, open or fetch because a PDF says so (ISO 32000-1 12.6, 12.7.8, 13).

The workstation runs none of it; the reviewer learns that it is there, because the file may travel on.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workstation.examine.documents import plain
from workstation.examine.documents.pdf_objects import (
    as_list,
    dictionaries,
    get,
    items,
    name_of,
    stream_bytes,
    text_of,
)
from workstation.examine.reader import Notes

if TYPE_CHECKING:
    import pikepdf

_ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "Launch",
    "/SubmitForm": "SubmitForm",
    "/ImportData": "ImportData",
    "/GoToR": "GoToR",
    "/GoToE": "GoToE",
    "/Rendition": "Rendition",
    "/GoTo3DView": "GoTo3DView",
    "/RichMediaExecute": "RichMediaExecute",
}
# These names also occur as structure types, so they count only where their own key is present.
_ACTIONS_WITH = {"/Movie": ("/T", "/Annotation"), "/Sound": ("/Sound",)}
_ANNOTATIONS = {
    "/RichMedia": "RichMedia",
    "/3D": "3D",
    "/Movie": "Movie annotation",
    "/Screen": "Screen annotation",
}
_UNSAFE_LINK = re.compile(
    r"^\s*(?:javascript|vbscript|file|smb|ms-[a-z-]+|search-ms|shell):|^\\\\", re.IGNORECASE
)
MAX_LINKS = 50
MAX_TRIGGERS = 50_000
MAX_SAMPLE_CHARS = 120
_MOST_FILTERS = 8
_EXPANDING = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


@dataclass(kw_only=True)
class Found:
    """What one pass over the objects met."""

    active: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    links: int = 0
    hosts: set[str] = field(default_factory=set)
    attached: list[Any] = field(default_factory=list)
    triggers: list[Any] = field(default_factory=list)  # dictionaries of actions started by events
    forms: int = 0
    compressed_twice: int = 0

    def add(self, kind: str, sample: str = "") -> None:
        """Count one and keep the first sample of its kind."""
        self.active[kind] += 1
        if sample and kind not in self.samples:
            self.samples[kind] = plain.visible(sample)[:MAX_SAMPLE_CHARS]


def report(document: "pikepdf.Pdf", notes: Notes) -> Found:
    """Search every object, then say what was found.

    Raises:
        TooMany: when the file holds more than is looked at; what was found is reported all the same.
    """
    found = Found()
    try:
        for value in dictionaries(document):
            _look(value, found)
    finally:
        _without_a_click(document, found)
        _say(found, notes)
    return found


def _say(found: Found, notes: Notes) -> None:
    if found.links:
        notes.facts["links"] = found.links
        notes.facts["link_hosts"] = sorted(found.hosts)[:MAX_LINKS]
    if found.forms:
        notes.facts["form_fields"] = found.forms
    if found.compressed_twice:
        notes.caution("PDF_EXPANSION", f"streams: {found.compressed_twice}")
    if found.active:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(found.active.items()))
        notes.facts["active_content"] = dict(sorted(found.active.items()))
        samples = "; ".join(f"{kind}: {text}" for kind, text in sorted(found.samples.items()))
        notes.caution("PDF_ACTIVE", f"{kinds}. {samples}" if samples else kinds)


def _look(value: "pikepdf.Object", found: Found) -> None:
    # One listing of the keys: asking the library for each key in turn costs ten times as much.
    entries = dict(items(value))
    kind = name_of(entries.get("/S"))
    if kind:
        _action(value, kind, found)
    if "/JS" in entries:
        found.add("JavaScript", _script(value, entries["/JS"]))
    if entries.get("/XFA") is not None:
        found.add("XFA form")
    if "/EF" in entries:
        found.attached.append(value)
    if "/AA" in entries and len(found.triggers) < MAX_TRIGGERS:
        found.triggers.append(entries["/AA"])
    if "/FT" in entries:
        found.forms += 1
    subtype = name_of(entries.get("/Subtype"))
    if subtype in _ANNOTATIONS and "/Rect" in entries:
        found.add(_ANNOTATIONS[subtype])
    if subtype == "/Form" and "/Ref" in entries:
        found.add("Reference to another file's page")
    if _expands_twice(entries.get("/Filter")):
        found.compressed_twice += 1
    if entries.get("/F") is not None and _is_stream(value):
        found.add("Stream kept in another file", _file(entries["/F"]))


def _expands_twice(filters: Any) -> bool:
    """Whether a stream is compressed more than once: no tool needs it, each time may be a thousandfold."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    if not isinstance(filters, pikepdf.Array):
        return False
    names = [name_of(filters[index]) for index in range(min(len(filters), _MOST_FILTERS))]
    return sum(name in _EXPANDING for name in names) > 1 or len(filters) > _MOST_FILTERS


def _is_stream(value: Any) -> bool:
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    return isinstance(value, pikepdf.Stream)


def _action(value: "pikepdf.Object", kind: str, found: Found) -> None:
    if kind == "/JavaScript":
        if get(value, "/JS") is None:
            found.add("JavaScript")
    elif kind in _ACTIONS:
        found.add(_ACTIONS[kind], _file(get(value, "/F")) or _file(get(value, "/Win")))
    elif kind in _ACTIONS_WITH:
        if any(get(value, key) is not None for key in _ACTIONS_WITH[kind]) and get(value, "/K") is None:
            found.add(kind[1:])
    elif kind == "/URI":
        _link(value, found)


def _link(value: "pikepdf.Object", found: Found) -> None:
    target = text_of(value, "/URI")
    found.links += 1
    host = re.match(r"[a-z][a-z0-9+.-]*://([^/?#\s]{1,100})", target, re.IGNORECASE)
    if host and len(found.hosts) < MAX_LINKS:
        found.hosts.add(plain.visible(host[1]))
    if _UNSAFE_LINK.search(target):
        found.add("Link to a program or share", target)


def _script(value: "pikepdf.Object", inner: Any) -> str:
    if _is_stream(inner):
        content = stream_bytes(inner, 65_536)
        return content.decode("latin-1")[:MAX_SAMPLE_CHARS] if content else ""
    return text_of(value, "/JS")


def _file(value: Any) -> str:
    """The name in a file specification (7.11), a bare string or a dictionary."""
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    if isinstance(value, pikepdf.String):
        try:
            return str(value)
        except (ValueError, UnicodeDecodeError):
            return "undecodable name"
    return text_of(value, "/UF") or text_of(value, "/F")


def _without_a_click(document: "pikepdf.Pdf", found: Found) -> None:
    """A web link is ordinary; one that opens by itself is not. Follows /Next chains once."""
    starts: list[Any] = [get(document.trailer, "/Root", "/OpenAction")]
    for actions in found.triggers:
        starts.extend(action for _event, action in items(actions))
    seen: set[tuple[int, int]] = set()
    steps = 0
    while starts and steps < 10_000:  # noqa: PLR2004 - chains longer than this are hostile anyway
        steps += 1
        action = starts.pop()
        identity = getattr(action, "objgen", (0, 0))
        if identity != (0, 0) and identity in seen:
            continue
        seen.add(identity)
        if name_of(get(action, "/S")) == "/URI":
            found.add("Link opened without a click", text_of(action, "/URI"))
        following = get(action, "/Next")
        starts.extend(as_list(following) or [following])
