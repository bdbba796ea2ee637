"""``workstation people add|list``."""

import argparse
import getpass
import os

from workstation.app import administering, queries
from workstation.commands import desk
from workstation.core.people import Role

NEW_PASSPHRASE_VARIABLE = "FRW_NEW_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser(
        "add", help="enrol a person; the custodian acts, the person types a new passphrase"
    )
    desk.vault_arguments(add)
    add.add_argument("--login", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--staff-number", required=True)
    add.add_argument("--role", required=True, choices=[str(role) for role in Role])
    listing = verbs.add_parser("list", help="everybody enrolled")
    desk.vault_arguments(listing)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "add":
            new = administering.NewPerson(
                login_name=options.login,
                staff_number=options.staff_number,
                display_name=options.name,
                role=Role(options.role),
            )
            person = administering.enrol(
                session,
                new,
                custodian_passphrase=desk.passphrase(options),
                passphrase=_new_passphrase(options),
            )
            desk.show(options, {"person_id": person.person_id, "role": str(person.role)})
            return 0
        rows = [
            {"login": p.login_name, "name": p.display_name, "role": str(p.role), "active": p.active}
            for p in queries.people(session)
        ]
        desk.show(options, {"people": rows})
    return 0


def _new_passphrase(options: argparse.Namespace) -> bytearray:
    if NEW_PASSPHRASE_VARIABLE in os.environ:
        return bytearray(os.fsencode(os.environ[NEW_PASSPHRASE_VARIABLE]))
    return bytearray(getpass.getpass(f"New passphrase of {options.login}: ").encode())
