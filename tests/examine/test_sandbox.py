"""The walls hold against a parser that was taken over, and what it says is not believed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from workstation.core.jobs import JobCancelled, JobControl
from workstation.examine import sandbox as module
from workstation.examine import wire
from workstation.examine.reader import BytesSource
from workstation.examine.sandbox import Broken, Sandbox

MISBEHAVING = Path(__file__).with_name("misbehaving.py")


@pytest.fixture(params=["bubblewrap", "alone"])
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose workers know the harmful tasks: behind bubblewrap, and without it."""
    if request.param == "alone":
        monkeypatch.setattr(module.bubblewrap, "command", lambda: None)
    with Sandbox(test_tasks=(MISBEHAVING,)) as opened:
        yield opened


def _job(task: str, content: bytes = b"") -> wire.Job:
    return wire.Job(task=task, path="", name="x", size_bytes=len(content))


def _answer(sandbox: Sandbox, task: str, content: bytes = b"") -> dict[str, Any]:
    messages = list(sandbox.run(_job(task, content), BytesSource(content)))
    (answer,) = [message for message in messages if isinstance(message, wire.Answer)]
    return dict(msgspec.json.decode(answer.json))


def test_the_walls_that_hold_are_named(sandbox: Sandbox) -> None:
    """The isolation names Landlock, the filter, the limits and the missing network as soon as they stand."""
    _answer(sandbox, "open-socket")
    assert {"landlock", "seccomp", "rlimits", "no-network"} <= set(sandbox.isolation)


def test_bubblewrap_is_named_only_where_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without bubblewrap the isolation does not claim it."""
    monkeypatch.setattr(module.bubblewrap, "command", lambda: None)
    with Sandbox(test_tasks=(MISBEHAVING,)) as alone:
        _answer(alone, "open-socket")
        assert "bubblewrap" not in alone.isolation


def test_a_bubblewrap_that_fails_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """When bubblewrap cannot start, the worker starts without it and the result says so."""
    monkeypatch.setattr(module.bubblewrap, "command", lambda: ["/usr/bin/false"])
    with Sandbox(test_tasks=(MISBEHAVING,)) as alone:
        _answer(alone, "open-socket")
        assert "bubblewrap" not in alone.isolation


def test_no_socket_of_any_family(sandbox: Sandbox) -> None:
    """No socket can be made, not even a local one, and io_uring is no way round."""
    assert "done" not in _answer(sandbox, "open-socket").values()


def test_no_file_of_a_person_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    """Home folders, accounts, other processes and a vault beside the program cannot be read."""
    secret = tmp_path / "vault.bin"
    secret.write_bytes(b"secret")
    hidden = [str(secret), "/etc/passwd", "/etc/hostname", "/proc/self/environ", str(Path.home() / ".bashrc")]
    assert set(_answer(sandbox, "read-places", "\n".join(hidden).encode()).values()).isdisjoint({"done"})


def test_what_programs_share_in_memory_cannot_be_read(sandbox: Sandbox) -> None:
    """Nor can shared memory of the person's programs; the devices that give bytes of nobody can."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="frw-") as shared:
        shared.write(b"secret")
        shared.flush()
        places = [shared.name, "/dev/tty", "/dev/null"]
        answers = _answer(sandbox, "read-places", "\n".join(places).encode())
    assert [place for place, answer in answers.items() if answer == "done"] == ["/dev/null"]


def test_nothing_can_be_written_anywhere(sandbox: Sandbox, tmp_path: Path) -> None:
    """Files, folders, links and memory files cannot be made, and nothing can be removed."""
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    places = [str(kept), str(tmp_path / "new"), "/tmp/frw-escape", "/dev/shm/frw-escape", "here"]
    assert "done" not in _answer(sandbox, "write-places", "\n".join(places).encode()).values()
    assert kept.read_bytes() == b"kept"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert not Path("/tmp/frw-escape").exists()


def test_no_process_no_thread_no_program(sandbox: Sandbox) -> None:
    """A parser cannot fork at all, so it cannot fork without end, and it cannot start a program."""
    assert "done" not in _answer(sandbox, "start-processes").values()


