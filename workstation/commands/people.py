"""``workstation people add|confirm|list|passphrase|role|card|retire|lists``."""

import argparse
import getpass
import os

from workstation.app import administering, credentials, queries
from workstation.app.services import Session
from workstation.app.wording import sentence
from workstation.commands import cards, desk
from workstation.core.people import Role
from workstation.core.signing_cards import CardChoice

NEW_PASSPHRASE_VARIABLE = "FRW_NEW_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add, confirming = _enrolling(verbs)
    listing = verbs.add_parser("list", help="everybody enrolled, and when the revocation lists end")
    own = verbs.add_parser("passphrase", help="change the own passphrase")
    role = verbs.add_parser(
        "role",
        help="give a person another role, or the same one anew: fresh signing keys and certificates; "
        "the custodian acts, the person types their passphrase",
    )
    role.add_argument("--login", required=True)
    role.add_argument("--role", required=True, choices=[str(role) for role in Role])
    role.add_argument("--reason", required=True)
    role.add_argument(
        "--card",
        nargs="?",
        const="",
        metavar="SERIAL",
        help="the key for today's signatures lies on the person's smart card, which is inserted now; they "
        "type its PIN (the serial number only where several cards are inserted)",
    )
    role.add_argument(
        "--card-key", default="", metavar="LABEL", help="which key of the card, where several sign"
    )
    retire = verbs.add_parser("retire", help="take a person's key away; the vault gets a new key")
    retire.add_argument("--login", required=True)
    retire.add_argument("--reason", required=True)
    retire.add_argument(
        "--revoke-certificates",
        action="store_true",
        help="also refuse everything this person ever signed, for a key that was misused or lost",
    )
    lists = verbs.add_parser("lists", help="issue fresh revocation lists before the present ones end")
    cards.arguments(verbs.add_parser("card", help="the own smart card: list, enrol, replace, remove"))
    for verb in (add, confirming, listing, own, role, retire, lists):
        desk.vault_arguments(verb)


def _enrolling(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> list[argparse.ArgumentParser]:
    """Enrolling, and confirming whom somebody else enrolled."""
    add = verbs.add_parser(
        "add", help="enrol a person; the custodian acts, the person types a new passphrase"
    )
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=[str(role) for role in Role])
    confirming = verbs.add_parser(
        "confirm", help="say that a person whom somebody else enrolled is who the badge says"
    )
    for verb in (add, confirming):
        verb.add_argument("--login", required=True)
        verb.add_argument("--staff-number", required=True, help="as it stands on the badge")
    return [add, confirming]


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        _VERBS[options.verb](session, options)
    return 0


def _add(session: Session, options: argparse.Namespace) -> None:
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
        passphrase=other_passphrase(f"New passphrase of {options.login}"),
    )
    desk.show(options, {"person_id": person.person_id, "role": str(person.role)})


def _confirm(session: Session, options: argparse.Namespace) -> None:
    person_id = administering.person_by_login(session, options.login).person_id
    person = administering.confirm(session, person_id, staff_number=options.staff_number)
    desk.show(options, {"person_id": person.person_id, "confirmed": person.confirmed})


def _list(session: Session, options: argparse.Namespace) -> None:
    rows = [
        {"login": p.login_name, "name": p.display_name, "role": str(p.role)}
        | {"active": p.active, "confirmed": p.confirmed}
        for p in queries.people(session)
    ]
    ends_at = credentials.lists_end_at(session).isoformat()
    desk.show(options, {"people": rows, "revocation_lists_end": ends_at})


def _own_passphrase(session: Session, options: argparse.Namespace) -> None:
    credentials.change_passphrase(
        session, old=desk.passphrase(options), new=other_passphrase("New passphrase")
    )
    desk.show(options, {"changed": True})


def _role(session: Session, options: argparse.Namespace) -> None:
    person = credentials.renew_identity(
        session,
        administering.person_by_login(session, options.login).person_id,
        role=Role(options.role),
        reason=options.reason,
        custodian_passphrase=desk.passphrase(options),
        passphrase=other_passphrase(f"Passphrase of {options.login}"),
        card=_card(options),
    )
    desk.show(options, {"person_id": person.person_id, "role": str(person.role)})


def _card(options: argparse.Namespace) -> CardChoice | None:
    if options.card is None:
        return None
    return CardChoice(pin=desk.pin(options, options.card), serial=options.card, label=options.card_key)


def _retire(session: Session, options: argparse.Namespace) -> None:
    person = credentials.retire(
        session,
        administering.person_by_login(session, options.login).person_id,
        reason=options.reason,
        revoke_certificates=options.revoke_certificates,
        custodian_passphrase=desk.passphrase(options),
    )
    facts = {"person_id": person.person_id, "active": person.active, "epoch": session.vault.epoch}
    if not options.json:
        facts["note"] = sentence("people", "old-copies")
    desk.show(options, facts)


def _lists(session: Session, options: argparse.Namespace) -> None:
    ends_at = credentials.issue_revocation_lists(session, custodian_passphrase=desk.passphrase(options))
    desk.show(options, {"revocation_lists_end": ends_at.isoformat()})


def other_passphrase(prompt: str) -> bytearray:
    """A second passphrase beside the acting person's."""
    if NEW_PASSPHRASE_VARIABLE in os.environ:
        return bytearray(os.fsencode(os.environ[NEW_PASSPHRASE_VARIABLE]))
    return bytearray(getpass.getpass(f"{prompt}: ").encode())


_VERBS = {
    "add": _add,
    "confirm": _confirm,
    "list": _list,
    "passphrase": _own_passphrase,
    "role": _role,
    "retire": _retire,
    "lists": _lists,
    "card": cards.run,
}
