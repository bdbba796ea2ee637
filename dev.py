#!/usr/bin/env python3
"""Set-up and every developer command, standard library only: ``python3 dev.py COMMAND``.

Nothing has to be prepared: each command first makes ``.venv`` from the locked, hashed wheels and, where it
may, installs the Debian packages that Qt and the sandbox need. Done work is stamped and skipped next time.
"""

import argparse
import ctypes
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BUILD = ROOT / "build"
OLDEST_PYTHON = (3, 11)
UV = "uv==0.13.9"  # only ``lock`` uses it; what it writes is reviewed as text

# What has to be there, and the Debian package that brings it.
DRAWING = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
}
WINDOW = {  # only a window on an X screen; leaving out any one stops Qt's xcb plug-in
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
PROGRAMS = {
    "bwrap": ("bubblewrap", "the examination of a submission runs without the bubblewrap wall"),
    "pdfsig": ("poppler-utils", "the report's signatures are not checked a second time by pdfsig"),
    "certutil": ("libnss3-tools", "pdfsig is not told which certificates to trust"),
    "openssl": ("openssl", "the export's signatures are not checked a second time by openssl"),
}
_ALOUD = {"xvfb-run": "xvfb", "xauth": "xauth", "xdotool": "xdotool", "dbus-run-session": "dbus"}
_ALOUD["/usr/libexec/at-spi-bus-launcher"] = "at-spi2-core"
TESTING = PROGRAMS | {name: (_ALOUD[name], "the window on a screen is not tested") for name in _ALOUD}
TESTING["softhsm2-util"] = ("softhsm2", "smart cards are not tested against a PKCS#11 module")


def say(text: str) -> None:
    """One line of progress."""
    print(f"dev.py: {text}", flush=True)


def stop(text: str) -> "SystemExit":
    """An exit that says what to do next."""
    return SystemExit(f"dev.py: {text}")


def run(command: Sequence[object], *, extra: "dict[str, str] | None" = None) -> int:
    """Run a program in the project's folder and return its exit status."""
    words = [str(word) for word in command]
    return subprocess.call(words, cwd=ROOT, env={**os.environ, **(extra or {})})


def has_screen() -> bool:
    """Whether a window could be shown."""
    return os.name == "nt" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- the system's packages ---------------------------------------------------------------------------


def loads(library: str) -> bool:
    """Whether the dynamic loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Whether this process may install Debian packages."""
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_line(packages: Iterable[str]) -> str:
    """The line an administrator runs."""
    return "apt-get install -y --no-install-recommends " + " ".join(sorted(packages))


def apt_install(packages: Iterable[str]) -> bool:
    """Install Debian packages; False where that is impossible or fails."""
    if not may_install():
        return False
    say("installing " + " ".join(sorted(packages)))
    if run(["apt-get", "update", "-qq"]) != 0:
        say("apt-get update failed; trying with the package lists that are here")
    # A line for each step of each package would bury ours; what goes wrong is told on the error channel.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", 'exec "$@" >/dev/null', "sh"]
    status = run([*quiet, *apt_line(packages).split(), "-qq"])
    importlib.invalidate_caches()  # python3-venv may have come
    return status == 0


def need_system(*, window: bool, programs: "Mapping[str, tuple[str, str]]" = PROGRAMS) -> bool:
    """Have the libraries and programs there, or say what to ask for; return whether a window can be shown."""
    if sys.platform != "linux":
        return window
    libraries = {**DRAWING, **(WINDOW if window else {})}
    missing = {package for library, package in libraries.items() if not loads(library)}
    missing |= {package for name, (package, _why) in programs.items() if shutil.which(name) is None}
    missing |= set() if PYTHON.exists() or brings_pip() else {"python3-venv"}
    if missing and not apt_install(missing):
        say(f"an administrator can complete this machine with:\n\n    {apt_line(missing)}\n")
    for package, why in (what for name, what in programs.items() if shutil.which(name) is None):
        say(f"going on without {package}: {why}")
    if not all(map(loads, DRAWING)):
        say("going on without Qt: no window and no pictures")
    elif not all(map(loads, libraries)):
        say("going on without a window")
    return window and all(map(loads, libraries))


def brings_pip() -> bool:
    """Whether this Python can fill a virtual environment."""
    return any(importlib.util.find_spec(name) is not None for name in ("ensurepip", "pip"))


# --- the project's own environment -------------------------------------------------------------------


def make_venv() -> None:
    """Make ``.venv``, also on a Debian whose Python came without ensurepip."""
    if PYTHON.exists() and subprocess.call([PYTHON, "-I", "-c", ""]) == 0:
        return
    if not brings_pip() and not apt_install(["python3-venv"]):
        raise stop(f"Python here has neither pip nor ensurepip. Run:  {apt_line(['python3-venv'])}")
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    options = [] if has_ensurepip else ["--without-pip"]
    if run([sys.executable, "-I", "-m", "venv", *options, VENV]) != 0:
        raise stop(f"the virtual environment could not be made. Run:  {apt_line(['python3-venv'])}")


def pip() -> "list[object]":
    """How pip is called: the environment's own, else the system's pointed at the environment."""
    if subprocess.call([PYTHON, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return [PYTHON, "-I", "-m", "pip"]
    return [sys.executable, "-I", "-m", "pip", "--python", PYTHON]


def link_project() -> None:
    """Let ``python -I -m workstation`` and ``.venv/bin/workstation`` find this folder from anywhere."""
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([PYTHON, "-I", "-c", question], text=True).strip()
    Path(site, "frontier_review_workstation.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    if os.name == "posix":
        # A console script of pip's would start without -I and so trust PYTHONPATH.
        script = BIN / "workstation"
        start = "import sys\nfrom workstation.__main__ import main\n\nsys.exit(main())\n"
        script.write_text(f"#!{PYTHON} -I\n{start}", encoding="utf-8")
        script.chmod(0o755)


def lock_for(*, tools: bool) -> Path:
    """The lock to install: run-time only, or with what tests and builds need."""
    return ROOT / ("requirements-dev.lock" if tools else "requirements.lock")


def stamp_of(lock: Path) -> "tuple[Path, str]":
    """Where the stamp of a lock is and what it says when nothing has changed since."""
    facts = [lock.read_text(encoding="utf-8"), str(sys.version_info), str(ROOT)]
    return VENV / f".{lock.stem}.stamp", hashlib.sha256("\0".join(facts).encode()).hexdigest()


def is_installed(lock: Path) -> bool:
    """Whether this very lock was installed by this very Python into this very folder."""
    stamp, content = stamp_of(lock)
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == content


def set_up(*, tools: bool, wheels: "str | None" = None) -> None:
    """Make the environment match the lock; a second call does nothing."""
    if sys.version_info < OLDEST_PYTHON:
        raise stop("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    full = lock_for(tools=True)
    if is_installed(full) or (not tools and is_installed(lock_for(tools=False))):
        return
    make_venv()
    lock = lock_for(tools=tools)
    say(f"installing {lock.name} (hashes required, wheels only)")
    options = ["--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"]
    options += ["--no-index", "--find-links", str(Path(wheels).resolve())] if wheels else []
    if run([*pip(), "--disable-pip-version-check", "install", *options, "-r", lock]) != 0:
        raise stop("the locked packages could not be installed; pip's message above says which and why")
    link_project()
    stamp, content = stamp_of(lock)
    stamp.write_text(content, encoding="utf-8")


def headless() -> "dict[str, str]":
    """Draw without a screen, and let nothing start a D-Bus daemon that outlives the command."""
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "disabled:")
    return {"QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": bus}


# --- commands ----------------------------------------------------------------------------------------


def setup(options: argparse.Namespace, rest: "list[str]") -> int:
    """Make .venv (with --wheels DIR from a folder of wheels, without a network)."""
    refuse_words(rest)
    need_system(window=True, programs=TESTING)
    set_up(tools=True, wheels=options.wheels)
    say("ready")
    return 0


def start(words: "list[str]") -> int:
    """Start the workstation with these words on its command line."""
    window = need_system(window=has_screen())
    set_up(tools=False)
    return run([PYTHON, "-I", "-m", "workstation", *words], extra={} if window else headless())


def demo(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Tell the sample case (--package PATH: any real package); files are left in build/demo."""
    return start(["demo", *rest])


def run_program(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Start the workstation; words after "run" go to its command line."""
    return start(rest)


def pytest(words: "Iterable[object]", *, extra: "dict[str, str] | None" = None) -> "list[object]":
    """The command that runs tests, with the environment it needs."""
    os.environ.update({**headless(), **(extra or {})})
    return [PYTHON, "-I", "-m", "pytest", *words]


def spread() -> "list[str]":
    """Use the cores there are, one file of tests to a process."""
    return ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]


def test(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Run the tests; words after "test" go to pytest."""
    need_system(window=True, programs=TESTING)
    set_up(tools=True)
    commands = [("", pytest(rest))] if rest else every_test()
    return max((run(command) for _name, command in commands), key=abs)


def every_test() -> "list[tuple[str, list[object]]]":
    """All tests: what needs no window with Qt blocked from import, then the rest."""
    blocked = ["-p", "no:pytest-qt", "--without-qt", "--ignore=tests/e2e"]
    return [
        ("tests without Qt", pytest([*spread(), *blocked])),
        ("tests of the window and end to end", pytest([*spread(), "--window"])),
    ]


def check(options: argparse.Namespace, rest: "list[str]") -> int:
    """Format, lint, types, import contracts, tests; the end-to-end tests again without a network."""
    refuse_words(rest)
    need_system(window=True, programs=TESTING)
    set_up(tools=True)
    steps: list[tuple[str, list[object]]] = [
        ("format", [BIN / "ruff", "format", "--check", "--quiet"]),
        ("lint", [BIN / "ruff", "check"]),
        ("types", [BIN / "mypy"]),
        ("types of the scripts", [BIN / "mypy", "dev.py", *sorted((ROOT / "installer").glob("*.py"))]),
        ("import contracts", [BIN / "lint-imports"]),
    ]
    if not options.after_test:
        steps += every_test()
    isolated = without_network()
    if isolated is None:
        say("no network namespace can be made here: the tests are not repeated without a network")
    else:
        steps.append(("end to end without a network", [*isolated, *pytest(["tests/e2e"])]))
    failed = []
    for name, command in steps:
        say(name)
        if run(command) != 0:
            failed.append(name)
    say("failed: " + ", ".join(failed) if failed else "every check passed")
    return 1 if failed else 0


def without_network() -> "list[object] | None":
    """The words that start a program in an empty network namespace, where the system allows one."""
    for words in (["unshare", "-n", "--"], ["unshare", "-rn", "--"]):
        if shutil.which(words[0]) and subprocess.call([*words, "true"], stderr=subprocess.DEVNULL) == 0:
            return list(words)
    return None


def fuzz(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Fuzz the readers (--seconds N each, --reader NAME); --properties: the property tests for longer."""
    need_system(window=False)
    set_up(tools=True)
    return run([PYTHON, "-I", ROOT / "tests" / "fuzz" / "run.py", *rest], extra=headless())


def bench(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Run the measurements in tests/bench whose name holds the first word; further words go to them."""
    set_up(tools=True)
    name, *words = rest if rest and not rest[0].startswith("-") else ["", *rest]
    found = sorted((ROOT / "tests" / "bench").glob("bench_*.py"))
    chosen = [path for path in found if name in path.stem]
    if not chosen:
        raise stop("no measurement has that name; there are: " + ", ".join(path.stem for path in found))
    return max(run([PYTHON, "-I", path, *words], extra=headless()) for path in chosen)


def docs(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Write docs/errors.md and docs/reason-codes.md anew; --pictures: the pictures, after a demo."""
    refuse_words([word for word in rest if word != "--pictures"])
    set_up(tools=False)
    return run([PYTHON, "-I", ROOT / "docs" / "write.py", *rest])


def lock(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Write the lock files anew from the .in files; review the difference before committing it."""
    refuse_words(rest)
    set_up(tools=True)
    tool = BUILD / "lock"
    if not (tool / "bin" / "uv").exists() and run([*pip(), "install", "--target", tool, "--quiet", UV]) != 0:
        raise stop("uv could not be installed")
    fixed = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command = [tool / "bin" / "uv", "pip", "compile", *fixed, "--only-binary", ":all:", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    shipped = ["-c", "requirements.lock"]
    # What is only measured beside us shares nothing with us, so nothing binds it.
    locks = [("requirements", []), ("requirements-dev", shipped), ("requirements-fuzz", shipped)]
    for name, bound in [*locks, ("requirements-bench", [])]:
        if run([*command, *bound, f"{name}.in", "-o", f"{name}.lock"]) != 0:
            raise stop(f"{name}.lock was not written")
    return 0


def freeze(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Build the folder a workstation runs from without Python: build/installer/."""
    set_up(tools=True)
    return run([PYTHON, "-I", ROOT / "installer" / "build.py", "freeze", *rest])


def deb(_options: argparse.Namespace, rest: "list[str]") -> int:
    """Build the Debian package, start it without a network, and write its SHA384SUMS."""
    set_up(tools=True)
    return run([PYTHON, "-I", ROOT / "installer" / "build.py", "deb", *rest])


_NAMED_ALIKE = (setup, demo, test, check, fuzz, bench, docs, lock, freeze, deb)
COMMANDS = {"run": run_program} | {command.__name__: command for command in _NAMED_ALIKE}


def refuse_words(rest: "list[str]") -> None:
    """A misspelt option is not quietly ignored."""
    if rest:
        raise stop("not understood: " + " ".join(rest))


def main(words: "list[str]") -> int:
    """Run one command; words it does not know go on to the program it starts."""
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        # The program behind the command answers --help itself.
        passes_on = name in {"demo", "run", "test", "fuzz", "bench"}
        sub = commands.add_parser(name, help=command.__doc__, add_help=not passes_on)
        if name == "setup":
            sub.add_argument("--wheels", metavar="DIR", help="install from this folder of wheels only")
        if name == "check":
            sub.add_argument("--after-test", action="store_true", help="the plain test run was just done")
    options, rest = parser.parse_known_args(words)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        return COMMANDS[options.command](options, rest)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
