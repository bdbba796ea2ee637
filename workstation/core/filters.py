"""Filters of the case list: what a person types to see fewer cases. Pure.

``state:evaluation tag:cyber days:<=7`` keeps what fits every word; several words of one kind keep what fits
any of them. A word without a colon is looked for in the identifier, model, checkpoint and developer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from workstation.core.case_states import CaseState, CaseType
from workstation.core.errors import Refused
from workstation.core.values import CaseId, PersonId
from workstation.core.window import WindowStanding

MAX_FILTER_CHARS, MAX_NAME_CHARS, MAX_FILTERS = 500, 60, 100
_DAYS = {"<=": (None, 0), "<": (None, -1), ">=": (0, None), ">": (1, None), "": (0, 0)}


class Field(StrEnum):
    """What stands before the colon."""

    STATE = "state"
    TYPE = "type"
    STANDING = "standing"
    TAG = "tag"
    REVIEWER = "reviewer"
    DAYS = "days"
    MARKING = "marking"
    TURN = "turn"


_CHOICES: dict[Field, frozenset[str]] = {
    Field.STATE: frozenset(map(str, CaseState)),
    Field.TYPE: frozenset(map(str, CaseType)),
    Field.STANDING: frozenset(map(str, WindowStanding)),
    Field.TURN: frozenset({"mine"}),
}


@dataclass(kw_only=True, eq=False)
class FilterInvalid(Refused):
    """A word of a filter is not understood."""

    code: ClassVar[str] = "CAS-094"
    word: str
    known: str


@dataclass(kw_only=True, eq=False)
class FilterUnknown(Refused):
    """Nobody kept a filter under this name, or the name cannot be one."""

    code: ClassVar[str] = "CAS-095"
    name: str


@dataclass(kw_only=True, eq=False)
class FiltersTooMany(Refused):
    """As many filters as one person can keep."""

    code: ClassVar[str] = "CAS-096"
    limit: int


class Filterable(Protocol):
    """What a line of the case list has to say of itself."""

    @property
    def case_id(self) -> CaseId:
        """Its identifier."""

    @property
    def case_type(self) -> str:
        """Which of the two."""

    @property
    def developer(self) -> str:
        """Whose model."""

    @property
    def model(self) -> str:
        """Which model."""

    @property
    def checkpoint(self) -> str:
        """Which checkpoint."""

    @property
    def marking(self) -> str:
        """Its banner."""

    @property
    def state(self) -> CaseState:
        """Where it stands."""

    @property
    def standing(self) -> WindowStanding:
        """Where today lies in its window."""

    @property
    def days_left(self) -> int | None:
        """Of its window."""

    @property
    def waits_for_me(self) -> bool:
        """Whether the person at the desk takes the next step."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""

    @property
    def reviewers(self) -> tuple[PersonId, ...]:
        """Who answers."""


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """A filter as understood; ``text`` is what was typed."""

    text: str
    wanted: tuple[tuple[Field, tuple[str, ...]], ...]
    words: tuple[str, ...]
    days: tuple[tuple[int | None, int | None], ...]

    def test(self, login_names: Mapping[PersonId, str]) -> Callable[[Filterable], bool]:
        """Whether a case fits; ``login_names`` of everybody in small letters, by person.

        Made once for a list: thousands of cases go through it, and most of them fail at the first field.
        """
        tests = [_test(field, frozenset(values), login_names) for field, values in self.wanted]
        if self.days:
            tests.append(lambda case: self._fits_days(case.days_left))
        if self.words:
            tests.append(self._holds_words)
        return lambda case: all(test(case) for test in tests)

    def _holds_words(self, case: Filterable) -> bool:
        whole = f"{case.case_id} {case.model} {case.checkpoint} {case.developer}".casefold()
        return all(word in whole for word in self.words)

    def _fits_days(self, left: int | None) -> bool:
        if not self.days:
            return True
        return left is not None and all(
            (low is None or left >= low) and (high is None or left <= high) for low, high in self.days
        )


def _test(
    field: Field, values: frozenset[str], login_names: Mapping[PersonId, str]
) -> Callable[[Filterable], bool]:
    """Whether a case has one of these values in this field."""
    # The banner begins with the value, so that SECRET finds SECRET//NOFORN and not TOP SECRET.
    begins = tuple(values)
    tests: dict[Field, Callable[[Filterable], bool]] = {
        Field.STATE: lambda case: case.state.value in values,
        Field.TYPE: lambda case: case.case_type in values,
        Field.STANDING: lambda case: case.standing.value in values,
        Field.TAG: lambda case: not values.isdisjoint(case.tags),
        Field.REVIEWER: lambda case: any(login_names.get(one, "") in values for one in case.reviewers),
        Field.MARKING: lambda case: case.marking.casefold().startswith(begins),
        Field.TURN: lambda case: case.waits_for_me,
    }
    return tests[field]


def parse_filter(text: str) -> CaseFilter:
    """Understand what was typed; raises ``FilterInvalid`` naming the word."""
    wanted: dict[Field, list[str]] = {}
    words: list[str] = []
    days: list[tuple[int | None, int | None]] = []
    if len(text) > MAX_FILTER_CHARS:
        raise FilterInvalid(word=f"{text[:40]} …", known=_known())
    for word in text.casefold().split():
        name, colon, value = word.partition(":")
        if not colon:
            words.append(word)
        elif name not in set(Field) or not value:
            raise FilterInvalid(word=word, known=_known())
        elif (field := Field(name)) is Field.DAYS:
            days.append(_days(word, value))
        else:
            choices = _CHOICES.get(field)
            if choices is not None and value not in choices:
                raise FilterInvalid(word=word, known=", ".join(sorted(choices)))
            wanted.setdefault(field, []).append(value)
    return CaseFilter(
        text=" ".join(text.split()),
        wanted=tuple((field, tuple(values)) for field, values in wanted.items()),
        words=tuple(words),
        days=tuple(days),
    )


def _days(word: str, value: str) -> tuple[int | None, int | None]:
    sign = next(sign for sign in _DAYS if value.startswith(sign))
    digits = value[len(sign) :]
    if not (digits.removeprefix("-").isascii() and digits.removeprefix("-").isdigit() and len(digits) <= 5):  # noqa: PLR2004
        raise FilterInvalid(word=word, known="days:7, days:<=7, days:>0, days:<0")
    low, high = _DAYS[sign]
    number = int(digits)
    return (None if low is None else number + low, None if high is None else number + high)


def _known() -> str:
    return ", ".join(f"{field}:" for field in Field)


def require_name(name: str) -> str:
    """The name a filter is kept under; one with a colon would read as a filter itself."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable() or ":" in name:
        raise FilterUnknown(name=name[:MAX_NAME_CHARS])
    return name
