"""``workstation verify``: an export, a signed document or content set, or the signatures a submission brings.

Exit status: 0 verified, 1 a person must decide, 2 not verified, 3 nothing known about this kind of input, or
the medium failed.
"""

import argparse
import json
import stat
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.app import verification_lines as lines
from workstation.app.content import CERTIFICATES, SIGNATURE
from workstation.app.wording import catalogue, visible
from workstation.commands import examined
from workstation.core.examination import Examination, Outcome
from workstation.core.sealing import SEALED_NAME
from workstation.core.verifications import EXIT_STATUS, ExportVerification, PdfVerification, Problem

if TYPE_CHECKING:
    from workstation.core.signatures import TrustStore

_OURS = "Frontier Review Workstation"
# Whatever leaves the house carries the officer's signature; without it a document was never released.
_LAST = ("SecurityOfficer",)
_WORDS = {0: "Verified", 1: "A person must decide", 2: "NOT VERIFIED"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the path, the trust and how to answer."""
    parser.add_argument(
        "path",
        type=Path,
        help="export folder, signed report or referral, content set, model folder, bag or archive",
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="file or folder with the roots or keys that came by another channel",
    )
    parser.add_argument(
        "--max-crl-age",
        type=int,
        metavar="DAYS",
        help="refuse when the newest revocation list of a signer's issuer is older (default: the settings')",
    )
    parser.add_argument("--demo", action="store_true", help="accept what was signed in a demonstration")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Verify and print."""
    if options.path.name == SEALED_NAME and not _is_folder(options.path):
        options.path = options.path.parent
    if _is_folder(options.path) and _looks_like_export(options.path):
        return _export(options)
    if _looks_like_content(options.path):
        from workstation.commands import verify_content  # noqa: PLC0415 - only for content sets

        return verify_content.run(options)
    from workstation.examine import package  # noqa: PLC0415 - only for this command

    found = package.examine_path(options.path, trust=options.trust, verifying=True)
    if options.trust is not None and _is_our_document(found):
        return _document(options)
    return examined.print_examination(found, json_wanted=options.json)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _looks_like_export(folder: Path) -> bool:
    from reports import manifest  # noqa: PLC0415 - only for folders; loads no signature library

    return manifest.looks_like_export(folder)


def _looks_like_content(path: Path) -> bool:
    beside = [path.with_name(path.name + suffix) for suffix in (SIGNATURE, CERTIFICATES)] if path.name else []
    return bool(beside) and not _is_folder(path) and all(one.is_file() for one in beside)


def _is_our_document(found: Examination) -> bool:
    """A signed PDF that calls itself ours; the sandbox has read it first and refuses nothing about it."""
    facts = found.facts or (found.files[0].facts if len(found.files) == 1 else {})
    ours = found.kind == "pdf" and facts.get("producer") == _OURS and bool(facts.get("signatures"))
    return ours and found.outcome is not Outcome.REJECT


def _export(options: argparse.Namespace) -> int:
    from reports import verifying  # noqa: PLC0415 - only for exports
    from workstation.machine import SystemClock  # noqa: PLC0415

    trust, at = trust_of(options), SystemClock().now()
    answer = verifying.verify_export(options.path, trust, at=at, demo_allowed=options.demo)
    if options.json:
        sys.stdout.write(json.dumps(answer.to_json()) + "\n")
    else:
        _show_export(answer, _source(options))
    return EXIT_STATUS[answer.outcome]


def _document(options: argparse.Namespace) -> int:
    from reports import verifying  # noqa: PLC0415 - only for documents of ours
    from workstation.machine import SystemClock  # noqa: PLC0415

    answer = verifying.verify_pdf(
        options.path,
        trust_of(options),
        at=SystemClock().now(),
        demo_allowed=options.demo,
        expected_fields=_LAST,
    )
    if options.json:
        sys.stdout.write(json.dumps(answer.to_json()) + "\n")
    else:
        _show_document(answer, _source(options))
    return EXIT_STATUS[answer.outcome]


def trust_of(options: argparse.Namespace) -> "TrustStore":
    """What came by the other channel, under the policy for the age of revocation lists.

    Raises:
        NoTrustRoot, TrustUnreadable, SettingsInvalid.
    """
    from reports import trust  # noqa: PLC0415 - only for what is ours
    from workstation import settings  # noqa: PLC0415
    from workstation.core.signatures import TrustStore  # noqa: PLC0415

    days = options.max_crl_age
    age = settings.load().max_crl_age if days is None else timedelta(days=max(0, days))
    if options.trust is None:
        return TrustStore(roots_der=(), max_crl_age=age)
    return trust.load_trust(options.trust, max_crl_age=age)


def _source(options: argparse.Namespace) -> str:
    return f"from {visible(str(options.trust), lines=False)}"


def headline(outcome: Outcome, *, demo: bool) -> str:
    """The outcome in words, the first line of every answer."""
    return _WORDS[EXIT_STATUS[outcome]] + (" (demonstration)" if demo else "")


def show_problems(problems: tuple[Problem, ...], whole: str) -> None:
    """Every problem with its next step."""
    for problem in problems:
        entry = catalogue().get(problem.code, {})
        where = visible(problem.path, lines=False) or whole
        detail = f" [{visible(problem.detail, lines=False)}]" if problem.detail else ""
        print(f"  {where}: {entry.get('title', problem.code)}{detail} ({problem.code})")
        if entry.get("next"):
            print(f"    {entry['next']}")


def _show_export(answer: ExportVerification, source: str) -> None:
    """Lines for people: the outcome, every problem, what was believed, every signature and revision."""
    print(headline(answer.outcome, demo=answer.demo))
    show_problems(answer.problems, "the export")
    for row in answer.signatures:
        where, name = visible(row.where, lines=False), visible(row.untrusted_name, lines=False)
        print(f"  Signature {where}, {row.algorithm}, {name}: {lines.state_told(row)}")
    for document in answer.documents:
        _print(lines.document_told(document))
    _print(lines.roots_told(answer.roots_sha384, source))
    _print(lines.lists_told(answer.crls))
    print(f"{len(answer.files)} files compared")


def _show_document(answer: PdfVerification, source: str) -> None:
    print(headline(answer.outcome, demo=answer.demo))
    show_problems(answer.problems, "the document")
    _print(lines.document_told(answer))
    _print(lines.roots_told(answer.roots_sha384, source))
    _print(lines.lists_told(answer.crls))
    print("Only the document was looked at: that it left with these files is told by the export it came in.")


def _print(told: tuple[str, ...]) -> None:
    for line in told:
        print(line)
