"""The walls of the process, each proved from inside a child process that put them up."""

import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.children import ROOT, run_python
from workstation import confinement

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and /proc are Linux")

DENIED = f"""
    import ctypes, os, socket, subprocess, sys, threading
    from workstation import confinement
    wall = confinement.deny_network()
    assert wall == confinement.Wall(held=True, reason="confinement.seccomp"), wall
    libc = ctypes.CDLL(None, use_errno=True)
    def attempt(call, *arguments):
        result = getattr(libc, call)(*arguments)
        return "open" if result >= 0 else ctypes.get_errno()
    ACCESS, PERMISSION, ABSENT = {errno.EACCES}, {errno.EPERM}, {errno.ENOSYS}
"""


def _in_denied(code: str) -> str:
    lines = [f"    {line}" for line in code.splitlines()]
    return run_python(DENIED + "\n".join(lines))


def test_no_family_but_unix_opens_a_socket() -> None:
    """After the filter every address family but AF_UNIX is refused with EACCES, raw sockets too."""
    shown = _in_denied(
        "for family in range(0, 64):\n"
        "    for kind in (1, 2, 3):\n"
        "        got = attempt('socket', family, kind, 0)\n"
        "        if got != ACCESS: print(family, kind, got)\n"
        "print('unix', socket.socketpair()[0].family == socket.AF_UNIX)"
    )
    assert shown.splitlines() == ["1 1 open", "1 2 open", "1 3 open", "unix True"]


def test_high_bits_do_not_hide_the_family() -> None:
    """A family with bits set above the 32 that the kernel reads is still refused."""
    number = confinement._MACHINES[platform.machine()].socket
    shown = _in_denied(
        f"wide = ctypes.c_ulong((1 << 32) | 2)\n"
        f"result = libc.syscall(ctypes.c_long({number}), wide, ctypes.c_long(1), ctypes.c_long(0))\n"
        f"print(result, ctypes.get_errno() == ACCESS)"
    )
    assert shown == "-1 True"


def test_a_child_process_inherits_the_wall() -> None:
    """A program started afterwards, which knows nothing of the filter, gets no socket either."""
    shown = _in_denied(
        "code = 'import socket\\ntry: socket.socket()\\nexcept PermissionError: print(\"refused\")'\n"
        "print(subprocess.run([sys.executable, '-I', '-c', code], capture_output=True, text=True).stdout)"
    )
    assert shown == "refused"


def test_threads_that_ran_before_are_inside_too() -> None:
    """A thread started before the filter is bound by it as well."""
    shown = run_python(
        """
        import ctypes, threading
        from workstation import confinement
        go, seen = threading.Event(), []
        def late():
            go.wait()
            libc = ctypes.CDLL(None, use_errno=True)
            seen.append((libc.socket(2, 1, 0), ctypes.get_errno()))
        thread = threading.Thread(target=late)
        thread.start()
        confinement.deny_network()
        go.set()
        thread.join()
        print(seen)
        """
    )
    assert shown == f"[(-1, {errno.EACCES})]"


def test_io_uring_and_other_processes_are_no_way_round() -> None:
    """io_uring, pidfd_getfd, ptrace and process_vm_writev are refused with EPERM."""
    numbers = [425, 426, 427, 438, *confinement._MACHINES[platform.machine()].closed]
    shown = _in_denied(
        "zeros = [ctypes.c_long(0)] * 6\n"
        f"print([attempt('syscall', ctypes.c_long(n), *zeros) == PERMISSION for n in {numbers}])"
    )
    assert shown == str([True] * len(numbers))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the x32 call table exists on x86-64 only")
def test_the_x32_call_table_is_closed() -> None:
    """socket() by its x32 number does not exist."""
    shown = _in_denied("print(attempt('syscall', ctypes.c_long(0x40000000 | 41), 2, 1, 0) == ABSENT)")
    assert shown == "True"


def test_a_foreign_call_table_is_refused_first() -> None:
    """The filter looks at the architecture before any call number, so 32-bit calls never reach the list."""
    for machine in confinement._MACHINES.values():
        program = confinement.network_filter(machine)
        assert program[0] == (0x20, 0, 0, 4)
        assert program[1] == (0x15, 1, 0, machine.audit)
        assert program[2][3] == 0x00050000 | errno.ENOSYS


