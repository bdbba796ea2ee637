"""What the viewer's panel is given to show, and the words for it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ui.jobs import Failed
from workstation.app import viewing
from workstation.app.reasons import reason as reason_of
from workstation.app.viewing import OpenDocument
from workstation.app.wording import exact_size, explain, is_reduced, walls, word
from workstation.core.errors import EnvironmentFault
from workstation.core.examination import Finding
from workstation.core.jobs import JobControl
from workstation.core.viewing import (
    CannotShow,
    Form,
    MemberRows,
    Picture,
    SampleRow,
    SampleRows,
    TensorRows,
    TextHit,
    Transcript,
)

_MOST_FACTS = 40
_MOST_FACT_CHARS = 300
_TABLE_FACTS = {"tensor_table", "tensor_table_columns"}


@dataclass(frozen=True, kw_only=True)
class FileShown:
    """What is known of the file before anything of it is shown."""

    title: str
    line: str
    facts: tuple[tuple[str, str], ...]
    forms: tuple[Form, ...]
    is_inside: bool = False  # it lies in a container, to which one can go back


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing is shown."""

    title: str
    what: str
    next: str


T = TypeVar("T")


class Looks(Protocol):
    """The runner of this document's own looks."""

    def start(self, work: Callable[[JobControl], T], *, done: Callable[[T], None], failed: Failed) -> None:
        """Run ``work`` elsewhere and call back in the window's thread."""

    def cancel(self) -> None:
        """Ask the running look to stop."""

    def join(self, timeout_s: float) -> None:
        """Wait for it."""


class ViewerView(Protocol):
    """The panel as the presenter sees it."""

    @property
    def picture_width_px(self) -> int:
        """How wide a page can be drawn."""

    def show_file(self, shown: FileShown) -> None:
        """Another file; nothing of its content yet."""

    def show_form(self, form: Form) -> None:
        """Which way of looking is chosen."""

    def show_where(self, page: int, pages: int) -> None:
        """The page shown, counted from 1; for bytes the first byte and the number of bytes."""

    def show_busy(self, words: str) -> None:
        """What is being done; empty when nothing is."""

    def show_trouble(self, trouble: Trouble) -> None:
        """The reason in place of content."""

    def show_line(self, line: str) -> None:
        """How the file stands, in one line."""

    def show_picture(self, picture: Picture, name: str) -> None:
        """A page as pixels."""

    def show_text(self, text: str, wanted: str) -> None:
        """A page as text, with the wanted words in view."""

    def show_bytes(self, table: str) -> None:
        """Some bytes."""

    def show_samples(self, found: SampleRows, *, first: bool, words: str) -> None:
        """Samples: the first ones, or further ones."""

    def show_transcript(self, transcript: Transcript, *, first: bool) -> None:
        """A sample's transcript: its beginning, or more of it."""

    def show_tensors(self, found: TensorRows, *, first: bool, name: str) -> None:
        """Tensors whose name holds ``name``: the first ones, or further ones."""

    def show_members(self, found: MemberRows, *, first: bool, name: str) -> None:
        """Files of a container whose name holds ``name``: the first ones, or further ones."""

    def choose_member(self, name: str) -> None:
        """Go to a file of the container."""

    def choose_tensor(self, name: str) -> bool:
        """Go to a tensor; whether it is among those shown."""

    def choose_sample(self, row: SampleRow) -> None:
        """Go to a sample."""

    def choose_bytes(self, first: int, last: int) -> None:
        """Select bytes, counted from the first shown."""

    def show_hits(self, hits: Sequence[TextHit], words: str) -> None:
        """What a search found, and what it did not read."""


def file_shown(document: OpenDocument) -> FileShown:
    """What the examination said of a file, first of all."""
    file = document.file
    findings = [
        f"{word('severity', found.severity)}: {reason_of(found.code).title} ({found.code}). {found.detail}"
        for found in _findings(document)
    ]
    said = ("Findings", "\n".join(findings) or "none")
    known = ("Kind and size", f"{document.kind}, {exact_size(document.size_bytes)}")
    facts: tuple[tuple[str, str], ...] = (
        ("Examination", word("coverage", file.coverage)),
        said,
        known,
        ("Manifest", word("fixity", file.fixity)),
        ("SHA-384", file.sha384),
        *_examined_facts(file.facts_json),
    )
    if document.inside:
        whole = f"{file.untrusted_path}: {word('coverage', file.coverage)}"
        facts = (("Lies in", whole), said, known)
    return FileShown(
        title=document.untrusted_path,
        line=line_of(document),
        facts=facts,
        forms=document.forms,
        is_inside=bool(document.inside),
    )


def _findings(document: OpenDocument) -> Sequence[Finding]:
    """Of a file in containers: what was found of it, of what lies in it, and of each container on the way."""
    if not document.inside:
        return document.file.findings
    outer, way = document.file.untrusted_path, "/".join(document.inside)
    here = f"{outer}/{way}"
    on_the_way = {"/".join((outer, *document.inside[:depth])) for depth in range(len(document.inside))}
    return [
        found
        for found in document.file.findings
        if found.path in on_the_way or found.path == here or found.path.startswith(f"{here}/")
    ]


def line_of(document: OpenDocument) -> str:
    """Kind, examination, who counts, and the walls once a worker ran."""
    told = word("coverage", document.file.coverage)
    parts = [
        document.kind,
        f"its container: {told}" if document.inside else told,
        _opening(document),
    ]
    held = document.isolation
    if held and is_reduced(held):
        parts.append(walls(held))
    return "  \u00b7  ".join(parts)


def _opening(document: OpenDocument) -> str:
    if not document.counts:
        return "you look without the duty to answer, which does not count as opened by a reviewer"
    return "opened by a reviewer" if document.is_opened else "nothing of it shown yet"


def _examined_facts(facts_json: str) -> tuple[tuple[str, str], ...]:
    """What the examination noted of the content, in its own words."""
    try:
        facts: Any = json.loads(facts_json)
    except ValueError:
        return ()
    pairs = []
    for name, value in facts.items() if isinstance(facts, dict) else ():
        if name in _TABLE_FACTS or value in (None, "", [], {}):
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        more = "\u2026" if len(text) > _MOST_FACT_CHARS else ""
        pairs.append((str(name)[:60].replace("_", " ").capitalize(), text[:_MOST_FACT_CHARS] + more))
    return tuple(pairs[:_MOST_FACTS])


def found_words(found: viewing.Found) -> str:
    """How many places, and what was not read."""
    many = f"{len(found.hits):,} found" if found.hits else "Not found"
    parts = [f"{many} in {found.read_pages:,} pages read."]
    if found.unread_pages:
        some = ", ".join(str(page + 1) for page in found.unread_pages[:10])
        parts.append(f"{len(found.unread_pages):,} pages could not be read: {some}.")
    if found.cut:
        parts.append("There are more than are listed here.")
    return " ".join(parts)


def trouble_of(error: BaseException) -> Trouble:
    """Why nothing is shown: a reason of the examination, or what the machine lacks."""
    if isinstance(error, CannotShow):
        reason = reason_of(error.reason_code)
        what = " ".join(part for part in (reason.what, error.untrusted_detail) if part)
        return Trouble(title=f"Inconclusive: {reason.title} ({reason.code})", what=what, next=reason.next)
    if isinstance(error, EnvironmentFault):
        told = explain(error)
        return Trouble(title=f"Inconclusive: {told.title} ({told.code})", what=told.what, next=told.next)
    return Trouble(title="Not shown", what="The notice says why.", next="Go back to the files.")
