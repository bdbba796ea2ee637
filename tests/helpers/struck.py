"""Run an operation in a process whose disk is struck, or whose calls are noted down, and say how it ended."""

import json
import os
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.crash_states import CrashState, CrashStates, Disk
from tests.helpers.disk_calls import NOTHING, Call, DiskCalls, Strike
from tests.helpers.disk_operations import Operation
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
            def note(call: Call) -> None:
                head = {**vars(call), "content": len(call.content)}
                line = json.dumps(head).encode() + b"\n" + call.content
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
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        except BaseException:  # noqa: BLE001 - a child must never run on into the test runner
            traceback.print_exc()
            os._exit(_DEFECT)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
