"""Every write, fsync and rename of what is done to a vault fails, is cut short, late, or the last one.

After each of them the vault opens, what was acknowledged is there, nothing half-written is shown as whole,
and doing it again succeeds. As this takes hours, a spread of the points is tried; ``FRW_DENSE=1`` tries every
single one, ``FRW_DENSE=7`` every seventh. The counts are printed.
"""

import functools
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers.disk_calls import STRIKES
from tests.helpers.disk_operations import Operation
from tests.helpers.disk_operations_more import OPERATIONS
from tests.helpers.struck import DENSE, chosen, crash_states, lay_out, run

_POINTS, _STATES, _WAYS = 1, 2, 3


def ways(number: int) -> tuple[str, ...]:
    """How the operation of this number is struck: in every way when asked for by hand, else in some."""
    names = tuple(STRIKES)
    if os.environ.get(DENSE):
        return names
    return tuple(names[(number * _WAYS + each) % len(names)] for each in range(_WAYS))


PAIRS = [(kind, name) for number, kind in enumerate(OPERATIONS) for name in ways(number)]


def _named(value: object) -> str:
    return value.__name__.lower() if isinstance(value, type) else str(value)


@pytest.fixture(scope="module")
def operation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Operation:
    """One operation and the world it begins in."""
    kind: type[Operation] = request.param
    made = kind(tmp_path_factory.mktemp("every-point"))
    made.ready()
    return made


@functools.cache
def _points(operation: Operation) -> int:
    undisturbed = run(operation, operation.folder / "undisturbed")
    assert (undisturbed.word, bool(undisturbed.said)) == ("done", True)
    return undisturbed.points


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize(("operation", "name"), PAIRS, indirect=["operation"], ids=_named)
def test_a_disk_struck_at_any_call_costs_nothing_acknowledged(
    operation: Operation, tmp_path: Path, name: str
) -> None:
    """Failed, shortened, delayed or killed at any call, the vault is sound and the work can be done again."""
    world = tmp_path / "world"
    points = _points(operation)
    outcomes: Counter[str] = Counter()
    tried = chosen(points, _POINTS, offset=list(STRIKES).index(name))
    for point in tried:
        struck = run(operation, world, STRIKES[name], point)
        assert not struck.is_defect, (name, point)
        outcomes[f"{struck.word}: {operation.require(world, struck.said)}"] += 1
    print(f"\n{type(operation).__name__}, {name}: {len(tried)} of {points} points: {dict(outcomes)}")


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("operation", OPERATIONS, indirect=True, ids=_named)
def test_no_order_in_which_writes_reach_the_disk_costs_anything_acknowledged(
    operation: Operation, tmp_path: Path
) -> None:
    """Whatever part of the unsynced writes was on the disk when the power failed, and however torn."""
    recorded, world = tmp_path / "recorded", tmp_path / "world"
    states = list(crash_states(operation, recorded))
    assert len(states) > _STATES
    tried = [states[number - 1] for number in chosen(len(states), _STATES)]
    outcomes: Counter[str] = Counter()
    for state in tried:
        lay_out(state, recorded, world)
        try:
            outcomes[operation.require(world, state.said)] += 1
        except BaseException as error:
            error.add_note(f"after call {state.after}, {state.how}, said {state.said}")
            raise
    print(f"\n{type(operation).__name__}: {len(tried)} of {len(states)} states: {dict(outcomes)}")


def test_a_sample_leaves_no_way_out() -> None:
    """Every way to strike a disk is tried with several operations, and every operation is struck."""
    counted = Counter(name for number in range(len(OPERATIONS)) for name in ways(number))
    assert counted.keys() == STRIKES.keys()
    assert min(counted.values()) >= 3
