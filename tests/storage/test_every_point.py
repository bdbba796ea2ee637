"""Every write, fsync and rename of what is done to a vault fails, is cut short, late, or the last one.

After each of them the vault opens, what was acknowledged is there, nothing half-written is shown as whole,
and doing it again succeeds. As this takes hours, a spread of the points is tried; ``FRW_DENSE=1`` tries every
single one, ``FRW_DENSE=7`` every seventh. The counts are printed.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.disk_calls import STRIKES
from tests.helpers.disk_operations import Operation
from tests.helpers.disk_operations_more import OPERATIONS
from tests.helpers.quick import quick_vaults
from tests.helpers.struck import DENSE, chosen, crash_states, look_at, run

_POINTS, _STATES, _WAYS = 1, 2, 3
_MEMORY = Path("/dev/shm")
_FASTEST = _MEMORY if os.access(_MEMORY, os.W_OK) else None


def ways(number: int) -> tuple[str, ...]:
    """How the operation of this number is struck: in every way when asked for by hand, else in some."""
    names = tuple(STRIKES)
    if os.environ.get(DENSE):
        return names
    return tuple(names[(number * _WAYS + each) % len(names)] for each in range(_WAYS))


PAIRS = [(kind, name) for number, kind in enumerate(OPERATIONS) for name in ways(number)]


def _named(value: object) -> str:
    return value.__name__.lower() if isinstance(value, type) else str(value)


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick_vaults():
        yield


@pytest.fixture(scope="module")
def operation(request: pytest.FixtureRequest) -> Iterator[Operation]:
    """One operation and the world it begins in, in memory where there is room: nothing waits for a disk."""
    kind: type[Operation] = request.param
    with tempfile.TemporaryDirectory(prefix="every-point-", dir=_FASTEST) as folder:
        made = kind(Path(folder))
        made.ready()
        yield made


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize(("operation", "name"), PAIRS, indirect=["operation"], ids=_named)
def test_a_disk_struck_at_any_call_costs_nothing_acknowledged(operation: Operation, name: str) -> None:
    """Failed, shortened, delayed or killed at any call, the vault is sound and the work can be done again."""
    world, strike = operation.folder / name, STRIKES[name]
    undisturbed = run(operation, world, strike)
    assert (undisturbed.word, bool(undisturbed.said)) == ("done", True)
    outcomes: Counter[str] = Counter()
    tried = chosen(strike.every or undisturbed.points, _POINTS, offset=list(STRIKES).index(name))
    for point in tried:
        struck = run(operation, world, strike, point)
        assert not struck.is_defect, (name, point)
        outcomes[f"{struck.word}: {operation.require(world, struck.said)}"] += 1
    together = f" in {len(tried)} of {strike.every} runs" if strike.every else ""
    points = undisturbed.points if len(tried) == (strike.every or undisturbed.points) else len(tried)
    print(f"\n{type(operation).__name__}, {name}: {points} of {undisturbed.points} points{together}")
    print(dict(outcomes))


@pytest.mark.slow
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("operation", OPERATIONS, indirect=True, ids=_named)
def test_no_order_in_which_writes_reach_the_disk_costs_anything_acknowledged(operation: Operation) -> None:
    """Whatever part of the unsynced writes was on the disk when the power failed, and however torn."""
    recorded, world = operation.folder / "recorded", operation.folder / "world-after"
    states = list(crash_states(operation, recorded))
    assert len(states) > _STATES
    tried = [states[number - 1] for number in chosen(len(states), _STATES)]
    looked = look_at(operation, tried, recorded, world)
    print(f"\n{type(operation).__name__}: {looked.states} of {len(states)} states, {looked.laid_out} of them")
    print(f"different to whoever opens the vault: {dict(looked.outcomes)}")


def test_a_sample_leaves_no_way_out() -> None:
    """Every way to strike a disk is tried with several operations, and every operation is struck."""
    counted = Counter(name for number in range(len(OPERATIONS)) for name in ways(number))
    assert counted.keys() == STRIKES.keys()
    assert min(counted.values()) >= 3
