"""What a worker may see of the machine, and the bubblewrap command that shows it nothing else."""

import shutil
import sys
import sysconfig
from functools import cache
from pathlib import Path

_WORK_FOLDER = "/.worker"  # inside the sandbox: empty, and no place of this machine is called so

# Not the whole of /dev: memory that programs of the person share lies there too, and so do their terminals.
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

# The network namespace is entered by the worker itself: bubblewrap would configure it through a netlink
# socket, which this program has denied itself and its children.
_WALLS = (
    *("--unshare-user-try", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
    *("--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "LC_ALL", "C.UTF-8"),
)


@cache
def places() -> tuple[str, ...]:
    """What a worker must be able to read: Python, its libraries, this program; nothing of any user."""
    roots = {
        sys.prefix,
        sys.base_prefix,
        *(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")),
    }
    own = Path(__file__).resolve().parents[1]
    roots |= {str(own), str(own.parent / "resources")}
    frozen = getattr(sys, "_MEIPASS", "")
    if frozen:
        roots |= {str(frozen), str(Path(sys.executable).parent)}
    system = {"/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/fonts"}
    there = sorted(place for place in roots | system if Path(place).exists())
    return tuple(place for place in there if not any(str(parent) in there for parent in Path(place).parents))


def command() -> list[str] | None:
    """The command that puts a program behind bubblewrap, or None where there is none."""
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if program is None or sys.platform != "linux":
        return None
    words = [program, *_WALLS, "--tmpfs", "/"]
    for place in places():
        resolved = Path(place)
        if resolved.is_symlink() and resolved.parent == Path("/"):
            words += ["--symlink", str(resolved.readlink()), place]
        else:
            words += ["--ro-bind", place, place]
    work = ("--dir", _WORK_FOLDER, "--remount-ro", "/", "--tmpfs", _WORK_FOLDER, "--chdir", _WORK_FOLDER)
    return [*words, "--dev", "/dev", *work]
