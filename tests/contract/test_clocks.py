"""What every clock and every source of identifiers promise."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.helpers.databases import HandClock
from tests.helpers.office import StillClock
from workstation.core.ports import Clock, IdSource
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds
from workstation.machine import RandomIds, SystemClock

ELSEWHERE = timezone(timedelta(hours=-5))
START = datetime(2027, 3, 1, 9, 30, tzinfo=ELSEWHERE)

CLOCKS: dict[str, Callable[[], Clock]] = {
    "machine": SystemClock,
    "demonstration": lambda: SettableClock(SystemClock(), START),
    "standing": StillClock,
    "hand": HandClock,
}
SOURCES: dict[str, Callable[[], IdSource]] = {
    "chance": RandomIds,
    "demonstration": SeededIds,
    "demonstration-later": lambda: SeededIds(100),
}


@pytest.fixture(params=list(CLOCKS.values()), ids=list(CLOCKS))
def clock(request: pytest.FixtureRequest) -> Clock:
    """Each of them."""
    made: Clock = request.param()
    return made


@pytest.fixture(params=list(SOURCES.values()), ids=list(SOURCES))
def ids(request: pytest.FixtureRequest) -> IdSource:
    """Each of them."""
    made: IdSource = request.param()
    return made


def test_every_clock_reads_utc(clock: Clock) -> None:
    """An instant knows its zone, and the zone is UTC, whatever zone the clock was put to."""
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().tzinfo is UTC


def test_a_clock_nobody_touches_never_runs_backwards(clock: Clock) -> None:
    """Of two readings the later one is not the earlier instant."""
    readings = [clock.now() for _ in range(50)]
    assert readings == sorted(readings)


def test_a_demonstration_s_clock_starts_where_it_is_put_and_moves_as_told() -> None:
    """It reads the day it was put to and passes exactly the time that the story lets pass."""
    real = StillClock(datetime(2030, 1, 1, tzinfo=UTC))
    clock = SettableClock(real, START)
    assert clock.now() == START
    clock.advance(timedelta(days=16, hours=2))
    assert clock.now() == START + timedelta(days=16, hours=2)
    real.at += timedelta(seconds=7)
    assert clock.now() == START + timedelta(days=16, hours=2, seconds=7)


@pytest.mark.parametrize("prefix", ["CASE", "PERSON", "PACKAGE"])
def test_an_identifier_can_be_read_aloud(ids: IdSource, prefix: str) -> None:
    """Prefix, hyphen, and eight or more characters that are not mistaken for others; or DEMO and a number."""
    made = ids.new(prefix)
    head, _, tail = made.partition("-")
    assert head == prefix
    assert re.fullmatch(r"[23456789ABCDEFGHJKMNPQRSTVWXYZ]{8,}|DEMO[0-9]{4,}", tail)


def test_no_identifier_comes_twice(ids: IdSource) -> None:
    """A thousand of two kinds are a thousand different ones, also when the kinds alternate."""
    made = [ids.new(("CASE", "PERSON")[number % 2]) for number in range(1_000)]
    assert len(set(made)) == 1_000


def test_a_demonstration_s_identifiers_are_the_same_every_time() -> None:
    """Two demonstrations give the same identifiers in the same order; two real runs do not."""
    one, two = ([source.new("CASE") for _ in range(5)] for source in (SeededIds(), SeededIds()))
    assert one == two == [f"CASE-DEMO{number:04d}" for number in range(1, 6)]
    chance = [[source.new("CASE") for _ in range(5)] for source in (RandomIds(), RandomIds())]
    assert chance[0] != chance[1]
