"""Which files of a frozen build are left out: whatever could reach a network, and whatever nothing needs."""

import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# Modules that must not be in the product. asyncio and with it socket stay: pyHanko is written in coroutines.
# fmt: off
EXCLUDED_MODULES = [
    "_ssl", "ssl", "aiohttp", "http", "ftplib", "imaplib", "nntplib", "poplib", "smtplib", "telnetlib",
    "socketserver", "webbrowser", "wsgiref", "xmlrpc", "urllib.request", "requests",
    "urllib3", "certifi", "yarl", "multidict", "aiosignal", "frozenlist", "aiohappyeyeballs", "propcache",
    "sqlite3", "_sqlite3", "zstandard._cffi", "zstandard.backend_cffi", "numpy", "readline",
    "rlcompleter", "pygments", "tkinter", "_tkinter", "idlelib", "turtle", "lib2to3", "ensurepip", "venv",
    "pydoc_data", "pip", "setuptools", "pkg_resources", "pytest", "_pytest", "hypothesis", "mypy",
    "coverage", "IPython", "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick",
    "PySide6.QtQuickWidgets", "PySide6.QtQuickTest", "PySide6.QtQuickControls2", "PySide6.QtSql",
    "PySide6.QtTest", "PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtUiTools", "PySide6.QtConcurrent",
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
    by_file = {PurePosixPath(entry[1]).name: entry for entry in wanted if entry[2] != "SYMLINK"}
    kept = [entry for entry in wanted if entry[2] != "SYMLINK" and not _is_plain_library(entry[0])]
    names, queue = {entry[0] for entry in kept}, list(kept)
    while queue:
        for file in needs(queue.pop()[1]):
            entry = by_file.get(PurePosixPath(file).name)
            if entry is not None and entry[0] not in names:
                names.add(entry[0])
                queue.append(entry)
    return [entry for entry in wanted if (_target(entry) if entry[2] == "SYMLINK" else entry[0]) in names]


def without_dangling_links(data: list[Entry], binaries: list[Entry]) -> list[Entry]:
    """Drop unwanted data, and links to libraries that were left out."""
    wanted = [entry for entry in data if is_wanted(entry[0])]
    names = {entry[0] for entry in (*wanted, *binaries) if entry[2] != "SYMLINK"}
    return [entry for entry in wanted if entry[2] != "SYMLINK" or _target(entry) in names]


def _target(link: Entry) -> str:
    """The name in the folder that a link leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(link[0]), link[1]))


def split_system(entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """(what is shipped, what the target's own Debian packages bring).

    A shared library of the system is depended on, not copied: its security updates then reach the program
    by the site's mirror, and none of them is shipped under a licence nobody looked at.
    """
    system = [entry for entry in entries if _is_of_the_system(entry)]
    return [entry for entry in entries if entry not in system], system


def _is_of_the_system(entry: Entry) -> bool:
    name, file, _kind = entry
    is_theirs = file.startswith(("/lib/", "/usr/lib/"))
    return is_theirs and _is_plain_library(name)


def _is_plain_library(name: str) -> bool:
    """A library that is only there for others, not one the program opens by name (PDFium, Python)."""
    place = PurePosixPath(name)
    is_shared = str(place.parent) in {".", "PySide6/Qt/lib"}
    return is_shared and bool(_SHARED_LIBRARY.search(name)) and not place.name.startswith("libpython")
