"""Trust only the install folders, put up the walls, start, return an exit status.

Only ``gc``, ``sys`` and ``os`` are imported before the search path is trimmed: they are built in or loaded by
Python itself, so a folder on a removable medium cannot replace them.
"""

import gc
import os
import sys

_INTEGRITY_STATUS = 4  # as the command line ends for every breach of integrity


def trim_search_path() -> None:
    """Drop the working folder and PYTHONPATH from the import path of a start without ``-I``.

    ``python -m`` has by then read this package, and a few modules of the standard library, along the
    untrimmed path; only ``-I`` or the installed program rules out even that.
    """
    if sys.flags.isolated or getattr(sys, "frozen", False):
        return
    root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 - pathlib is not loaded yet
    prefixes = {
        os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    }

    def is_installed(entry: str) -> bool:
        place = os.path.realpath(entry) if entry else ""
        return place == root or any(place.startswith(prefix + os.sep) for prefix in prefixes)

    sys.path[:] = [entry for entry in sys.path if is_installed(entry)]


def main() -> int:
    """Confine this process, then open the desktop or run one command line."""
    # Nothing is imported before the path is trimmed.
    if len(sys.argv) == 1:
        gc.disable()  # nothing is thrown away while the window starts; it has a collector of its own
    from workstation import confinement  # noqa: PLC0415
    from workstation.core.errors import Tampered  # noqa: PLC0415

    try:
        confinement.confine()
    except Tampered as stop:
        # The message catalogue may itself be what is foreign here, so the facts are told bare.
        facts = ", ".join(f"{name}={fact!r}" for name, fact in stop.facts.items())
        print(f"workstation: {stop.code}: the program does not start: {facts}", file=sys.stderr)  # noqa: T201
        return _INTEGRITY_STATUS
    from workstation import logs  # noqa: PLC0415 - after the walls stand

    logs.set_up()
    from workstation import cli  # noqa: PLC0415 - only after the start-up checks

    if len(sys.argv) == 1:
        from workstation.bootstrap import open_desktop  # noqa: PLC0415 - Qt is loaded only for the window

        return cli.explained(open_desktop)
    return cli.main(sys.argv[1:])


def start() -> None:
    """Entry point of the ``workstation`` script and of ``python -m workstation``."""
    trim_search_path()
    sys.exit(main())


if __name__ == "__main__":
    start()
