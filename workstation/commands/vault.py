"""``workstation vault init|check|status``."""

import argparse
import dataclasses

from workstation.app import administering, checking
from workstation.app import session as sessions
from workstation.commands import desk
from workstation.core.people import Role


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    init = verbs.add_parser("init", help="create a vault, the office's signing authority and its custodian")
    desk.vault_arguments(init)
    init.add_argument("--office", required=True, help="name of the office, printed on its certificates")
    init.add_argument("--name", required=True, help="the custodian's name")
    init.add_argument("--staff-number", required=True)
    check = verbs.add_parser("check", help="read and verify every stored file, the database and the trail")
    desk.vault_arguments(check)
    status = verbs.add_parser("status", help="what can be told about the vault without unlocking it")
    desk.vault_arguments(status, user=False)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    return {"init": _init, "check": _check, "status": _status}[options.verb](options)


def _init(options: argparse.Namespace) -> int:
    secret = desk.passphrase(options, f"New passphrase of {options.user}")
    custodian = administering.NewPerson(
        login_name=options.user,
        staff_number=options.staff_number,
        display_name=options.name,
        role=Role.CUSTODIAN,
    )
    session = administering.first_run(
        desk.services(options), office=options.office, custodian=custodian, passphrase=secret
    )
    roots = administering.root_fingerprints(session)
    facts = {"vault_id": session.vault.vault_id, "custodian": session.person.person_id, "roots_sha384": roots}
    sessions.lock(session, reason="command-ended")
    desk.show(options, facts)
    return 0


def _check(options: argparse.Namespace) -> int:
    with desk.unlocked(options) as session:
        found = checking.check_vault(session, desk.job())
    desk.show(
        options,
        {
            "holds": found.holds,
            "files": found.files,
            "bytes": found.size_bytes,
            "broken_files": found.broken_count,
            "broken": [dataclasses.asdict(file) for file in found.broken],
            "database_problems": list(found.database_problems),
            "audit_rows": found.audit.rows,
            "first_broken_row": found.audit.broken_seq,
        },
    )
    return 0 if found.holds else 4


def _status(options: argparse.Namespace) -> int:
    status = desk.services(options).vaults.status()
    desk.show(options, dataclasses.asdict(status))
    return 0 if status.exists else 1
