"""What goes into the installed program, what stays out, and what says so."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.helpers.scripts import ROOT, load


@pytest.fixture
def pruning() -> ModuleType:
    """The rules of what is left out."""
    return load("installer/pruning.py")


@pytest.fixture
def sbom() -> ModuleType:
    """The maker of the bill of materials."""
    return load("installer/sbom.py")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", False),
        ("PySide6/Qt/plugins/networkinformation/libqnetworkmanager.so", False),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", False),
        ("python3.11/lib-dynload/_hashlib.cpython-311-x86_64-linux-gnu.so", True),
        ("resources/checklists/eo14409-v1.json", True),
    ],
)
def test_what_reaches_a_network_is_left_out(pruning: ModuleType, name: str, wanted: bool) -> None:
    """Qt's network, TLS and remote-screen parts and Python's TLS are out; what draws and hashes is in."""
    assert pruning.is_wanted(name) is wanted


def test_libraries_stay_only_where_something_asks_for_them(pruning: ModuleType) -> None:
    """A library is kept when a kept file needs it, however indirectly; a link only with its target."""
    entries = [
        ("PySide6/QtGui.abi3.so", "/w/QtGui.abi3.so", "EXTENSION"),
        ("PySide6/Qt/lib/libQt6Gui.so.6", "/w/libQt6Gui.so.6", "BINARY"),
        ("PySide6/Qt/lib/libicuuc.so.73", "/w/libicuuc.so.73", "BINARY"),
        ("PySide6/Qt/lib/libQt6Pdf.so.6", "/w/libQt6Pdf.so.6", "BINARY"),
        ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", "SYMLINK"),
        ("libQt6Pdf.so.6", "PySide6/Qt/lib/libQt6Pdf.so.6", "SYMLINK"),
        ("pypdfium2_raw/libpdfium.so", "/w/libpdfium.so", "BINARY"),
        ("libpython3.11.so.1.0", "/w/libpython3.11.so.1.0", "BINARY"),
    ]
    needs = {"/w/QtGui.abi3.so": ["/w/libQt6Gui.so.6"], "/w/libQt6Gui.so.6": ["/w/libicuuc.so.73"]}
    kept = [entry[0] for entry in pruning.without_unneeded(entries, lambda file: needs.get(file, []))]
    assert kept == [name for name, *_ in entries if "Pdf" not in name]


def test_the_system_s_libraries_are_depended_on(pruning: ModuleType) -> None:
    """Debian's shared libraries are left to Debian; Python's own extension modules are not."""
    entries = [
        ("libdbus-1.so.3", "/lib/x86_64-linux-gnu/libdbus-1.so.3", "BINARY"),
        ("python3.11/lib-dynload/_hashlib.so", "/usr/lib/python3.11/lib-dynload/_hashlib.so", "EXTENSION"),
        ("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "BINARY"),
        ("libqpdf.so.30", "/venv/site-packages/pikepdf.libs/libqpdf.so.30", "BINARY"),
    ]
    shipped, system = pruning.split_system(entries)
    assert [entry[0] for entry in system] == ["libdbus-1.so.3"]
    assert len(shipped) == 3


def test_dangling_links_are_left_out(pruning: ModuleType) -> None:
    """A link to a library that was left out is left out too."""
    data = [("libA.so", "x/libA.so", "SYMLINK"), ("libB.so", "x/libB.so", "SYMLINK"), ("d.txt", "/d", "DATA")]
    kept = pruning.without_dangling_links(data, [("x/libA.so", "/libA.so", "BINARY")])
    assert [entry[0] for entry in kept] == ["libA.so", "d.txt"]


def test_the_bill_of_materials_names_what_is_compiled_in(sbom: ModuleType, tmp_path: Path) -> None:
    """It is valid CycloneDX, names SQLite and OpenSSL inside the wheels, and is the same every time."""
    contents = tmp_path / "contents.txt"
    contents.write_text("sqlcipher3\t\ncryptography.x509\t\nlxml/etree.so\t\n", encoding="utf-8")
    document = sbom.bill(contents, version="0.1.0", epoch=1_800_000_000)
    sbom.require_valid(document)
    assert document == sbom.bill(contents, version="0.1.0", epoch=1_800_000_000)
    found = {(one["name"], one.get("description", "")) for one in json.loads(document)["components"]}
    assert ("SQLCipher", "compiled into sqlcipher3") in found
    assert ("OpenSSL", "compiled into sqlcipher3") in found
    assert ("OpenSSL", "compiled into cryptography") in found
    assert not any(name == "reportlab" for name, _ in found)


def test_an_invalid_bill_of_materials_ends_the_build(sbom: ModuleType) -> None:
    """A document that is not CycloneDX 1.6 is not shipped."""
    with pytest.raises(SystemExit, match="not valid"):
        sbom.require_valid(b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": 3}')


def test_stand_ins_refuse_what_they_are_asked() -> None:
    """With the stand-ins in place pyHanko loads without aiohttp, TLS and HTTP, and no address is opened."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "installer")!r})
import stand_ins
stand_ins.install()
for name in ("ssl", "_ssl", "http", "certifi", "requests"):
    sys.modules[name] = None
import pyhanko.sign, pyhanko.sign.validation, urllib.request, xml.sax.saxutils
try:
    urllib.request.urlopen("file:///etc/hostname")
except OSError as error:
    print(error)
print(urllib.request.pathname2url("a b"))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == ["this program has no network", "a%20b"], done.stderr


def test_the_proof_finds_a_network_library(tmp_path: Path) -> None:
    """The check of the finished folder names every file that speaks to a network."""
    prove = load("installer/prove.py")
    for name in ("libQt6Network.so.6", "libQt6Core.so.6", "_ssl.cpython-311.so", "_hashlib.so"):
        (tmp_path / name).touch()
    assert prove.forbidden_files(tmp_path) == ["_ssl.cpython-311.so", "libQt6Network.so.6"]


def test_the_worker_is_all_the_frozen_program_lets_itself_be_asked_for() -> None:
    """Started like a Python interpreter, the frozen program runs its own worker module and no other."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _start(["-I", "-B", "-m", "http.server"])],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "only workstation.examine.worker" in done.stderr


def _start(words: list[str]) -> str:
    folder = ROOT / "installer"
    return (
        f"import sys, runpy; sys.path.insert(0, {str(folder)!r}); sys.argv = ['workstation', *{words!r}]; "
        f"runpy.run_path({str(folder / 'start.py')!r}, run_name='__main__')"
    )
