"""The command line: one module per command under ``workstation.commands``, imported only when called."""

import argparse
import importlib
from collections.abc import Sequence
from typing import Protocol, cast


class Command(Protocol):
    """What a module in ``workstation.commands`` offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and positional arguments; secrets are never among them."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit status."""


# name: (module under workstation.commands, one line of help)
COMMANDS = {
    "inspect": ("inspect", "examine a file, folder or container without storing it"),
    "verify": ("verify", "verify an export folder, a report or a submitter's signature"),
    "marking": ("marking", "check a classification marking"),
}


def _load(name: str) -> Command:
    return cast("Command", importlib.import_module(f"workstation.commands.{COMMANDS[name][0]}"))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status (0 to 3; 2 for usage too)."""
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
    return _load(options.command).run(options)
