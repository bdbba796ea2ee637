"""The lock files: complete, hashed, and silent about where packages were found."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)


def _pins(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for package, version in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        pins.setdefault(package.lower(), set()).add(version)
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    """No lock file holds an address or a pip option: where packages come from is the site's own setting."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_hashed(name: str) -> None:
    """Every package of a lock is pinned to one version and followed by at least one SHA-256."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    assert len(entries) > 20
    assert [entry.split("\n")[0] for entry in entries if not PIN.match(entry)] == []
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_run_time_is_part_of_the_development_set() -> None:
    """Tests run on exactly the versions that are shipped."""
    shipped, tested = (_pins(name) for name in LOCKS)
    assert {name: tested.get(name) for name in shipped} == shipped


def test_qt_is_the_version_that_keeps_its_reference_counts() -> None:
    """PySide6 is Essentials 6.11.3: 6.12.0 drops references to None on Python 3.11 until it aborts."""
    assert _pins("requirements.lock")["pyside6-essentials"] == {"6.11.3"}
    assert not [name for name in _pins("requirements-dev.lock") if "webengine" in name or name == "pyside6"]
