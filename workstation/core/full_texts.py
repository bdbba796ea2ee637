"""The words of whole documents and transcripts: in which pieces they are found, and what was not read.

The sandbox reads; what is kept here is plain text. Nothing of it is ever indexed outside the encrypted
database, and nothing that was left out is left out silently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workstation.core.values import CaseId, PackageId
from workstation.core.viewing import Form, forms_of

MAX_PASSAGE_CHARS = 8_000
MAX_FILE_CHARS = 32 << 20  # of one file; a book has a hundredth of it
# Of one stored container, whatever lies in it and however deep.
MAX_INSIDE_FILES = 2_000
MAX_MEMBER_BYTES = 256 << 20
MAX_UNPACKED_BYTES = 32 << 30  # every look at a file in a stream unpacks what lies before it
WHOLE_PACKAGE = ""  # the path under which it stands that every file of a package was looked at


class TextState(StrEnum):
    """How much of a file was read for the index."""

    BEGUN = "begun"
    WHOLE = "whole"
    PART = "part"
    NONE = "none"


class NotRead(StrEnum):
    """Why a file, or the rest of it, is not in the index."""

    BOUND = "bound"  # longer than ``MAX_FILE_CHARS``, or more in a container than is unpacked for the index
    UNREADABLE = "unreadable"  # the sandbox could not show it, or some pages of it
    DANGEROUS = "dangerous"  # the examination found what can act; it is not read again for the index
    CONTAINER = "container"  # a file of weights that is a container of parts as well
    NOT_TEXT = "not-text"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A piece of a file: the anchor of its page or sample, and its words."""

    place: str
    untrusted_words: str


@dataclass(frozen=True, kw_only=True)
class FullText:
    """What the index holds of one file. ``next_at`` is the page or sample where reading goes on.

    Of a container ``inside_at`` is the file inside where it goes on, a number for each level, ``next_at`` the
    page or sample of that one, and ``unread`` counts files that were not shown as well as pages.
    """

    package_id: PackageId
    untrusted_path: str
    state: TextState
    why: NotRead | None = None
    passages: int = 0
    chars: int = 0
    unread: int = 0  # pages or samples that the sandbox did not show
    next_at: int = 0
    inside_at: tuple[int, ...] = ()
    files_inside: int = 0
    unpacked_bytes: int = 0


class FullTexts(Protocol):
    """What was read of which file."""

    def add(self, case_id: CaseId, full: FullText, passages: Sequence[Passage]) -> None:
        """Index more of a file, and keep how far it was read."""

    def of_package(self, package_id: PackageId) -> Mapping[str, FullText]:
        """Every file of a package that was looked at, by path."""

    def waiting(self) -> Sequence[PackageId]:
        """Packages that are stored and examined, and not indexed to their end."""

    def tally(self) -> Mapping[str, int]:
        """How many files of the vault were not, or not wholly, read, by ``NotRead``."""


def form_of(kind: str, untrusted_name: str) -> Form | None:
    """How a file is read for the index; ``None`` where it holds no text of its own."""
    forms = forms_of(kind, untrusted_name)
    return next((form for form in (Form.SAMPLES, Form.TEXT) if form in forms), None)


def passages_of(place: str, text: str) -> list[Passage]:
    """The text in pieces short enough to be shown and stored, parted between words where there are any."""
    found: list[Passage] = []
    at = 0
    while at < len(text):
        end = at + MAX_PASSAGE_CHARS
        if end < len(text):
            gap = text.rfind(" ", at + MAX_PASSAGE_CHARS // 2, end)
            end = gap if gap > 0 else end
        piece = text[at:end].strip()
        if piece:
            found.append(Passage(place=place, untrusted_words=piece))
        at = end
    return found
