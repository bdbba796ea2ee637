"""Run an operation in a process whose disk is struck, or whose calls are noted down, and say how it ended."""

import json
import os
import shutil
import signal
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.crash_states import CrashState, CrashStates, Disk
from tests.helpers.disk_calls import NOTHING, Call, DiskCalls, Strike, find_places
from tests.helpers.disk_operations import Operation
from tests.helpers.footprints import Footprints, Opened, find_watched
from workstation.core.errors import WorkstationError

# Set by hand to 1, every point and every state is tried in place of a sample, which takes hours on one core;
# set to N, every N-th of them.
DENSE = "FRW_DENSE"
_DONE, _REFUSED, _DEFECT = 0, 4, 3


@dataclass(frozen=True, kw_only=True)
class Struck:
    """How the process ended, how many points it came by, and what it had acknowledged."""

    ended: int
    points: int
    said: tuple[str, ...]

    @property
    def word(self) -> str:
        """How it ended, for the count."""
        return {_DONE: "done", _REFUSED: "refused", -signal.SIGKILL: "killed"}.get(self.ended, "defect")

    @property
    def is_defect(self) -> bool:
        """Whether something else came up than an error a person can use."""
        return self.ended not in {_DONE, _REFUSED, -signal.SIGKILL}


def run(operation: Operation, world: Path, strike: Strike = NOTHING, at: int = 0) -> Struck:
    """Do it in a copy of the world at ``world``, struck at this point."""
    shutil.rmtree(world, ignore_errors=True)
    shutil.copytree(operation.before, world)
    said = world.with_name(world.name + ".said")
    said.write_bytes(b"")

    def act() -> int:
        out = os.open(said, os.O_WRONLY | os.O_APPEND)
        calls = DiskCalls((world,), strike=strike, at=at)
        calls.install()
        status = _DONE
        try:
            operation.act(world, lambda text: _line(out, {"said": text}))
        except WorkstationError:
            status = _REFUSED
        _line(out, {"points": calls.count})
        return status

    ended = _in_a_child(act)
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    return Struck(
        ended=ended,
        points=max((line["points"] for line in lines if "points" in line), default=0),
        said=tuple(line["said"] for line in lines if "said" in line),
    )


def crash_states(operation: Operation, world: Path) -> CrashStates:
    """Do it undisturbed and give every disk that a failing power may have left on the way."""
    shutil.rmtree(world, ignore_errors=True)
    shutil.copytree(operation.before, world)
    before = Disk.read([world])
    with tempfile.TemporaryFile() as log:

        def act() -> int:
            one_at_a_time = threading.Lock()

            def note(call: Call) -> None:
                head = {**vars(call), "content": len(call.content)}
                line = json.dumps(head).encode() + b"\n" + call.content
                with one_at_a_time:
                    os.pwrite(log.fileno(), line, os.fstat(log.fileno()).st_size)

            calls = DiskCalls((world,), note=note)
            calls.install()
            operation.act(world, calls.say)
            return _DONE

        ended = _in_a_child(act)
        assert ended == _DONE, ended
        log.seek(0)
        noted = []
        while head := log.readline():
            facts = json.loads(head)
            noted.append(Call(**{**facts, "content": log.read(facts["content"])}))
    return CrashStates(before, noted)


@dataclass(kw_only=True)
class Looked:
    """Of so many disks, how many were laid out and looked at, and how it went."""

    states: int = 0
    laid_out: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


def look_at(operation: Operation, states: Sequence[CrashState], recorded: Path, world: Path) -> Looked:
    """Hold each of these disks to what must hold; of those that cannot differ, the first.

    It is done in a process of its own, whose calls are watched. Raises AssertionError with the number of
    the state when one does not hold; its story is on the standard error.
    """
    looked, known = Looked(states=len(states)), Footprints(recorded)
    with tempfile.TemporaryFile("w+") as told:

        def act() -> int:
            opened = Opened(world)
            opened.install()
            for number, state in enumerate(states):
                contents = known.contents(state)
                if not known.is_known(state, contents):
                    lay_out(state, recorded, world)
                    opened.take()
                    print(f"state {number}, after call {state.after}, {state.how}", file=told, flush=True)
                    outcome = operation.require(world, state.said)
                    known.learn(state, contents, opened.take())
                    print(f"= {outcome}", file=told, flush=True)
            return _DONE

        ended = _in_a_child(act)
        told.seek(0)
        lines = told.read().splitlines()
        assert ended == _DONE, lines[-1:]
    looked.laid_out = len(lines) // 2
    looked.outcomes.update(line.removeprefix("= ") for line in lines[1::2])
    return looked


def lay_out(state: CrashState, recorded: Path, world: Path) -> None:
    """Put a state on the disk, with its paths as they were recorded below ``recorded``."""
    state.disk().write({os.path.realpath(recorded): world})


def chosen(points: int, count: int, *, offset: int = 0) -> Sequence[int]:
    """So many points spread over all, others for another offset; asked for by hand, every N-th or all."""
    step = int(os.environ.get(DENSE) or 0)
    if step or points <= count:
        return range(1 + offset % (step or 1), points + 1, step or 1)
    stretch = points / count
    return [int(stretch * (number + (offset * 0.382) % 1)) + 1 for number in range(count)]


def _line(out: int, content: dict[str, object]) -> None:
    os.write(out, json.dumps(content).encode() + b"\n")


def _in_a_child(work: Callable[[], int]) -> int:
    """How a process that does the work ends."""
    find_places()
    find_watched()
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        except BaseException:  # noqa: BLE001 - a child must never run on into the test runner
            traceback.print_exc()
            os._exit(_DEFECT)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
