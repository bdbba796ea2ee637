"""``workstation media``: the lists that releases go by."""

import argparse
from pathlib import Path

import resources
from workstation.app import release_lists
from workstation.app.services import Session
from workstation.app.wording import size, word
from workstation.commands import desk
from workstation.commands.files import write_new
from workstation.core.media import Medium
from workstation.core.release_control import ListedMedium, Recipient, ReleasePolicy

OPENER = "open_sealed.py"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *names: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary)
        desk.vault_arguments(added)
        for positional in names:
            added.add_argument(positional, metavar=positional.upper())
        return added

    verb("list", "the media this office writes to, and what is plugged in now")
    added = verb("add", "as custodian, put a medium on the list", "name")
    added.add_argument("--medium", type=Path, required=True, help="mount point or folder of the medium")
    added.add_argument("--marking", required=True, help="the marking on its label")
    verb("withdraw", "as custodian, take a medium out of use", "name").add_argument("--reason", required=True)
    policy = verb("policy", "what every release must be; with an option, change it as custodian")
    policy.add_argument("--encrypted-media-only", choices=("yes", "no"))
    policy.add_argument("--sealed-only", choices=("yes", "no"))
    verb("recipients", "to whom exports can be sealed")
    recipient = verb("add-recipient", "as custodian, put a recipient's public key on the list", "name")
    recipient.add_argument("--key", type=Path, required=True, help="ML-KEM-1024 public key, PEM")
    confirm = verb("confirm", "as security officer, confirm a recipient's fingerprint", "name")
    confirm.add_argument("--fingerprint", required=True, help="as the recipient read it out")
    verb("withdraw-recipient", "as custodian, seal to this recipient no more", "name")
    opener = verb("opener", f"write {OPENER}, with which recipients make keys and open sealed exports")
    opener.add_argument("folder", type=Path, metavar="FOLDER")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        desk.show(options, _answer(options, session))
    return 0


def _answer(options: argparse.Namespace, session: Session) -> dict[str, object]:
    verb = options.verb
    if verb == "list":
        return _lists(session)
    if verb == "policy":
        return _policy(session, options)
    if verb == "recipients":
        return {"recipients": [_recipient(one) for one in _known(session)]}
    if verb == "opener":
        path = options.folder / OPENER
        write_new(path, resources.read_bytes(f"verify/{OPENER}"))
        return {"written": str(path)}
    return _act(options, session)


def _act(options: argparse.Namespace, session: Session) -> dict[str, object]:
    if options.verb == "add":
        medium = find(session, options.medium)
        return _listed(release_lists.add_medium(session, medium, name=options.name, marking=options.marking))
    if options.verb == "withdraw":
        release_lists.withdraw_medium(session, options.name, reason=options.reason)
        return {"withdrawn": options.name}
    if options.verb == "add-recipient":
        pem = options.key.read_bytes()
        return _recipient(release_lists.add_recipient(session, name=options.name, key_pem=pem))
    if options.verb == "confirm":
        print_ = options.fingerprint
        return _recipient(release_lists.confirm_recipient(session, options.name, fingerprint=print_))
    release_lists.withdraw_recipient(session, options.name)
    return {"withdrawn": options.name}


def _lists(session: Session) -> dict[str, object]:
    with session.look() as work:
        listed = release_lists.media(work)
    plugged = release_lists.names_of(session, session.services.media.list_media())
    return {
        "media": [_listed(one) for one in listed],
        "plugged_in": [
            {
                "folder": medium.folder,
                "name": entry.name if entry else "not on the list",
                "file_system": medium.file_system,
                "free": size(medium.free_bytes),
                "encrypted": medium.encrypted,
            }
            for medium, entry in plugged
        ],
    }


def _policy(session: Session, options: argparse.Namespace) -> dict[str, object]:
    with session.look() as work:
        policy = release_lists.policy(work)
    given = {"encrypted_media_only": options.encrypted_media_only, "sealed_only": options.sealed_only}
    changed = {name: value == "yes" for name, value in given.items() if value is not None}
    if changed:
        whole = {
            "encrypted_media_only": policy.encrypted_media_only,
            "sealed_only": policy.sealed_only,
        } | changed
        policy = ReleasePolicy(**whole)
        release_lists.set_policy(session, policy)
    return {"encrypted_media_only": policy.encrypted_media_only, "sealed_only": policy.sealed_only}


def _known(session: Session) -> tuple[Recipient, ...]:
    with session.look() as work:
        return release_lists.recipients(work)


def _listed(one: ListedMedium) -> dict[str, object]:
    return {
        "name": one.name,
        "marking": one.marking,
        "kind": word("medium-kind", one.kind),
        "in_use": one.withdrawn_at is None,
        "withdrawn_for": one.withdrawn_for or None,
    }


def _recipient(one: Recipient) -> dict[str, object]:
    return {
        "name": one.name,
        "fingerprint": one.fingerprint,
        "confirmed": one.confirmed_by is not None,
        "in_use": one.withdrawn_at is None,
    }


def find(session: Session, folder: Path) -> Medium:
    """The medium mounted at ``folder``, or the folder itself where nothing is; raises MediumGone."""
    media = session.services.media
    for medium in media.list_media():
        if Path(medium.folder) == folder.absolute():
            return medium
    return media.folder_medium(str(folder))
