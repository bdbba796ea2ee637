"""Prints every expression that is compiled while the packages named on the command line are imported.

A program of its own, so that nothing was compiled before it looked; one line of JSON for each expression.
"""

import importlib
import json
import pkgutil
import re
import sys


def main(packages: list[str]) -> None:
    """Import everything but what runs when it is imported, and tell what was compiled by which module."""
    compiler = importlib.import_module("re._compiler")
    really = compiler.compile
    found: dict[tuple[str | bytes, int], str] = {}
    at = ""

    def noted(pattern: str | bytes, flags: int = 0) -> object:
        if isinstance(pattern, str | bytes):
            # The innermost frame outside of the library is the module that wants it.
            frame = sys._getframe(1)
            while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "re":
                frame = frame.f_back  # type: ignore[assignment]  # a frame or none
            found.setdefault((pattern, int(flags)), frame.f_globals.get("__name__", at) if frame else at)
        return really(pattern, flags)

    compiler.compile = noted
    re.purge()
    for package in packages:
        places = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(places, f"{package}."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    ours = dict.fromkeys(packages)
    for (pattern, flags), where in found.items():
        if where.split(".", maxsplit=1)[0] in ours:
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            print(json.dumps([where, text, isinstance(pattern, bytes), flags]))


if __name__ == "__main__":
    main(sys.argv[1:])
