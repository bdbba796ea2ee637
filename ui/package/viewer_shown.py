"""What the viewer's panel is given to show, and the words for it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workstation.app import viewing
from workstation.app.reasons import reason as reason_of
from workstation.app.viewing import OpenDocument
from workstation.app.wording import explain, size, word
from workstation.core.errors import EnvironmentFault
from workstation.core.viewing import CannotShow, Form, Picture, SampleRows, TensorRows, TextHit, Transcript

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


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing is shown."""

    title: str
    what: str
    next: str


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

    def show_samples(self, found: SampleRows, *, first: bool) -> None:
        """Samples: the first ones, or further ones."""

    def show_transcript(self, transcript: Transcript, *, first: bool) -> None:
        """A sample's transcript: its beginning, or more of it."""

    def show_tensors(self, found: TensorRows, *, first: bool, name: str) -> None:
        """Tensors whose name holds ``name``: the first ones, or further ones."""

    def show_hits(self, hits: Sequence[TextHit], words: str) -> None:
        """What a search found, and what it did not read."""


def file_shown(document: OpenDocument) -> FileShown:
    """What the examination said of a file, first of all."""
    file = document.file
    findings = [
        f"{word('severity', found.severity)}: {reason_of(found.code).title} ({found.code}). {found.detail}"
        for found in file.findings
    ]
    facts = (
        ("Examination", word("coverage", file.coverage)),
        ("Findings", "\n".join(findings) or "none"),
        ("Kind and size", f"{file.kind}, {size(file.size_bytes)} ({file.size_bytes:,} bytes)"),
        ("Manifest", word("fixity", file.fixity)),
        ("SHA-384", file.sha384),
        *_examined_facts(file.facts_json),
    )
    return FileShown(title=file.untrusted_path, line=line_of(document), facts=facts, forms=document.forms)


def line_of(document: OpenDocument) -> str:
    """Kind, examination, who counts, and the walls once a worker ran."""
    file = document.file
    parts = [
        file.kind,
        word("coverage", file.coverage),
        _opening(document),
    ]
    walls = document.isolation
    if walls and "bubblewrap" not in walls:
        parts.append(f"isolation reduced: only {', '.join(walls)}")
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
