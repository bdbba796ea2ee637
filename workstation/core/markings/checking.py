"""The answer about a text: the marking it is, or every rule it breaks and what to write instead."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.markings.items import read_groups
from workstation.core.markings.model import Kind, Marking, Profile
from workstation.core.markings.reading import Draft, Reading, read_head, to_marking
from workstation.core.markings.rules import broken_by, canonical, repaired
from workstation.core.markings.text import BrokenRule, Notes, guess_kind, plain
from workstation.core.markings.vocabulary import Vocabulary

_REPAIRS = 4


@dataclass(frozen=True, kw_only=True)
class MarkingCheck:
    """Every rule a text breaks; ``marking`` is what it says, or what it seems to mean, or None.

    ``suggestion`` is a marking without faults, nearest to the text and never less restrictive in its
    controls; empty when a person has to choose.
    """

    text: str
    kind: Kind
    profile: Profile
    marking: Marking | None
    broken: tuple[BrokenRule, ...]
    suggestion: str

    @property
    def accepted(self) -> bool:
        """Whether the text is a marking as the rules want it."""
        return self.marking is not None and not self.broken


@dataclass(kw_only=True, eq=False)
class MarkingInvalid(Refused):
    """A text that is no marking; ``rule`` is the first rule broken, ``rules`` all of them."""

    code: ClassVar[str] = "MRK-001"
    untrusted_text: str
    rule: str
    position: int
    rules: tuple[str, ...]
    suggestion: str


def check(
    text: str, *, vocabulary: Vocabulary, kind: Kind | None = None, profile: Profile = Profile.IC_DOD
) -> MarkingCheck:
    """Judge a text; without a kind, parentheses tell a portion mark from a banner. Never raises."""
    kind = kind or guess_kind(text[:2000])
    notes = Notes(original=text)
    marking = _read(text, kind, profile, vocabulary, notes)
    if marking is not None:
        for rule, written in broken_by(marking, kind):
            notes.add(rule, written)
        marking = canonical(marking)
    suggestion = _suggest(marking, kind) if marking is not None and _mendable(notes) else ""
    return MarkingCheck(
        text=text,
        kind=kind,
        profile=profile,
        marking=marking,
        broken=tuple(notes.broken),
        suggestion=suggestion,
    )


def parse(
    text: str, kind: Kind = Kind.BANNER, profile: Profile = Profile.IC_DOD, *, vocabulary: Vocabulary
) -> Marking:
    """The marking that a text is.

    Raises:
        MarkingInvalid: it breaks a rule; carries the rules, the place and what to write instead.
    """
    answer = check(text, vocabulary=vocabulary, kind=kind, profile=profile)
    if answer.marking is None or answer.broken:
        raise MarkingInvalid(
            untrusted_text=text[:200],
            rule=answer.broken[0].rule,
            position=answer.broken[0].position,
            rules=tuple(dict.fromkeys(broken.rule for broken in answer.broken)),
            suggestion=answer.suggestion,
        )
    return answer.marking


def _read(text: str, kind: Kind, profile: Profile, vocabulary: Vocabulary, notes: Notes) -> Marking | None:
    body = plain(text, kind, notes)
    if not body:
        if not notes.broken:
            notes.add("MRK-101", position=0)
        return None
    reading = Reading(vocabulary=vocabulary, kind=kind, profile=profile, notes=notes, draft=Draft())
    groups = read_head(reading, body)
    if groups is None:
        return None
    read_groups(reading, groups)
    return to_marking(reading)


# Rules whose mending needs a person: the level or the word itself is unknown or contradictory.
_NEEDS_A_PERSON = frozenset(
    f"MRK-{number}" for number in (112, 113, 118, 119, 131, 134, 136, 137, 138, 140, 147, 149, 153, 155)
)


def _suggest(marking: Marking, kind: Kind) -> str:
    fixed = marking
    for _attempt in range(_REPAIRS):
        fixed = repaired(fixed, kind)
    text = fixed.text(kind)
    return text if _stands(text, kind, fixed) else ""


def _stands(text: str, kind: Kind, like: Marking) -> bool:
    """Whether the text is accepted as it stands; used on what we are about to propose."""
    notes = Notes(original=text)
    marking = _read(text, kind, like.profile, like.vocabulary, notes)
    return marking is not None and not notes.broken and not any(broken_by(marking, kind))


def _mendable(notes: Notes) -> bool:
    return bool(notes.broken) and not any(broken.rule in _NEEDS_A_PERSON for broken in notes.broken)
