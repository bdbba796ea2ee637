"""Read a marking tolerantly: note every rule of form it breaks and still make out what was meant."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from workstation.core.markings.model import (
    AtomicEnergy,
    Kind,
    Marking,
    Profile,
    Program,
    System,
    sort_countries,
)
from workstation.core.markings.text import Notes
from workstation.core.markings.vocabulary import LEVEL_OF_BANNER, LEVEL_OF_PORTION, Level, Vocabulary

_SLIP = 0.8  # how alike two words are for one to be a slip of the other


class Category(IntEnum):
    """The groups of a marking in their order."""

    SCI = 1
    SAP = 2
    AEA = 3
    FGI = 4
    CUI = 5
    DISSEM = 6
    OTHER = 7


@dataclass(kw_only=True)
class Draft:
    """What has been made out so far, in the order written."""

    level: Level = Level.UNCLASSIFIED
    system: System = System.US
    owners: list[str] = field(default_factory=list)
    sci: list[Program] = field(default_factory=list)
    sap: list[Program] = field(default_factory=list)
    hvsaco: bool = False
    aea: list[AtomicEnergy] = field(default_factory=list)
    fgi: list[str] | None = None
    dissem: list[str] = field(default_factory=list)
    rel_to: list[str] = field(default_factory=list)
    rel_as_banner: bool = False
    display_only: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    accm: list[str] = field(default_factory=list)
    cui_specified: list[str] = field(default_factory=list)
    cui_basic: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The circumstances of one reading, handed to each part of the grammar."""

    vocabulary: Vocabulary
    kind: Kind
    profile: Profile
    notes: Notes
    draft: Draft
    order: list[str] = field(default_factory=list)  # dissemination controls as they came

    @property
    def banner(self) -> bool:
        """Whether a banner is being read."""
        return self.kind is Kind.BANNER


Reader = Callable[[Reading, str, "Category | None"], "Category | None"]


def read_head(reading: Reading, body: str) -> list[str] | None:
    """Take the classification off the front; the groups that follow, or None when there is no reading on."""
    notes = reading.notes
    foreign = body.startswith("//")
    groups = body.removeprefix("//").split("//")
    if any(not group.strip("/") for group in groups) or body.endswith("/") or "///" in body:
        notes.add("MRK-108", "/", max(body.find("///"), len(body) - 1 if body.endswith("/") else 0))
        groups = [group.strip("/") for group in groups if group.strip("/")]
    if not groups:
        notes.add("MRK-113", body)
        return None
    head, rest = _cut_head(reading, groups[0], foreign=foreign)
    return None if head is None else [*rest, *groups[1:]]


def _cut_head(reading: Reading, group: str, *, foreign: bool) -> tuple[str | None, list[str]]:
    """Find the longest opening that is a classification; what follows it is a group wrongly joined."""
    cuts = [match.start() for match in re.finditer(r"[/ ]", group)] + [len(group)]
    for cut in reversed(cuts):
        head, rest = group[:cut], group[cut:].strip("/ ")
        if _classify(reading, head, foreign=foreign):
            if not rest:
                return head, []
            reading.notes.add("MRK-109", group[cut:])
            return head, rest.split("/") if group[cut] == "/" else [rest]
    word, _slash, rest = group.partition("/")
    words = LEVEL_OF_BANNER if reading.banner else LEVEL_OF_PORTION
    like = difflib.get_close_matches(word, words, n=1, cutoff=_SLIP)
    reading.notes.add("MRK-159" if like else "MRK-113", word if like else group)
    if not like:
        return None, []
    _classify(reading, like[0], foreign=foreign)
    return like[0], rest.split("/") if rest else []


def _classify(reading: Reading, head: str, *, foreign: bool) -> bool:
    """Note what the words say and the rules they break; False when they are no classification."""
    if head in {"CUI", "CONTROLLED"}:
        return _cui_head(reading, head, foreign=foreign)
    readers = (_us_head, _nato_head, _joint_head, _owner_head)
    return any(reader(reading, head, foreign) for reader in readers)


def _cui_head(reading: Reading, head: str, *, foreign: bool) -> bool:
    reading.draft.level = Level.CUI
    if foreign:
        reading.notes.add("MRK-114", "//", 0)
    if head == "CONTROLLED" and not (reading.profile is Profile.NARA_CUI and reading.banner):
        reading.notes.add("MRK-150", head)
    return True


