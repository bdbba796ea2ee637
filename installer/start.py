"""What the frozen program starts with.

The examination of a submission runs in a process of its own, which an installed Python starts as
``python -I -B -m MODULE``. The frozen program takes the same words, for that one module and no other.
"""

import runpy
import sys

import stand_ins

WORKER = "workstation.examine.worker"


def main() -> None:
    """Become the worker, or start the workstation."""
    stand_ins.install()
    words = sys.argv[1:]
    if words[:1] == ["-I"]:
        if words[1:4] != ["-B", "-m", WORKER]:
            sys.exit(f"workstation: only {WORKER} can be started this way")
        sys.argv = [WORKER, *words[4:]]
        runpy.run_module(WORKER, run_name="__main__", alter_sys=True)
        return
    from workstation.__main__ import start  # noqa: PLC0415 - the worker must not load it

    start()


main()
