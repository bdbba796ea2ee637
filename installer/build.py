"""Build what is installed on a workstation: ``freeze`` makes the folder, ``deb`` the Debian package of it.

Both give the same bytes for the same commit and the same locked wheels: time stamps come from the commit,
hash order is fixed, owners are root. ``prove.py`` starts the result where there is no network.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build" / "installer"
NAME = "frontier-review-workstation"
FOLDER = BUILD / "dist" / NAME
OPT = Path("opt") / NAME
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def version() -> str:
    """The version the project states."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def epoch() -> str:
    """The time all files get: SOURCE_DATE_EPOCH, else that of the newest commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    words = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def environment() -> dict[str, str]:
    """What a build may know of the machine it runs on."""
    return {
        **os.environ,
        "SOURCE_DATE_EPOCH": epoch(),
        "PYTHONHASHSEED": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def settle(folder: Path) -> None:
    """Give every file the same time and plain permissions."""
    stamp = int(epoch())
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            is_program = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (stamp, stamp), follow_symlinks=False)
    os.utime(folder, (stamp, stamp))


def freeze() -> Path:
    """The folder a workstation runs from without Python."""
    shutil.rmtree(BUILD / "work", ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    words = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    words += [
        "--distpath",
        str(BUILD / "dist"),
        "--workpath",
        str(BUILD / "work"),
        str(HERE / "workstation.spec"),
    ]
    subprocess.run(words, cwd=ROOT, env=environment(), check=True)
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / name, FOLDER / name)
    settle(FOLDER)
    print(f"{FOLDER.relative_to(ROOT)}: {size_of(FOLDER) / 1e6:.0f} MB")
    return FOLDER


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def stage(folder: Path) -> Path:
    """The tree of the package as it lies on the target."""
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / OPT, symlinks=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "workstation").symlink_to(Path("/") / OPT / "workstation")
    places = {
        "workstation.desktop": Path("usr/share/applications") / f"{NAME}.desktop",
        "copyright": Path("usr/share/doc") / NAME / "copyright",
    }
    for source, target in places.items():
        (tree / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "debian" / source, tree / target)
    changes = tree / "usr/share/doc" / NAME / "changelog.gz"
    text = (ROOT / "CHANGELOG.md").read_bytes() if (ROOT / "CHANGELOG.md").exists() else b""
    changes.write_bytes(gzip.compress(text, mtime=int(epoch())))
    return tree


def depends() -> set[str]:
    """The Debian packages the program needs: owners of the libraries left out, and what is opened by name."""
    import sbom  # noqa: PLC0415 - beside this file, which main() puts on the path

    left_out = (BUILD / "system.txt").read_text(encoding="utf-8").split()
    owners = {sbom.debian_package(file) for file in left_out} - {"", "libc6"}
    return owners | {"libc6 (>= 2.36)", "libgl1", "libegl1", "fontconfig-config"}


def describe(tree: Path) -> None:
    """The package's control files: what it is, what it needs, and a digest of every file for ``dpkg -V``."""
    control = tree / "DEBIAN"
    control.mkdir()
    files = sorted(
        p for p in tree.rglob("*") if p.is_file() and not p.is_symlink() and control not in p.parents
    )
    # dpkg's own list is MD5 by definition; it finds damage, not malice. The release is signed over SHA-384.
    sums = "".join(
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n"
        for path in files
    )
    (control / "md5sums").write_text(sums, encoding="utf-8")
    fields = (
        (HERE / "debian" / "control")
        .read_text(encoding="utf-8")
        .format(
            version=version(),
            architecture=ARCHITECTURES[os.uname().machine],
            size_kib=-(-size_of(tree) // 1024),
            depends=", ".join(sorted(depends())),
        )
    )
    (control / "control").write_text(fields, encoding="utf-8")


def deb() -> Path:
    """The Debian package, its bill of materials, and the SHA-384 of both beside them."""
    tree = stage(freeze())
    describe(tree)
    settle(tree)
    package = BUILD / f"{NAME}_{version()}_{ARCHITECTURES[os.uname().machine]}.deb"
    words = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)]
    subprocess.run(words, env=environment(), check=True, stdout=subprocess.DEVNULL)
    materials = package.with_suffix(".cdx.json")
    materials.write_bytes(bill_of_materials())
    sums = [
        f"{hashlib.sha384(file.read_bytes()).hexdigest()}  {file.name}\n" for file in (package, materials)
    ]
    (BUILD / "SHA384SUMS").write_text("".join(sums), encoding="utf-8")
    print(f"{package.relative_to(ROOT)}: {package.stat().st_size / 1e6:.0f} MB\n{''.join(sums)}", end="")
    return package


def bill_of_materials() -> bytes:
    """What the frozen folder is made of, checked against the format's own schema."""
    import sbom  # noqa: PLC0415 - beside this file, which main() puts on the path

    document = sbom.bill(BUILD / "contents.txt", version=version(), epoch=int(epoch()))
    sbom.require_valid(document)
    return document


def main() -> int:
    """Build and prove one of the two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("what", choices=["freeze", "deb"])
    parser.add_argument("--no-proof", action="store_true", help="do not start what was built")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))  # started with -I, which leaves it out
    if options.what == "deb" and shutil.which("dpkg-deb") is None:
        print("dpkg-deb is needed; it is part of every Debian system", file=sys.stderr)
        return 1
    if options.what == "deb":
        deb()
    else:
        freeze()
    if options.no_proof:
        return 0
    return subprocess.call([sys.executable, "-I", str(HERE / "prove.py"), str(FOLDER)])


if __name__ == "__main__":
    sys.exit(main())
