"""The command line: one module per command under ``workstation.commands``, imported only when called."""

import argparse
import dataclasses
import importlib
import json
import os
import select
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from workstation.core.errors import EnvironmentFault, Refused, Tampered, WorkstationError
from workstation.core.jobs import JobCancelled

REFUSED, ENVIRONMENT, INTEGRITY, DEFECT, INTERRUPTED = 2, 3, 4, 70, 130
BROKEN_PIPE = 141  # as a shell reports a program that ended for want of a reader


class Command(Protocol):
    """What a module in ``workstation.commands`` offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and positional arguments; secrets are never among them."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit status."""


# name: (module under workstation.commands, one line of help)
COMMANDS = {
    "vault": ("vault", "create the vault, or see how it stands"),
    "recovery": ("recovery", "officers' recovery keys: issue them, or get a custodian back in"),
    "people": ("people", "enrol and list people"),
    "pki": ("pki", "certificates of the office's own PKI: authorities, requests, taking over"),
    "case": ("case", "list, show, open and move cases"),
    "intake": ("intake", "receive a submission package; accept or return it"),
    "checklist": ("checklist", "answer and submit a checklist"),
    "benchmark": ("benchmark", "record benchmark results and read them by the case's profile"),
    "content": ("content", "criteria sets and benchmark profiles: list, verify, take into use"),
    "determine": ("determine", "opinions, recommendation, consultations, determination"),
    "finding": ("finding", "report, judge and score findings"),
    "referral": ("referral", "draft, sign and track referrals"),
    "search": ("search", "find cases, files, answers and findings by their words"),
    "oversight": ("oversight", "participation register, figures, and how similar cases ended"),
    "partner": ("partner", "select trusted partners jointly with the developer"),
    "export": ("export", "sign a report, request and release its export"),
    "media": ("media", "media and recipients of releases: the lists, and what each release must be"),
    "audit": ("audit", "prove and read the audit trail"),
    "inspect": ("inspect", "examine a file, folder or container without storing it"),
    "verify": ("verify", "verify an export folder, a report or a submitter's signature"),
    "marking": ("marking", "check a classification marking"),
    "demo": ("demo", "tell the sample case, or a package of your own, from medium to verified export"),
}


def _load(name: str) -> Command:
    return cast("Command", importlib.import_module(f"workstation.commands.{COMMANDS[name][0]}"))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; ``commands.desk`` lists them."""
    try:
        return _run(arguments)
    finally:
        _flush()


def _run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="workstation", description="Frontier Review Workstation")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    # Only the named command's module is imported: start-up time of scripts depends on it.
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    for name, (_module, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name == wanted:
            _load(name).arguments(subparser)
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    as_json = getattr(options, "json", False)
    return explained(lambda: _load(options.command).run(options), as_json=as_json)


def explained(act: Callable[[], int], *, as_json: bool = False) -> int:
    """Act; what the workstation expects to go wrong becomes words and an exit status."""
    try:
        return act()
    except WorkstationError as error:
        return _say(error, as_json=as_json)
    except (KeyboardInterrupt, JobCancelled):
        print("Stopped. What was finished before is kept.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError as broken:
        return BROKEN_PIPE if _reader_left() else _defect(broken)
    except Exception as defect:  # noqa: BLE001 - a defect is logged and told by number, never as a traceback
        return _defect(defect)


def _reader_left() -> bool:
    """Whether nobody reads the output any more (``... | head``); other pipes may break as well."""
    try:
        watch = select.poll()
        watch.register(sys.stdout.fileno(), 0)
        return bool(watch.poll(0))
    except (AttributeError, OSError, ValueError):
        return False  # there is no output, or the platform cannot say


def _flush() -> None:
    """Hand over what is printed; where the reader left, the rest goes nowhere without a word at the exit."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _defect(defect: Exception) -> int:
    from workstation import logs  # noqa: PLC0415 - only a defect needs it

    number = logs.incident(defect)
    print(
        f"Something unexpected went wrong. Incident {number} is in the log. Saved work is kept.",
        file=sys.stderr,
    )
    return DEFECT


def _say(error: WorkstationError, *, as_json: bool) -> int:
    from workstation.app import wording  # noqa: PLC0415 - only an error needs words

    message = wording.explain(error)
    if as_json:
        print(json.dumps({"error": dataclasses.asdict(message)}, ensure_ascii=False))
    print(f"{message.code}: {message.title}\n{message.what}\nNext: {message.next}", file=sys.stderr)
    for blocked in getattr(error, "blockers", ()):
        subjects = ", ".join(blocked.subjects)
        print("- " + wording.sentence("blocker", blocked.blocker, subjects=subjects), file=sys.stderr)
    statuses = ((Refused, REFUSED), (EnvironmentFault, ENVIRONMENT), (Tampered, INTEGRITY))
    return next((status for branch, status in statuses if isinstance(error, branch)), REFUSED)
