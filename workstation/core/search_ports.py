"""Looking through what the encrypted database holds, as protocols; nothing of it is ever indexed outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workstation.core.summaries import CaseSummary
from workstation.core.values import CaseId, PersonId


class IndexKind(StrEnum):
    """What is indexed by its words, each by itself."""

    FILE = "file"  # the path of a stored file
    TEXT = "text"  # what the examination read in one
    ANSWER = "answer"
    FINDING = "finding"
    BENCHMARK = "benchmark"
    REFERRAL = "referral"
    PASSAGE = "passage"  # a page of a document, a stretch of a transcript


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """One thing found. ``record`` and ``part`` name it within its case:

    package and path of a file, text or passage, criterion and person of an answer, else one identifier.
    """

    kind: IndexKind
    case_id: CaseId
    record: str
    part: str
    untrusted_words: str
    place: str = ""  # the anchor of a passage within its file
    portion_marking: str = ""  # of the words, where they have one of their own
    marking: str = ""  # a banner of its own, where it has one


class Search(Protocol):
    """Full-text search, and the cases in short."""

    def find(self, kind: IndexKind, text: str, viewer: PersonId, *, limit: int) -> Sequence[Indexed]:
        """What holds every word of ``text``, newest first; at most ``limit``.

        A word matches a word or its beginning, whatever case or accents; text in double quotes matches words
        in that order. Nobody is handed another's answer or finding before both reviewers have submitted, nor
        an access-limited referral without being named on it.
        """

    def summaries(self) -> Sequence[CaseSummary]:
        """Every case in short, by identifier."""

    def summary(self, case_id: CaseId) -> CaseSummary:
        """One case in short; raises CaseUnknown."""

    def rebuild(self) -> int:
        """Index everything anew; returns how many things are indexed. Needs a writing unit of work."""
