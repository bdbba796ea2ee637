"""What the code may import, beyond the contracts that import-linter checks."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, imported, name_of, python_files, syntax

NETWORK = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http",
    "httpx",
    "imaplib",
    "multiprocessing.connection",
    "nntplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "webbrowser",
    "wsgiref",
    "xmlrpc",
    "PySide6.QtNetwork",
    "PySide6.QtNetworkAuth",
    "PySide6.QtWebChannel",
    "PySide6.QtWebEngineCore",
    "PySide6.QtWebEngineWidgets",
    "PySide6.QtWebSockets",
    "PySide6.QtWebView",
}
# pyHanko speaks in coroutines, though none of them ever waits; these files finish them without a loop's help
# being visible elsewhere.
COROUTINES = {"reports/coroutines.py", "workstation/examine/documents/pdf_signatures.py"}


def _is_network(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: depth + 1]) in NETWORK for depth in range(len(parts)))


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_imports_a_network_module(package: str) -> None:
    """No file of the product imports a module that speaks to a network, nor Qt's network and web parts."""
    found = {
        f"{name_of(path)}: {module}"
        for path in python_files(package)
        for module in imported(path)
        if _is_network(module) and not (module.startswith("asyncio") and name_of(path) in COROUTINES)
    }
    assert found == set()


def test_the_network_list_recognises_what_it_must() -> None:
    """The check itself finds nested and renamed imports, and lets the harmless neighbours pass."""
    assert all(_is_network(name) for name in ("socket", "http.client", "urllib.request", "PySide6.QtNetwork"))
    assert not any(_is_network(name) for name in ("urllib.parse", "PySide6.QtWidgets", "html", "sockets"))


def test_the_set_up_script_needs_nothing_but_python() -> None:
    """dev.py imports the standard library only, so that it runs on a bare machine."""
    modules = {module.split(".")[0] for module in imported(ROOT / "dev.py")}
    assert modules <= sys.stdlib_module_names


def test_importing_the_program_runs_none_of_it() -> None:
    """The package files of workstation and of the adapters' roots are empty: importing one loads nothing."""
    for name in ("workstation", "workstation/core", "workstation/app", "storage", "reports", "ui"):
        assert (ROOT / name / "__init__.py").read_text(encoding="utf-8") == "", name


def _asks_for_demo(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asks_for_demo(test.operand)
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name in {"demo", "is_demo", "demo_mode"}


def test_only_the_composition_root_asks_whether_this_is_a_demonstration() -> None:
    """There is no ``if demo`` but where adapters are chosen: both modes run the same code."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.If) and _asks_for_demo(node.test)
    ]
    # Somebody has to read the option off the command line; a command only hands it to bootstrap.
    allowed = ("workstation/bootstrap", "workstation/demo/", "workstation/commands/desk.py")
    assert [place for place in found if not place.startswith(allowed)] == []


def test_the_core_performs_nothing() -> None:
    """The core opens no file, starts no process and asks neither the environment nor chance."""
    barred = {
        "os",
        "io",
        "subprocess",
        "shutil",
        "tempfile",
        "random",
        "secrets",
        "ctypes",
        "platform",
    }
    found = [
        f"{name_of(path)}: {module}"
        for path in python_files("workstation/core")
        for module in imported(path)
        if module.split(".", maxsplit=1)[0] in barred
    ]
    assert found == []


def test_adapters_import_no_adapter() -> None:
    """storage, reports and workstation.examine import neither each other, nor the window, nor workflows."""
    adapters = {"storage": "storage", "reports": "reports", "workstation/examine": "workstation.examine"}
    for folder, own in adapters.items():
        others = {
            *adapters.values(),
            "ui",
            "workstation.app",
            "workstation.demo",
            "workstation.bootstrap",
        } - {own}
        for path in python_files(folder):
            wrong = [m for m in imported(path) for other in others if m == other or m.startswith(f"{other}.")]
            assert wrong == [], name_of(path)


def test_every_package_is_built_and_none_is_missing() -> None:
    """The wheel holds exactly the five packages by name."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"packages = {list(PACKAGES)}".replace("'", '"') in text
    assert '"Private :: Do Not Upload"' in text
    assert all(Path(ROOT / name / "__init__.py").is_file() for name in PACKAGES)
