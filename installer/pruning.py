"""Which files of a frozen build are left out: whatever could reach a network, and whatever nothing needs."""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# Modules that must not be in the product. asyncio and with it socket stay: pyHanko is written in coroutines.
# fmt: off
EXCLUDED_MODULES = [
    "_ssl", "ssl", "http", "ftplib", "imaplib", "nntplib", "poplib", "smtplib", "telnetlib",
    "socketserver", "webbrowser", "wsgiref", "xmlrpc", "urllib.request", "urllib.error", "requests",
    "urllib3", "certifi", "yarl", "multidict", "aiosignal", "frozenlist", "aiohappyeyeballs", "propcache",
    "sqlite3", "_sqlite3", "zstandard._cffi", "zstandard.backend_cffi", "numpy", "tkinter", "_tkinter",
    "idlelib", "turtle", "lib2to3", "ensurepip", "venv", "pydoc_data", "pip", "setuptools",
    "pkg_resources", "pytest", "_pytest", "hypothesis", "mypy", "coverage", "IPython",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets",
    "PySide6.QtQuickTest", "PySide6.QtQuickControls2", "PySide6.QtSql", "PySide6.QtTest",
    "PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtUiTools", "PySide6.QtConcurrent",
    "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets",
]
# fmt: on

_QT_PLUGINS = {
    "platforms": {"libqxcb.so", "libqoffscreen.so"},
    "xcbglintegrations": {"libqxcb-glx-integration.so", "libqxcb-egl-integration.so"},
    "platforminputcontexts": {
        "libcomposeplatforminputcontextplugin.so",
        "libibusplatforminputcontextplugin.so",
    },
    "imageformats": {"libqsvg.so", "libqjpeg.so"},
    "iconengines": {"libqsvgicon.so"},
}
_UNWANTED = re.compile(
    r"(?:^|/)(?:libQt6(?:Network|Qml|Quick|Wayland|EglFS|VirtualKeyboard|Labs|Lottie)|_ssl\.|_tkinter\.)"
    r"|/translations/|/qml/|\.pyi$|/(?:tests?|testing)/|(?:^|/)alembic/templates/"
)
_SHARED_LIBRARY = re.compile(r"(?:^|/)lib[^/]*\.so(?:\.[0-9.]+)?$")

Entry = tuple[str, str, str]  # (name in the folder, file it comes from, kind), as PyInstaller lists them
Needs = Callable[[str], Iterable[str]]  # a file -> the files the dynamic loader brings in with it


def is_wanted(name: str) -> bool:
    """Whether a file may be in the product at all."""
    if _UNWANTED.search(name):
        return False
    parts = PurePosixPath(name).parts
    if "plugins" in parts and "Qt" in parts:
        folder, file = parts[-2], parts[-1]
        return file in _QT_PLUGINS.get(folder, set())
    return True


def without_unneeded(entries: list[Entry], needs: Needs) -> list[Entry]:
    """Drop shared libraries that nothing which stays asks the loader for.

    Leaving out a Qt plug-in leaves its libraries behind; they are found by asking, not by a list that ages.
    """
    wanted = [entry for entry in entries if is_wanted(entry[0])]
    by_file = {PurePosixPath(entry[1]).name: entry for entry in wanted}
    kept = [entry for entry in wanted if not _is_plain_library(entry[0])]
    names, queue = {entry[0] for entry in kept}, list(kept)
    while queue:
        for file in needs(queue.pop()[1]):
            entry = by_file.get(PurePosixPath(file).name)
            if entry is not None and entry[0] not in names:
                names.add(entry[0])
                queue.append(entry)
    return [entry for entry in wanted if entry[0] in names or entry[2] == "SYMLINK"]


def _is_plain_library(name: str) -> bool:
    """A library that is only there for others, not one the program opens by name (PDFium, Python)."""
    place = PurePosixPath(name)
    is_shared = str(place.parent) in {".", "PySide6/Qt/lib"}
    return is_shared and bool(_SHARED_LIBRARY.search(name)) and not place.name.startswith("libpython")
