"""``workstation inspect``: examine a file, folder or container without storing it.

Exit status: 0 nothing found that stands in the way, 1 a person must decide, 2 rejected, 3 nothing known about
this kind of input, or the medium or the sandbox failed.
"""

import argparse
from pathlib import Path

from workstation.commands import examined


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the path and how to answer."""
    parser.add_argument("path", type=Path, help="file, folder, bag, zip or tar")
    parser.add_argument(
        "--trust", type=Path, metavar="FILE", help="certificates or keys signatures must lead to"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Examine and print."""
    from workstation.examine import package  # noqa: PLC0415 - only for this command

    found = package.examine_path(options.path, trust=options.trust)
    return examined.print_examination(found, json_wanted=options.json)
