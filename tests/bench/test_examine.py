"""The promises of ``bench examine``, held in every test run on smaller inputs."""

import json
import sys
from pathlib import Path

import pytest

from tests.bench import bench_examine, measured
from tests.bench.examine_inputs import CASES, Case

_SCALES = {"2 GiB evaluation log, json": 0.1, "2 GiB evaluation log, eval": 0.1}
_LOGS = [case for case in CASES if case.name in _SCALES]
_MANY = [case for case in CASES if case.name.startswith("300,000")]
_BOMBS = [case for case in CASES if case.name.startswith("bomb")]


def _examined(case: Case, folder: Path, scale: float) -> measured.Measured:
    (folder / "input").mkdir()
    path = folder / "input" / case.file
    bench_examine.write_apart(case, path, scale)
    return bench_examine.examine(path, folder)


@pytest.mark.slow
@pytest.mark.parametrize("case", _LOGS, ids=lambda case: case.file)
def test_a_long_log_is_read_to_its_end_in_flat_memory(case: Case, tmp_path: Path) -> None:
    """Of a log of 200 MB every sample is counted, and no process comes near 512 MiB."""
    run = _examined(case, tmp_path, _SCALES[case.name])
    assert bench_examine.fault(run) == ""
    assert json.loads(run.output)["facts"]["samples"] == 204


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", _MANY, ids=lambda case: case.file)
def test_many_members_are_all_read_in_flat_memory(case: Case, tmp_path: Path) -> None:
    """Of an archive with more than ten thousand members every one is examined."""
    run = _examined(case, tmp_path, 0.04)
    assert bench_examine.fault(run) == ""
    said = json.loads(run.output)
    assert (said["outcome"], said["facts"]["kinds"]) == ("accept", {"json": 12_000})


def test_large_weights_are_not_held(tmp_path: Path) -> None:
    """Twenty gibibytes of tensors take a few dozen mebibytes in every process."""
    (case,) = [case for case in CASES if case.file == "w.safetensors"]
    run = _examined(case, tmp_path, 1.0)
    assert bench_examine.fault(run) == ""
    assert max(run.parent_bytes, run.worker_bytes) < 128 << 20


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", _BOMBS, ids=lambda case: case.file)
def test_no_bomb_goes_off(case: Case, tmp_path: Path) -> None:
    """What expands to gigabytes is answered in flat memory, and each kind is named for it."""
    run = _examined(case, tmp_path, 0.5)
    assert bench_examine.fault(run) == ""
    assert json.loads(run.output)["outcome"] != "accept"


_GROWN = "import os, time\nkept = bytearray(300 << 20)\ntime.sleep(0.3)\n"
_GROWN_BELOW = f"""
import os
pid = os.fork()
if pid == 0:
    exec({_GROWN!r})
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.parametrize(("code", "is_parent"), [(_GROWN, True), (_GROWN_BELOW, False)])
def test_memory_is_counted_where_it_is(code: str, is_parent: bool, tmp_path: Path) -> None:
    """300 MiB show as the program's own or as its worker's, whichever had them."""
    run = measured.run([sys.executable, "-I", "-c", code], cwd=tmp_path, timeout_s=60)
    assert run.status == 0
    assert (run.parent_bytes >= 300 << 20) is is_parent
    assert (run.worker_bytes >= 300 << 20) is not is_parent


def test_what_breaks_the_promise_is_named(tmp_path: Path) -> None:
    """A run that grew, died or did not end is no success."""
    fine = {"seconds": 1.0, "output": b"{}", "parent_bytes": 1, "worker_bytes": 1}
    assert bench_examine.fault(measured.Measured(status=2, **fine)) == ""
    assert bench_examine.fault(measured.Measured(status=-9, **fine)) != ""
    assert bench_examine.fault(measured.Measured(status=0, **{**fine, "worker_bytes": 512 << 20})) == "memory"
    slow = measured.run(["sleep", "60"], cwd=tmp_path, timeout_s=0.2)
    assert bench_examine.fault(slow) == "no answer in time"


def test_a_limited_peer_fails_alone(tmp_path: Path) -> None:
    """A program that wants more memory than it may have ends, and the machine does not notice."""
    code = "kept = bytearray(2 << 30)"
    run = measured.run([sys.executable, "-I", "-c", code], cwd=tmp_path, timeout_s=60, memory_bytes=1 << 30)
    assert run.status == 1
