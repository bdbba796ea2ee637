"""``workstation recovery status|issue|use``: the officers' recovery keys.

A key is shown to one officer at a time and typed back. Keys are typed at a prompt, or come one a line from
the environment variable ``FRW_RECOVERY_KEYS``; never from an argument.
"""

import argparse
import getpass
import os
import sys
from pathlib import Path

from workstation.app import recovering, recovery_sheets
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.app.wording import sentence
from workstation.commands import desk
from workstation.core.errors import WorkstationError
from workstation.core.recovery import RecoveryFacts, RecoveryNotSet

KEYS_VARIABLE = "FRW_RECOVERY_KEYS"
NEW_PASSPHRASE_VARIABLE = "FRW_NEW_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    status = verbs.add_parser("status", help="whether there are recovery keys, and how many open the vault")
    desk.vault_arguments(status, user=False)
    issue = verbs.add_parser(
        "issue", help="make new keys, one officer after the other; those of before are void"
    )
    issue.add_argument("--needed", type=int, default=3, help="how many officers open the vault (default: 3)")
    issue.add_argument("--officers", type=int, default=5, help="how many officers get a key (default: 5)")
    issue.add_argument(
        "--sheets",
        type=Path,
        metavar="FOLDER",
        help="also write each officer's sheet (PDF) to a medium; whoever reads it has the key",
    )
    desk.vault_arguments(issue)
    use = verbs.add_parser(
        "use", help="get a custodian back in: officers type their keys, the custodian a new passphrase"
    )
    desk.vault_arguments(use, user=False)
    use.add_argument("--user", required=True, metavar="LOGIN", help="the custodian who lost every way in")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    return _VERBS[options.verb](options)


def _status(options: argparse.Namespace) -> int:
    facts = recovering.in_force(desk.services(options))
    desk.show(options, {"in_force": facts is not None} | _told(facts))
    return 0 if facts is not None else 1


def _told(facts: RecoveryFacts | None) -> dict[str, object]:
    if facts is None:
        return {}
    return {"set": facts.set_id, "needed": facts.needed, "officers": facts.officers}


def _issue(options: argparse.Namespace) -> int:
    with desk.unlocked(options) as session:
        issue = recovering.begin(
            session,
            needed=options.needed,
            officers=options.officers,
            custodian_passphrase=desk.passphrase(options),
        )
        try:
            for officer in range(1, issue.facts.officers + 1):
                _hand_over(session, issue, officer, options.sheets)
            issue.finish()
        finally:
            issue.abandon()
        desk.show(options, _told(issue.facts) | {"epoch": session.vault.epoch})
    return 0


def _hand_over(session: Session, issue: recovering.Issue, officer: int, folder: Path | None) -> None:
    """Show one officer the key, let them type it back, and take it off the screen."""
    if folder is not None:
        recovery_sheets.save(session, issue, officer, folder)
    at_terminal = sys.stdin.isatty()
    if at_terminal:
        input(sentence("recovery", "alone", officer=officer))
    print(issue.text(officer), flush=True)
    while True:
        try:
            issue.confirm(officer, _typed(sentence("recovery", "type-back"), at_terminal=at_terminal))
            break
        except WorkstationError as error:
            if not at_terminal:
                raise
            desk.warn(error)
    if at_terminal:
        print(_CLEAR, end="", flush=True)


def _typed(prompt: str, *, at_terminal: bool) -> str:
    return getpass.getpass(prompt) if at_terminal else sys.stdin.readline(1024)


def _use(options: argparse.Namespace) -> int:
    services = desk.services(options)
    facts = recovering.in_force(services)
    if facts is None:
        raise RecoveryNotSet
    keys = recovering.keys_from(services, _sheets(services, facts))
    session = recovering.recover(
        services, login_name=options.user, keys=keys, passphrase=_new_passphrase(options)
    )
    told = {"custodian": session.person.person_id, "epoch": session.vault.epoch}
    sessions.lock(session, reason="command-ended")
    note = {} if options.json else {"note": sentence("recovery", "used")}
    desk.show(options, told | note)
    return 0


def _sheets(services: Services, facts: RecoveryFacts) -> list[str]:
    if KEYS_VARIABLE in os.environ:
        return [line for line in os.environ[KEYS_VARIABLE].splitlines() if line.strip()]
    texts: list[str] = []
    while len(texts) < facts.needed:
        text = getpass.getpass(sentence("recovery", "sheet", number=len(texts) + 1, needed=facts.needed))
        try:
            recovering.one_from(services, text)
        except WorkstationError as error:
            desk.warn(error)
        else:
            texts.append(text)
    return texts


def _new_passphrase(options: argparse.Namespace) -> bytearray:
    if NEW_PASSPHRASE_VARIABLE in os.environ:
        return bytearray(os.fsencode(os.environ[NEW_PASSPHRASE_VARIABLE]))
    return bytearray(getpass.getpass(f"New passphrase of {options.user}: ").encode())


_VERBS = {"status": _status, "issue": _issue, "use": _use}
