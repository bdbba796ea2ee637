"""The demonstration itself, as a newcomer runs it, and once more with the network taken away."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.demo.story import PASSPHRASE

_ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
_COMMAND = [sys.executable, "-I", "-m", "workstation"]


def run(
    *words: str | Path, before: tuple[str, ...] = (), folder: Path | None = None, passphrase: str = ""
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [*before, *_COMMAND, *map(str, words)]
    return subprocess.run(  # noqa: PLW1510 - the status is asserted
        command,
        capture_output=True,
        text=True,
        timeout=300,
        env={**_ENVIRONMENT, **({"FRW_PASSPHRASE": passphrase} if passphrase else {})},
        cwd=folder,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demonstration left."""
    out = tmp_path_factory.mktemp("demo")
    done = run("demo", "--headless", "--out", out, folder=out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT VERIFIED" not in done.stdout
    assert "Verified: workstation verify, in a separate process" in done.stdout
    return out


def export_of(told: Path) -> Path:
    """The export folder on the medium."""
    (folder,) = (told / "medium-out").iterdir()
    return folder


def verify(folder: Path, trust: Path, *, demo: bool = True) -> tuple[int, dict[str, object]]:
    """Exit status and answer of the verifier."""
    done = run("verify", folder, "--trust", trust, "--json", *(["--demo"] if demo else []))
    return done.returncode, json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_leaves_what_it_names(told: Path) -> None:
    """Export, report, roots and pictures of the real window are there, and the pictures are pictures."""
    assert {p.name for p in (told / "trust").iterdir()} >= {"root-ec.pem", "root-pq.pem"}
    assert (told / "report.pdf").read_bytes().startswith(b"%PDF")
    pictures = list((told / "screens").glob("*.png"))
    assert len(pictures) >= 10
    assert all(p.read_bytes().startswith(b"\x89PNG") and p.stat().st_size > 5_000 for p in pictures)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_beside_the_told_case_lie_one_in_its_window_and_one_to_play(told: Path) -> None:
    """Of the three, one is determined, one is in evaluation, and one waits for the package on the medium."""
    where = ("--demo", "--vault", told / "profile", "--user", "osei")
    done = run("case", "list", *where, "--json", passphrase=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    rows = {row["state"]: row for row in json.loads(done.stdout)["cases"]}
    assert {"Awaiting package", "Determined", "In evaluation"} == rows.keys()
    assert rows["In evaluation"]["days_left"] > 0
    assert (told / "medium-in" / "cedar-2-submission" / "bagit.txt").is_file()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_untouched_export_verifies_as_a_demonstration_only(told: Path) -> None:
    """With the roots from the other channel it verifies; without ``--demo`` it never passes as real."""
    assert verify(export_of(told), told / "trust")[0] == 0
    status, answer = verify(export_of(told), told / "trust", demo=False)
    assert (status, answer["outcome"]) == (2, "reject")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_any_missing_or_changed_file_is_named(told: Path, tmp_path: Path) -> None:
    """Pulling any one file, or changing one byte of any, is reported with a non-zero exit and its name."""
    original = export_of(told)
    for number, name in enumerate(sorted(p.name for p in original.iterdir())):
        for how in ("missing", "changed"):
            copy = tmp_path / f"{number}-{how}"
            shutil.copytree(original, copy)
            if how == "missing":
                (copy / name).unlink()
            else:
                content = bytearray((copy / name).read_bytes())
                content[len(content) // 2] ^= 1
                (copy / name).write_bytes(content)
            status, answer = verify(copy, told / "trust")
            assert status != 0, (name, how)
            assert name in json.dumps(answer["findings"]), (name, how, answer["findings"])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_report_of_another_export_is_refused(told: Path, tmp_path: Path) -> None:
    """A validly signed report taken from another export under the same roots does not pass."""
    other = tmp_path / "other"
    done = run("demo", "--headless", "--out", other, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    copy = tmp_path / "copy"
    shutil.copytree(export_of(told), copy)
    shutil.copyfile(other / "report.pdf", copy / "report.pdf")
    status, answer = verify(copy, told / "trust")
    assert status != 0
    assert "report.pdf" in json.dumps(answer["findings"])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_runs_with_the_network_taken_away(tmp_path: Path) -> None:
    """In an empty network namespace the whole story is told just the same."""
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not make a network namespace")
    done = run("demo", "--headless", "--out", tmp_path / "out", before=("unshare", "-n"), folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_folder_with_a_hostile_package_is_not_run(tmp_path: Path) -> None:
    """Started inside a folder that holds its own ``ui`` package, the program does not run that code."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "__init__.py").write_text("import pathlib; pathlib.Path('ran').write_text('x')\n")
    command = [sys.executable, "-m", "workstation", "marking", "check", "SECRET//NOFORN"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
