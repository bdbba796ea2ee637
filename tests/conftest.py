"""What every test shares: a bounded choice of examples, no leaked threads, and a way to run without Qt."""

import importlib.abc
import importlib.machinery
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

hypothesis.settings.register_profile("usual", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=3_000, print_blob=True)
hypothesis.settings.load_profile("usual")

_QT = ("PySide6", "shiboken6")
_QT_OPTIONS = ("qt_api", "qt_log_level_fail", "qt_log_ignore")


class _QtBlocked(importlib.abc.MetaPathFinder):
    """Refuses Qt, so that a hidden import of it outside ``ui`` fails the test that reaches it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".", maxsplit=1)[0] in _QT:
            raise ImportError(f"{fullname} is blocked in this run", name=fullname)
        return None


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add two options and keep the Qt settings known when their plug-in is off."""
    parser.addoption("--without-qt", action="store_true", help="block PySide6; leave out what needs it")
    parser.addoption(
        "--window", action="store_true", help="only what --without-qt leaves out, and end to end"
    )
    if pluginmanager.is_blocked("pytest-qt"):
        for name in _QT_OPTIONS:
            parser.addini(name, "unused without pytest-qt", type="linelist" if "ignore" in name else "string")


def pytest_configure(config: pytest.Config) -> None:
    """Block Qt before any test module is imported."""
    if config.getoption("--without-qt"):
        sys.meta_path.insert(0, _QtBlocked())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests of the window are not even imported when Qt is blocked."""
    is_ui = collection_path.name == "ui" and collection_path.parent.name == "tests"
    return True if is_ui and config.getoption("--without-qt") else None


def _needs_window(item: pytest.Item) -> bool:
    rooms = {Path(__file__).parent / "ui", Path(__file__).parent / "e2e"}
    return item.get_closest_marker("qt") is not None or not rooms.isdisjoint(item.path.parents)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here, with a plain reason."""
    if config.getoption("--window"):
        others = [item for item in items if not _needs_window(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _needs_window(item)]
    no_corpus = pytest.mark.skip(reason="FRW_CORPUS does not name the public corpus")
    no_qt = pytest.mark.skip(reason="Qt is blocked in this run")
    for item in items:
        if item.get_closest_marker("corpus") and not os.environ.get("FRW_CORPUS"):
            item.add_marker(no_corpus)
        if item.get_closest_marker("qt") and config.getoption("--without-qt"):
            item.add_marker(no_qt)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The public corpus named by FRW_CORPUS."""
    return Path(os.environ["FRW_CORPUS"])


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running two seconds after its end."""
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + 2
    leaked = [thread for thread in threading.enumerate() if thread not in before]
    for thread in leaked:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    alive = [thread.name for thread in leaked if thread.is_alive()]
    assert not alive, f"threads left running: {alive}"
