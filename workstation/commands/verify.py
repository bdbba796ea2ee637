"""``workstation verify``: an export of this workstation, or the signatures a submission brings.

Exit status: 0 verified, 1 a person must decide, 2 not verified, 3 nothing known about this kind of input, or
the medium failed.
"""

import argparse
import json
import stat
import sys
from pathlib import Path

from workstation.app.wording import catalogue, visible
from workstation.commands import examined
from workstation.core.verifications import EXIT_STATUS, ExportVerification


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the path, the trust and how to answer."""
    parser.add_argument(
        "path", type=Path, help="export folder, signed document, model folder, bag or archive"
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="file or folder with the roots or keys that came by another channel",
    )
    parser.add_argument("--demo", action="store_true", help="accept what was signed in a demonstration")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Verify and print."""
    if _is_folder(options.path) and _looks_like_export(options.path):
        return _export(options)
    from workstation.examine import package  # noqa: PLC0415 - only for this command

    found = package.examine_path(options.path, trust=options.trust, verifying=True)
    return examined.print_examination(found, json_wanted=options.json)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _looks_like_export(folder: Path) -> bool:
    from reports import manifest  # noqa: PLC0415 - only for folders; loads no signature library

    return manifest.looks_like_export(folder)


def _export(options: argparse.Namespace) -> int:
    from reports import verifying  # noqa: PLC0415 - only for exports
    from workstation.core.signatures import TrustStore  # noqa: PLC0415
    from workstation.machine import SystemClock  # noqa: PLC0415

    trust = options.trust if options.trust is not None else TrustStore(roots_der=())
    at = SystemClock().now()
    answer = verifying.verify_export(options.path, trust, at=at, demo_allowed=options.demo)
    if options.json:
        sys.stdout.write(json.dumps(answer.to_json()) + "\n")
    else:
        _show(answer)
    return EXIT_STATUS[answer.outcome]


def _show(answer: ExportVerification) -> None:
    """Lines for people: the outcome, every problem with its next step, every signature."""
    words = {0: "Verified", 1: "A person must decide", 2: "NOT VERIFIED"}
    print(words[EXIT_STATUS[answer.outcome]] + (" (demonstration)" if answer.demo else ""))
    for problem in answer.problems:
        entry = catalogue().get(problem.code, {})
        where = visible(problem.path) or "the export"
        detail = f" [{visible(problem.detail)}]" if problem.detail else ""
        print(f"  {where}: {entry.get('title', problem.code)}{detail} ({problem.code})")
        if entry.get("next"):
            print(f"    {entry['next']}")
    for row in answer.signatures:
        state = (
            "holds, trusted"
            if row.valid and row.trusted
            else "holds, not trusted"
            if row.valid
            else "does not hold"
        )
        print(f"  Signature {visible(row.where)}, {row.algorithm}, {visible(row.untrusted_name)}: {state}")
    print(f"{len(answer.files)} files compared")
