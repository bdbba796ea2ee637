"""What every command at an unlocked vault shares: who, with which passphrase, how answers are printed.

Exit statuses: 0 done; 1 done, a person must look; 2 refused by a rule, or wrong use; 3 the environment (disk,
medium, platform); 4 integrity; 70 a defect; 130 interrupted. Secrets come from a prompt, from the environment
variable ``FRW_PASSPHRASE``, or from an open file descriptor; never from an argument.
"""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.app.wording import explain, sentence, size, visible
from workstation.core.errors import EnvironmentFault, WorkstationError
from workstation.core.jobs import JobControl, Progress
from workstation.core.signing_cards import TypedSecrets
from workstation.core.vault import CardCredential, Profile

PASSPHRASE_VARIABLE = "FRW_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
PIN_VARIABLE = "FRW_PIN"
_MAX_PASSPHRASE_BYTES = 4096
_WIDTH = 24


@dataclass(kw_only=True, eq=False)
class PassphraseUnreadable(EnvironmentFault):
    """The descriptor that should give the passphrase cannot be read."""

    code: ClassVar[str] = "SET-011"
    descriptor: int
    reason: str


def vault_arguments(parser: argparse.ArgumentParser, *, user: bool = True) -> None:
    """Options that choose the vault and the person."""
    parser.add_argument("--vault", type=Path, help="folder of the vault (default: from the settings)")
    parser.add_argument("--demo", action="store_true", help="the vault is a demonstration's")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    if user:
        parser.add_argument("--user", required=True, metavar="LOGIN", help="login name of the person acting")
        parser.add_argument(
            "--passphrase-fd",
            type=int,
            metavar="N",
            help=f"read the passphrase from this descriptor; else {PASSPHRASE_VARIABLE}, else a prompt",
        )
        parser.add_argument(
            "--by-card",
            nargs="?",
            const="",
            metavar="SERIAL",
            help="come in by a smart card and its PIN (the serial number only where several are inserted)",
        )
        parser.add_argument(
            "--pin-fd",
            type=int,
            metavar="N",
            help=f"read the PIN of a card from this descriptor; else {PIN_VARIABLE}, else a prompt",
        )


def passphrase(options: argparse.Namespace, prompt: str = "Passphrase") -> bytearray:
    """The acting person's passphrase, or the PIN of the card they came in by; asked for at every use."""
    serial = getattr(options, "by_card", None)
    if serial is not None:
        return pin(options, serial)
    return typed_passphrase(options, prompt)


def typed_passphrase(options: argparse.Namespace, prompt: str = "Passphrase") -> bytearray:
    """A passphrase, also where a card opened the vault."""
    return _secret(options, "passphrase_fd", PASSPHRASE_VARIABLE, prompt)


def pin(options: argparse.Namespace, serial: str) -> bytearray:
    """The PIN of a card, asked for anew at every use; never an argument."""
    return _secret(options, "pin_fd", PIN_VARIABLE, f"PIN of the card {visible(serial, lines=False)}".strip())


def to_sign(options: argparse.Namespace, session: Session) -> bytearray:
    """What a signature asks for: the passphrase, and the PIN beside it where the key lies on a card."""
    typed, serial = passphrase(options), sessions.pin_beside(session)
    return TypedSecrets(typed, pin(options, serial)) if serial else typed


def _secret(options: argparse.Namespace, option: str, variable: str, prompt: str) -> bytearray:
    number = getattr(options, option, None)
    if number is not None:
        kept = getattr(options, f"_{option}", None)
        if kept is None:
            try:
                with os.fdopen(number, "rb") as stream:
                    kept = stream.readline(_MAX_PASSPHRASE_BYTES).rstrip(b"\r\n")
            except OSError as error:
                raise PassphraseUnreadable(descriptor=number, reason=error.strerror or "") from None
            setattr(options, f"_{option}", kept)  # a descriptor is read once, a command may ask twice
        return bytearray(kept)
    if variable in os.environ:
        return bytearray(os.fsencode(os.environ[variable]))
    return bytearray(getpass.getpass(f"{prompt}: ").encode())


def services(options: argparse.Namespace) -> Services:
    """Adapters for the chosen vault."""
    from workstation import bootstrap  # noqa: PLC0415 - help and errors of use need no adapters

    start = bootstrap.real_start(options.vault)
    if options.demo:
        start = replace(start, profile=Profile.DEMO)
    return bootstrap.build(start)


@contextmanager
def unlocked(options: argparse.Namespace) -> Iterator[Session]:
    """The vault, unlocked for ``--user`` as long as the block lasts."""
    session = _unlock_by_card(options) if options.by_card is not None else _unlock(options)
    for warning in sessions.warnings(session):
        warn(warning)
    try:
        yield session
    finally:
        sessions.lock(session, reason="command-ended")


def _unlock(options: argparse.Namespace) -> Session:
    secret = passphrase(options, f"Passphrase of {options.user}")
    try:
        return sessions.unlock(services(options), login_name=options.user, passphrase=secret)
    finally:
        secret[:] = bytes(len(secret))


def _unlock_by_card(options: argparse.Namespace) -> Session:
    at = services(options)
    needs_both = at.vaults.status().card_slots_with_passphrase
    beside = typed_passphrase(options, f"Passphrase of {options.user}") if needs_both else bytearray()
    credential = CardCredential(pin=pin(options, options.by_card), serial=options.by_card, passphrase=beside)
    try:
        return sessions.unlock_by_card(at, login_name=options.user, credential=credential)
    finally:
        credential.wipe()


def warn(error: WorkstationError) -> None:
    """What a person must know and what does not end the command: on standard error, like an error."""
    message = explain(error)
    print(f"{message.code}: {message.title}\n{message.what}\nNext: {message.next}", file=sys.stderr)


def job() -> JobControl:
    """Progress on the terminal, on standard error; nothing where that is not a terminal."""
    return JobControl(_show if sys.stderr.isatty() else None)


def _show(progress: Progress) -> None:
    stage = sentence("stage", progress.stage)
    if progress.total_items:
        amount = f"{progress.done_items} of {progress.total_items}"
    elif progress.total_bytes:
        amount = f"{size(progress.done_bytes)} of {size(progress.total_bytes)}"
    else:
        amount = size(progress.done_bytes)
    print(f"\r\x1b[K{stage}: {amount}", end="", file=sys.stderr, flush=True)


def show(options: argparse.Namespace, facts: Mapping[str, object]) -> None:
    """One JSON object, or aligned lines."""
    if options.json:
        print(json.dumps(facts, default=str))
        return
    for name, value in facts.items():
        if isinstance(value, list):
            print(f"{name.replace('_', ' ')}:")
            for row in value:
                cells = row.values() if isinstance(row, dict) else (row,)
                print("  " + "  ".join(_plain(cell) for cell in cells))
        else:
            print(f"{name.replace('_', ' '):{_WIDTH}}{_plain(value)}")


def _plain(value: object) -> str:
    """Text for a terminal: what came from outside cannot move the cursor or reverse a line."""
    return "-" if value is None else visible(str(value), lines=False)


def a_date(text: str) -> date:
    """An ISO date on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a date like 2027-03-31: {text}") from error
