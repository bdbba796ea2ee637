"""The command line: one JSON object, an exit status that agrees with it, and words for people."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.archives import plain_zip
from tests.helpers.bags import bag, zipped

_EXIT = {"accept": 0, "warn": 1, "reject": 2}
_MOST_KIB = 512 << 10


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program as a person starts it, from a folder that is not its own."""
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-I", "-m", "workstation", *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("a.md", b"# Card\n", "accept"),
        ("a.zip", plain_zip({"a.md": b"# Card\n"}), "accept"),
        ("b.zip", plain_zip({"A.md": b"# Card\n", "a.md": b"# Card\n"}), "warn"),
        ("c.zip", plain_zip({"../a.md": b"# Card\n"}), "reject"),
        ("d.zip", zipped(bag() | {"data/a.txt": b"other"}), "reject"),
    ],
)
def test_outcome_and_exit_status_agree(tmp_path: Path, name: str, content: bytes, outcome: str) -> None:
    """0 nothing in the way, 1 a person must decide, 2 rejected; the same in the JSON object."""
    (tmp_path / name).write_bytes(content)
    done = command("inspect", name, "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert (answer["outcome"], done.returncode) == (outcome, _EXIT[outcome])
    assert {"findings", "facts", "files", "isolation"} <= answer.keys()
    assert done.stderr == ""


def test_nothing_known_is_its_own_status(tmp_path: Path) -> None:
    """A file that no reader knows ends with 3 and is called inconclusive, not accepted."""
    (tmp_path / "x.zzz").write_bytes(bytes(range(256)) * 8)
    done = command("inspect", "x.zzz", "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert done.returncode == 3
    assert [file["coverage"] for file in answer["files"]] == ["inconclusive"]


def test_a_family_of_codes_is_summed_up(tmp_path: Path) -> None:
    """A script may ask for the family instead of every special code."""
    (tmp_path / "c.zip").write_bytes(plain_zip({"../a.md": b"x", "/b.md": b"y"}))
    answer = json.loads(command("inspect", "c.zip", "--json", cwd=tmp_path).stdout)
    (family,) = [finding for finding in answer["findings"] if finding["code"] == "ARCH_TRAVERSAL"]
    assert (family["severity"], family["detail"]) == ("danger", "2")


def test_people_get_words(tmp_path: Path) -> None:
    """Without --json the outcome, the finding, the next step and the walls are lines of text."""
    (tmp_path / "c.zip").write_bytes(plain_zip({"../a\x1b[31m.md": b"x"}))
    done = command("inspect", "c.zip", cwd=tmp_path)
    assert "quarantine" in done.stdout
    assert "Leads outside" in done.stdout
    assert "Examined under:" in done.stdout
    assert "\x1b" not in done.stdout


def test_what_is_not_there_has_a_code_and_a_next_step(tmp_path: Path) -> None:
    """A wrong path is refused in words, not by a traceback."""
    done = command("inspect", "nothing.zip", cwd=tmp_path)
    assert done.returncode == 2
    assert "EXA-003" in done.stderr
    assert "Next:" in done.stderr


def test_inspecting_leaves_no_trace(tmp_path: Path) -> None:
    """Neither the working folder nor the home folder has a new file afterwards."""
    (tmp_path / "a.zip").write_bytes(plain_zip({"a.md": b"# Card\n"}))
    command("inspect", "a.zip", "--json", cwd=tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["a.zip", "home"]


def _many_in_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(300_000):
            archive.writestr(f"d/{number}", b"")


def _many_in_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for number in range(300_000):
            archive.addfile(tarfile.TarInfo(f"d/{number}"))


def _huge_weights(path: Path) -> None:
    header = json.dumps({"w": {"dtype": "U8", "shape": [20 << 30], "data_offsets": [0, 20 << 30]}}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + (20 << 30))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "write"),
    [("many.zip", _many_in_zip), ("many.tar.gz", _many_in_tar), ("w.safetensors", _huge_weights)],
)
def test_memory_stays_flat(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    """300,000 members or a sparse file of 20 GiB: no process of the examination takes 512 MiB."""
    write(tmp_path / name)
    # A process of its own asks the system for the largest of its children, so that no earlier test counts.
    measure = (
        "import resource, subprocess, sys; "
        "status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
        "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    words = [sys.executable, "-I", "-m", "workstation", "inspect", name, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", measure, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    status, most_kib = map(int, done.stdout.split())
    assert status in {0, 1, 2}
    assert most_kib < _MOST_KIB