def _level(reading: Reading, word: str) -> Level | None:
    """A level in either form, the wrong one noted."""
    right, wrong = LEVEL_OF_BANNER, LEVEL_OF_PORTION
    if not reading.banner:
        right, wrong = wrong, right
    if word in right:
        return right[word]
    if word in wrong:
        reading.notes.add("MRK-110" if reading.banner else "MRK-111", word)
        return wrong[word]
    return None


def _us_head(reading: Reading, head: str, foreign: bool) -> bool:
    if head not in LEVEL_OF_BANNER and head not in LEVEL_OF_PORTION:
        return False
    level = _level(reading, head)
    if level is Level.RESTRICTED:
        reading.notes.add("MRK-112", head)
    elif foreign:
        reading.notes.add("MRK-114", "//", 0)
    reading.draft.level = level or Level.UNCLASSIFIED
    return True


_NATO_BANNER = re.compile(
    r"(NATO|COSMIC) (TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|UNCLASSIFIED)(?:[ -](ATOMAL|BOHEMIA|BALK))?"
)
_NATO_PORTION = re.compile(r"(CTS|NS|NC|NR|NU)(?:-?(A|B|AT|BALK|BOHEMIA|ATOMAL))?")
_NATO_SHORT = {"A": "ATOMAL", "AT": "ATOMAL", "B": "BOHEMIA"}


def _nato_head(reading: Reading, head: str, foreign: bool) -> bool:
    notes, draft = reading.notes, reading.draft
    long, short = _NATO_BANNER.fullmatch(head), _NATO_PORTION.fullmatch(head)
    if long:
        draft.level, extra = LEVEL_OF_BANNER[long[2]], long[3]
        if (long[1] == "COSMIC") != (draft.level is Level.TOP_SECRET):
            notes.add("MRK-115", head)
    elif short:
        draft.level = Level.TOP_SECRET if short[1] == "CTS" else LEVEL_OF_PORTION[short[1][1:]]
        extra = _NATO_SHORT.get(short[2] or "", short[2])
    else:
        return False
    if bool(long) != reading.banner:
        notes.add("MRK-110" if reading.banner else "MRK-111", head)
    if not foreign:
        notes.add("MRK-114", head, 0)
    draft.system = System.NATO
    if extra == "ATOMAL":
        draft.aea.append(AtomicEnergy(name=extra))
    elif extra:
        draft.sci.append(Program(name=extra))
    return True


def _joint_head(reading: Reading, head: str, foreign: bool) -> bool:
    match = re.fullmatch(r"JOINT (TOP SECRET|[A-Z]+)((?:,? [A-Z]{3,4})*)", head)
    if not match or (match[1] not in LEVEL_OF_BANNER and match[1] not in LEVEL_OF_PORTION):
        return False
    if not foreign:
        reading.notes.add("MRK-114", head, 0)
    reading.draft.level = _level(reading, match[1]) or Level.UNCLASSIFIED
    reading.draft.system = System.JOINT
    owners = read_countries(reading, match[2].strip(), " ")
    if list(sort_countries(reading.vocabulary, owners)) != owners:
        reading.notes.add("MRK-126", head)
    reading.draft.owners = owners
    return True


def _owner_head(reading: Reading, head: str, foreign: bool) -> bool:
    owner, _space, word = head.partition(" ")
    known = owner == "FGI" or reading.vocabulary.knows(owner)
    if not known or (word not in LEVEL_OF_BANNER and word not in LEVEL_OF_PORTION):
        return False
    if not foreign:
        reading.notes.add("MRK-114", head, 0)
    reading.draft.level = _level(reading, word) or Level.UNCLASSIFIED
    reading.draft.system = System.FOREIGN
    reading.draft.owners = [] if owner == "FGI" else [owner]
    if owner == "USA":
        reading.notes.add("MRK-130", owner)
    return True


def read_countries(reading: Reading, text: str, separator: str) -> list[str]:
    """The codes of a list; the wrong separator and unknown codes are noted, unknown codes left out."""
    codes = [code for code in re.split(r"[,\s]+", text) if code]
    if separator.join(codes) != text:
        reading.notes.add("MRK-125", text)
    for code in codes:
        if not reading.vocabulary.knows(code):
            reading.notes.add("MRK-119", code)
    if len(set(codes)) != len(codes):
        reading.notes.add("MRK-124", text)
    return [code for code in dict.fromkeys(codes) if reading.vocabulary.knows(code)]


def as_fields(draft: Draft) -> dict[str, Any]:
    """The draft's values by field name, lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in vars(draft).items()}


def to_marking(reading: Reading) -> Marking:
    """The draft as a marking in the order written; ``rules.canonical`` sorts it."""
    return Marking(profile=reading.profile, vocabulary=reading.vocabulary, **as_fields(reading.draft))
