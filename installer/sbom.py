"""The bill of materials of a frozen folder, as CycloneDX 1.6.

Made from what the freeze put in, not from what is installed: Python packages by the modules that went in,
Debian libraries by the files copied from the build machine, and by hand what is compiled into wheels and
shows in no package list. The same folder gives the same bytes.
"""

import datetime as dt
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

NAMESPACE = uuid.UUID("6a1f0c7e-5f0d-5b0c-9a9e-2f6d3c1b8e42")
# The metadata of these two states no licence in the field meant for it.
LICENCES = {"sqlcipher3": "BSD-3-Clause", "pypdfium2": "BSD-3-Clause AND Apache-2.0"}

Component = dict[str, object]


def component(name: str, version: str, licence: str, *, purl: str = "", inside: str = "") -> Component:
    """One entry; ``inside`` names the package it is compiled into."""
    found: Component = {
        "type": "library",
        "bom-ref": purl or f"native:{name}@{version}" + (f"#{inside}" if inside else ""),
        "name": name,
        "version": version,
    }
    if licence:
        found["licenses"] = [{"license": {"name": licence}}]
    if purl:
        found["purl"] = purl
    if inside:
        found["description"] = f"compiled into {inside}"
    return found


def _licence(name: str) -> str:
    facts = importlib.metadata.metadata(name)

    def all_of(field: str) -> list[str]:
        return [str(one) for one in facts.get_all(field) or ()]

    declared = [one.split(" :: ")[-1] for one in all_of("Classifier") if one.startswith("License ::")]
    stated = "".join(all_of("License-Expression")) or LICENCES.get(name, "")
    return stated or " OR ".join(declared) or "".join(all_of("License"))[:80]


def python_packages(modules: set[str]) -> list[Component]:
    """The distributions whose modules went in."""
    owners = importlib.metadata.packages_distributions()
    names = {owner for module in modules for owner in owners.get(module.split(".")[0], ())}
    found = []
    for name in names - {"frontier-review-workstation"}:
        version = importlib.metadata.version(name)
        plain = re.sub(r"[-_.]+", "-", name).lower()
        found.append(component(name, version, _licence(name), purl=f"pkg:pypi/{plain}@{version}"))
    return found


def debian_package(file: str) -> str:
    """The Debian package that owns a file; empty when none does."""
    for place in (file, str(Path(file).resolve()), file.removeprefix("/usr"), f"/usr{file}"):
        done = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":", maxsplit=1)[0].strip()
    return ""


def debian_libraries(files: set[str]) -> list[Component]:
    """The Debian packages whose files were copied from the build machine."""
    found = []
    for name in {debian_package(file) for file in files} - {""}:
        words = ["dpkg-query", "-W", "-f", "${Version}\n", name]
        shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        version = shown.splitlines()[0]
        found.append(component(name, version, "", purl=f"pkg:deb/debian/{name}@{version}"))
    return found


def _sqlcipher() -> list[Component]:
    import sqlcipher3  # noqa: PLC0415 - only to ask for its version

    connection = sqlcipher3.connect(":memory:")
    cipher = str(connection.execute("PRAGMA cipher_version").fetchone()[0])
    options = [str(row[0]) for row in connection.execute("PRAGMA compile_options")]
    connection.close()
    # The library names the OpenSSL it was built with nowhere in its interface; its file does.
    built_in = re.search(rb"OpenSSL (3\.[0-9.]+)", Path(sqlcipher3._sqlite3.__file__).read_bytes())  # noqa: SLF001 - the file itself is searched, there is no other way to ask
    found = [
        component("SQLCipher", cipher.split(maxsplit=1)[0], "BSD-3-Clause", inside="sqlcipher3"),
        component("SQLite", sqlcipher3.sqlite_version, "blessing", inside="sqlcipher3"),
    ]
    if built_in and "HAS_CODEC" in options:
        found.append(component("OpenSSL", built_in[1].decode(), "Apache-2.0", inside="sqlcipher3"))
    return found


