"""``workstation people card list|enrol|replace|remove``: the card of the person acting, and who has one."""

import argparse

from workstation.app import cards
from workstation.app.services import Session
from workstation.app.wording import sentence, word
from workstation.commands import desk
from workstation.core.vault import CardCredential, SlotFacts


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="the cards in the readers, and who comes in by a card here")
    enrol = acts.add_parser("enrol", help="come in by a card from now on")
    replace = acts.add_parser("replace", help="another card; the vault gets a new key in the same act")
    for act in (enrol, replace):
        act.add_argument(
            "--card", default="", metavar="SERIAL", help="which card, where several are inserted"
        )
        act.add_argument("--card-key", default="", metavar="LABEL", help="which key of the card")
        act.add_argument(
            "--without-passphrase",
            action="store_true",
            help="the passphrase opens nothing any more; the vault gets a new key in the same act",
        )
    remove = acts.add_parser("remove", help="the card opens nothing any more; the vault gets a new key")
    for act in (listing, enrol, replace, remove):
        desk.vault_arguments(act)


def run(session: Session, options: argparse.Namespace) -> None:
    """Do it and print what came of it."""
    _ACTS[options.act](session, options)


def _list(session: Session, options: argparse.Namespace) -> None:
    people = [
        {"name": name, "card": card.card_serial, "way": word("card-way", card.type)}
        for name, card in cards.everybodys(session)
    ]
    tokens = [
        {"card": token.serial, "label": token.untrusted_label, "maker": token.untrusted_maker}
        for token in cards.inserted(session.services)
    ]
    desk.show(options, {"enrolled": people, "inserted": tokens})


def _enrol(session: Session, options: argparse.Namespace) -> None:
    present = desk.passphrase(options)
    needs_passphrase = not session.services.vaults.keyring_works
    credential = CardCredential(
        pin=desk.pin(options, options.card),
        serial=options.card,
        passphrase=desk.typed_passphrase(options) if needs_passphrase else bytearray(),
        key_label=options.card_key,
    )
    try:
        card = cards.enrol(
            session,
            present=present,
            credential=credential,
            keep_passphrase=not options.without_passphrase,
            replaces=options.act == "replace",
        )
    finally:
        present[:] = bytes(len(present))
        credential.wipe()
    desk.show(options, _facts(session, options, card))


def _remove(session: Session, options: argparse.Namespace) -> None:
    card = cards.remove(session, present=desk.passphrase(options))
    desk.show(options, {"card": card.card_serial} | _rotated(session, options))


def _facts(session: Session, options: argparse.Namespace, card: SlotFacts) -> dict[str, object]:
    facts: dict[str, object] = {
        "card": card.card_serial,
        "mechanism": card.card_mechanism,
        "way": word("card-way", card.type),
        "passphrase_kept": cards.has_passphrase(session),
    }
    return facts | _rotated(session, options)


def _rotated(session: Session, options: argparse.Namespace) -> dict[str, object]:
    facts: dict[str, object] = {"epoch": session.vault.epoch}
    return facts if options.json else facts | {"note": sentence("people", "old-copies")}


_ACTS = {"list": _list, "enrol": _enrol, "replace": _enrol, "remove": _remove}