def test_no_hand_on_other_processes(sandbox: Sandbox) -> None:
    """Tracing, signals, raised limits, namespaces, mounts and changes of a pipe that goes on are refused."""
    assert "done" not in _answer(sandbox, "touch-others").values()


def test_memory_ends_at_a_gibibyte(sandbox: Sandbox) -> None:
    """A parser that wants four gibibytes gets less than one."""
    assert 0 < _answer(sandbox, "take-memory")["mebibytes"] < 1024


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("exhaust-memory", "EXAMINE_LIMIT"),
        ("fail-hard", "EXAMINE_CRASHED"),
        ("talk-nonsense", "EXAMINE_CRASHED"),
        ("announce-much", "EXAMINE_CRASHED"),
        ("stop-halfway", "EXAMINE_CRASHED"),
        ("claim-seen", "EXAMINE_CRASHED"),
        ("claim-field", "EXAMINE_CRASHED"),
        ("claim-walls", "EXAMINE_CRASHED"),
        ("read-beyond", "EXAMINE_CRASHED"),
        ("leave-quietly", "EXAMINE_CRASHED"),
    ],
)
def test_a_worker_that_breaks_has_a_code(sandbox: Sandbox, task: str, code: str) -> None:
    """Death, nonsense and lies of a worker end as a reason code, and the next job works."""
    with pytest.raises(Broken) as caught:
        list(sandbox.run(_job(task), BytesSource(b"")))
    assert caught.value.code == code
    assert _answer(sandbox, "open-socket")


@pytest.mark.parametrize("task", ["spin", "sleep"])
def test_a_worker_that_hangs_is_ended(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    """A parser that never comes back is ended after its time and reported as that."""
    monkeypatch.setattr(module, "_BASE_S", 1.0)
    with pytest.raises(Broken) as caught:
        list(sandbox.run(_job(task), BytesSource(b"")))
    assert caught.value.code == "EXAMINE_TIMEOUT"


@pytest.mark.parametrize(
    ("waited_s", "load", "counted_s"),
    [(1.0, 0.5, 1.0), (1.0, 8.0, 0.25), (1.0, 900.0, 0.125), (0.001, 8.0, 0.001)],
)
def test_a_crowded_machine_is_not_held_against_a_worker(
    monkeypatch: pytest.MonkeyPatch, waited_s: float, load: float, counted_s: float
) -> None:
    """Where four want each processor a quarter of a wait counts; what a worker may wait stays bounded."""
    monkeypatch.setattr(module.os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    assert module._counted(waited_s) == counted_s


@pytest.mark.parametrize(("ceiling", "most"), [("_MAX_MESSAGES", 5_000), ("_MAX_SAID_BYTES", 100_000)])
def test_a_flood_of_messages_is_ended(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, ceiling: str, most: int
) -> None:
    """A parser that reports files without end is stopped at the ceilings of number and of bytes."""
    monkeypatch.setattr(module, ceiling, most)
    with pytest.raises(Broken) as caught:
        list(sandbox.run(_job("flood"), BytesSource(b"")))
    assert caught.value.code == "EXAMINE_LIMIT"


def test_cancelling_ends_the_worker(sandbox: Sandbox) -> None:
    """A cancelled job leaves no process behind."""
    control = JobControl()
    control.cancel()
    with pytest.raises(JobCancelled):
        list(sandbox.run(_job("sleep"), BytesSource(b""), control=control))
    assert sandbox._process is None


def test_no_descriptor_is_left_open() -> None:
    """Starting and ending sandboxes leaves the application's descriptors as they were."""
    with Sandbox(test_tasks=(MISBEHAVING,)) as first:
        _answer(first, "open-socket")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with Sandbox(test_tasks=(MISBEHAVING,)) as opened:
            _answer(opened, "open-socket")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_nothing_but_tests_names_extra_tasks() -> None:
    """No line of the product hands a task file to a sandbox; the door is for the tests alone."""
    root = Path(module.__file__).resolve().parents[2]
    users = [
        path.name
        for package in ("workstation", "ui", "storage", "reports")
        for path in (root / package).rglob("*.py")
        if "test_tasks=" in path.read_text(encoding="utf-8")
    ]
    assert users == ["examiner.py"]
    assert "test_tasks=test_tasks" in (root / "workstation/examine/examiner.py").read_text(encoding="utf-8")
