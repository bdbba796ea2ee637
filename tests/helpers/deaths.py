"""Kill a process at the n-th step that changes what lasts: a write, a rename, an fsync, a commit."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.helpers.faults import Faults

# Set by hand, every single step is tried in place of a sample of them; the test run then takes minutes.
DENSE = "FRW_DENSE"
_SAMPLE = 14
_SURVIVED, _DEFECT = 0, 3


def steps_of(work: Callable[[], None]) -> Iterator[int]:
    """The steps at which to kill ``work``: a sample from the first to the last, or all of them.

    Threads do not count the same each time; so a few more follow, until the work comes to its end.
    """
    total = _count(work)
    assert total > _SAMPLE, total
    if os.environ.get(DENSE):
        yield from range(1, total + 1)
    else:
        yield from (1 + number * (total - 1) // (_SAMPLE - 1) for number in range(_SAMPLE))
    yield from range(total + 1, total + _SAMPLE)


def dies_at(step: int, work: Callable[[], None]) -> bool:
    """Do the work in a process that is killed at this step; whether it came so far."""
    ended = _in_a_child(lambda: _mortally(step, work))
    assert ended in {_SURVIVED, -signal.SIGKILL}, ended
    return ended != _SURVIVED


def _mortally(step: int, work: Callable[[], None]) -> None:
    with _mortal(step):
        work()


def _count(work: Callable[[], None]) -> int:
    reading, writing = os.pipe()

    def counted() -> None:
        with _mortal(0) as faults:
            work()
        os.write(writing, str(faults.count).encode())

    ended = _in_a_child(counted)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    assert ended == _SURVIVED, ended
    return int(answer)


@contextmanager
def _mortal(strike_at: int) -> Iterator[Faults]:
    faults = Faults(strike_at, _kill)

    def committing(_connection: sa.Connection) -> None:
        faults.meet("commit")

    sa.event.listen(sa.Engine, "commit", committing)
    try:
        with faults.active():
            yield faults
    finally:
        sa.event.remove(sa.Engine, "commit", committing)


def _kill(_step: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _in_a_child(work: Callable[[], None]) -> int:
    """How a process that does the work ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(_SURVIVED)
        except BaseException:  # noqa: BLE001 - a child must never run on into the test runner
            traceback.print_exc()
            os._exit(_DEFECT)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