def _cryptography() -> list[Component]:
    from cryptography.hazmat.backends.openssl import backend  # noqa: PLC0415 - only to ask for its version

    version = backend.openssl_version_text().split()[1]
    return [component("OpenSSL", version, "Apache-2.0", inside="cryptography")]


def _qt() -> list[Component]:
    from PySide6 import QtCore  # noqa: PLC0415 - only to ask for its version

    libraries = Path(QtCore.__file__).parent / "Qt" / "lib"
    icu = [path.name.rsplit(".", 1)[-1] for path in libraries.glob("libicuuc.so.*")]
    version = QtCore.qVersion()
    found = [component("Qt", version, "LGPL-3.0-only", inside="pyside6-essentials")]
    return found + [component("ICU", number, "Unicode-3.0", inside="pyside6-essentials") for number in icu]


def _documents() -> list[Component]:
    import pikepdf  # noqa: PLC0415 - only to ask for its version
    import zstandard  # noqa: PLC0415 - only to ask for its version
    from lxml import etree  # noqa: PLC0415 - only to ask for its version
    from pypdfium2.version import PDFIUM_INFO  # noqa: PLC0415 - only to ask for its version

    def dotted(parts: tuple[int, ...]) -> str:
        return ".".join(str(part) for part in parts)

    pdfium = str(PDFIUM_INFO).split("@", maxsplit=1)[0]
    return [
        component("qpdf", pikepdf.__libqpdf_version__, "Apache-2.0", inside="pikepdf"),
        component("libxml2", dotted(etree.LIBXML_VERSION), "MIT", inside="lxml"),
        component("libxslt", dotted(etree.LIBXSLT_VERSION), "MIT", inside="lxml"),
        component("zstd", dotted(zstandard.ZSTD_VERSION), "BSD-3-Clause", inside="zstandard"),
        component("PDFium", pdfium, "BSD-3-Clause AND Apache-2.0", inside="pypdfium2"),
    ]


def _images() -> list[Component]:
    from PIL import features  # noqa: PLC0415 - only to ask for its version

    names = {
        "freetype2": "FTL", "littlecms2": "MIT", "webp": "BSD-3-Clause", "avif": "BSD-2-Clause",
        "harfbuzz": "MIT", "libjpeg_turbo": "IJG", "jpg_2000": "BSD-2-Clause", "libtiff": "libtiff",
        "zlib_ng": "Zlib",
    }  # fmt: skip
    versions = {name: features.version(name) for name in names}
    return [component(name, str(v), names[name], inside="pillow") for name, v in versions.items() if v]


# Packages that hold foreign libraries, and who knows their versions.
NATIVE: dict[str, Callable[[], list[Component]]] = {
    "sqlcipher3": _sqlcipher,
    "cryptography": _cryptography,
    "PySide6": _qt,
    "pikepdf": _documents,
    "PIL": _images,
}


def _order(one: Component) -> str:
    return str(one["bom-ref"])


def bill(contents: Path, *, version: str, epoch: int) -> bytes:
    """The document for what ``contents.txt`` lists."""
    rows = [line.split("\t") for line in contents.read_text(encoding="utf-8").splitlines()]
    modules = {name.replace("/", ".") for name, _file in rows}
    files = {file for _name, file in rows if file and "site-packages" not in file and file.startswith("/")}
    roots = {module.split(".")[0] for module in modules}
    components = [component("CPython", platform.python_version(), "PSF-2.0")]
    components += python_packages(modules) + debian_libraries(files)
    for package, ask in NATIVE.items():
        components += ask() if package in roots else []
    components.sort(key=_order)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, json.dumps(components, sort_keys=True))}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.fromtimestamp(epoch, dt.UTC).isoformat(),
            "component": {"type": "application", "name": "frontier-review-workstation", "version": version},
        },
        "components": components,
    }
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def require_valid(document: bytes) -> None:
    """End the build when the document is not CycloneDX 1.6."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - only where the finished inventory is checked
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - only where the finished inventory is checked

    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(document.decode())
    if problem is not None:
        sys.exit(f"the bill of materials is not valid: {problem}")
