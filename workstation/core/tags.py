"""Tags: short words by which an office finds its cases again. They say nothing of a case's outcome."""

import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from workstation.core import events
from workstation.core.cases import Case
from workstation.core.errors import Refused

MAX_TAG_CHARS, MAX_TAGS = 40, 20


@dataclass(kw_only=True, eq=False)
class TagInvalid(Refused):
    """A tag is empty, too long, or holds blanks, commas, colons or characters that do not show."""

    code: ClassVar[str] = "CAS-090"
    tag: str
    limit_chars: int


@dataclass(kw_only=True, eq=False)
class TagTwice(Refused):
    """The case has the tag already."""

    code: ClassVar[str] = "CAS-091"
    tag: str


@dataclass(kw_only=True, eq=False)
class TagMissing(Refused):
    """The case has no such tag."""

    code: ClassVar[str] = "CAS-092"
    tag: str


@dataclass(kw_only=True, eq=False)
class TagsTooMany(Refused):
    """The case has as many tags as one can have."""

    code: ClassVar[str] = "CAS-093"
    limit: int


def tag_of(text: str) -> str:
    """The tag as kept: lower case, in one spelling; raises ``TagInvalid``."""
    tag = unicodedata.normalize("NFKC", text).strip().casefold()
    plain = all(char.isalnum() or char in "-_./+" for char in tag)
    if not tag or len(tag) > MAX_TAG_CHARS or not plain:
        raise TagInvalid(tag=text[:MAX_TAG_CHARS], limit_chars=MAX_TAG_CHARS)
    return tag


def add_tag(case: Case, text: str) -> events.CaseTagged:
    """Add a tag, in any state of the case: an office sorts what is over as well.

    Raises:
        TagInvalid, TagTwice, TagsTooMany.
    """
    tag = tag_of(text)
    if tag in case.tags:
        raise TagTwice(tag=tag)
    if len(case.tags) >= MAX_TAGS:
        raise TagsTooMany(limit=MAX_TAGS)
    case.tags = tuple(sorted((*case.tags, tag)))
    return events.CaseTagged(case_id=case.case_id, tag=tag)


def remove_tag(case: Case, text: str) -> events.CaseUntagged:
    """Take a tag off; raises ``TagInvalid``, ``TagMissing``."""
    tag = tag_of(text)
    if tag not in case.tags:
        raise TagMissing(tag=tag)
    case.tags = tuple(one for one in case.tags if one != tag)
    return events.CaseUntagged(case_id=case.case_id, tag=tag)