def _decide(machine: confinement._Machine, *, audit: int, number: int, argument: int) -> int:
    """Run the filter as the kernel would."""
    program, at, value = confinement.network_filter(machine), 0, 0
    words = {0: number, 4: audit, 16: argument}
    while True:
        operation, yes, no, constant = program[at]
        if operation == 0x06:
            return constant
        if operation == 0x20:
            value = words[constant]
        else:
            at += yes if (value == constant if operation == 0x15 else value >= constant) else no
        at += 1


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_the_filter_decides_alike_on_both_architectures(name: str) -> None:
    """On each architecture sockets other than AF_UNIX are refused and ordinary calls are let through."""
    machine = confinement._MACHINES[name]
    allow, refuse = 0x7FFF0000, 0x00050000
    for number in (machine.socket, machine.socketpair):
        assert _decide(machine, audit=machine.audit, number=number, argument=1) == allow
        for family in (0, 2, 10, 16, 17, 40, 0xFFFFFFFF):
            got = _decide(machine, audit=machine.audit, number=number, argument=family)
            assert got == refuse | errno.EACCES
        assert _decide(machine, audit=0x40000003, number=number, argument=1) == refuse | errno.ENOSYS
    for number in (0, 1, 63, 300):
        assert _decide(machine, audit=machine.audit, number=number, argument=2) == allow


def test_an_inherited_network_socket_stops_the_start() -> None:
    """A socket handed over by the starter is found and refused, not quietly kept."""
    code = """
        from workstation import confinement
        try:
            print(confinement.deny_network())
        except confinement.InheritedNetwork as stop:
            print(stop.code, stop.descriptor)
    """
    libc_socket = _raw_internet_socket()
    try:
        assert run_python(code, fds=(libc_socket,)) == f"SET-002 {libc_socket}"
    finally:
        os.close(libc_socket)


def _raw_internet_socket() -> int:
    """An internet socket that goes nowhere, opened below what the test run blocks."""
    import ctypes

    descriptor = ctypes.CDLL(None).socket(2, 1, 0)
    assert descriptor >= 0
    return int(descriptor)


def test_no_core_is_dumped() -> None:
    """After the start a crash writes no core file and /proc keeps the memory from other processes."""
    shown = run_python(
        """
        import os, resource
        from workstation import confinement
        print(confinement.forbid_core_dumps())
        print(resource.getrlimit(resource.RLIMIT_CORE), os.stat("/proc/self/mem").st_uid)
        child = os.fork()
        if child == 0:
            os.abort()
        print(os.WCOREDUMP(os.waitpid(child, 0)[1]))
        """
    )
    wall, limits, dumped = shown.splitlines()
    assert wall == "Wall(held=True, reason='confinement.core-dumps-off')"
    assert limits == "(0, 0) 0"
    assert dumped == "False"


def _start(folder: Path, *words: str, isolated: bool = False) -> subprocess.CompletedProcess[str]:
    options = ["-I"] if isolated else []
    environment = {**os.environ, "PYTHONPATH": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, *options, "-m", "workstation", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.parametrize(
    "module", ["ui", "storage", "reports", "resources", "argparse", "ctypes", "dataclasses"]
)
def test_a_hostile_working_folder_is_never_imported(tmp_path: Path, module: str, isolated: bool) -> None:
    """Started inside a folder that holds packages of our names, the program runs its own."""
    (tmp_path / module).mkdir()
    trap = tmp_path / "ran"
    (tmp_path / module / "__init__.py").write_text(f"open({str(trap)!r}, 'w')\n", encoding="utf-8")
    done = _start(tmp_path, "--help", isolated=isolated)
    assert "usage: workstation" in done.stdout, done.stderr
    assert done.returncode == 0
    assert not trap.exists()


def test_a_foreign_package_stops_the_start(tmp_path: Path) -> None:
    """If a package would still come from elsewhere, the start ends with SET-001 and names both places."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "__init__.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    shown = run_python(
        f"""
        sys.path.insert(0, {str(tmp_path)!r})
        from workstation import __main__
        print(__main__.main())
        print('ui' in sys.modules)
        """
    )
    assert shown.splitlines() == ["4", "False"]


def test_an_unknown_processor_is_told_honestly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no filter exists the wall is reported as not held, and nothing is claimed."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert confinement.deny_network() == confinement.Wall(
        held=False, reason="confinement.unsupported-platform"
    )


def test_nothing_is_claimed_before_the_start() -> None:
    """Asked before ``confine`` was called, every wall is reported as not held."""
    walls = confinement.current()
    assert not any((walls.network.held, walls.core_dumps.held, walls.imports.held))


def test_the_install_root_is_this_program() -> None:
    """The root is the folder that holds the five packages."""
    assert confinement.install_root() == ROOT
