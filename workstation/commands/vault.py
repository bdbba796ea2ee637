"""``workstation vault init|check|backup|rehearse|restore|status``."""

import argparse
import dataclasses
from pathlib import Path

from workstation.app import administering, backups, checking, checkpoints
from workstation.app import session as sessions
from workstation.app.wording import moment, word
from workstation.commands import desk
from workstation.core.checkpoints import Broken, SignedCheckpoint
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
    told = "a checkpoint kept elsewhere: checkpoint-….json of a backup, or transfer.json of an export"
    check.add_argument("--checkpoint", type=Path, metavar="FILE", help=told)
    check.add_argument("--afresh", action="store_true", help="from the beginning, also where one had stopped")
    backup = verbs.add_parser("backup", help="copy the vault to another medium; only what is new is copied")
    desk.vault_arguments(backup)
    backup.add_argument("folder", type=Path, help="folder on the other medium; the same one every time")
    rehearse = verbs.add_parser("rehearse", help="prove the newest backup without touching the vault")
    desk.vault_arguments(rehearse)
    rehearse.add_argument("folder", type=Path)
    restore = verbs.add_parser("restore", help="make a vault folder from the newest backup")
    desk.vault_arguments(restore, user=False)
    restore.add_argument("folder", type=Path)
    restore.add_argument("into", type=Path, help="a folder that does not exist yet, or is empty")
    status = verbs.add_parser("status", help="what can be told about the vault without unlocking it")
    desk.vault_arguments(status, user=False)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    return _VERBS[options.verb](options)


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
        handed_in = checkpoints.read(options.checkpoint) if options.checkpoint else None
        found = checking.check_vault(session, desk.job(), handed_in=handed_in, afresh=options.afresh)
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
            "documents": found.documents,
            "orphans": found.orphans,
            "went_on": found.went_on,
            "is_recorded": found.is_recorded,
            "checkpoints": found.checkpoints.count,
            "newest_checkpoint": found.checkpoints.newest_at,
            "checkpoints_broken": [_told(signed, why) for signed, why in found.checkpoints.broken],
        },
    )
    return 0 if found.holds else 4


def _told(signed: SignedCheckpoint, why: Broken) -> str:
    checkpoint = signed.checkpoint
    return f"row {checkpoint.seq}, {moment(checkpoint.at)}: {word('checkpoint', why)}"


def _backup(options: argparse.Namespace) -> int:
    with desk.unlocked(options) as session:
        snapshot = backups.take(session, options.folder, desk.job())
    desk.show(options, dataclasses.asdict(snapshot))
    return 0


def _rehearse(options: argparse.Namespace) -> int:
    with desk.unlocked(options) as session:
        found = backups.rehearse(session, options.folder, desk.passphrase(options), desk.job())
    desk.show(options, {"holds": found.holds} | dataclasses.asdict(found))
    return 0 if found.holds else 4


def _restore(options: argparse.Namespace) -> int:
    snapshot = backups.restore(desk.services(options), options.folder, options.into, desk.job())
    desk.show(options, dataclasses.asdict(snapshot))
    return 0


def _status(options: argparse.Namespace) -> int:
    status = desk.services(options).vaults.status()
    desk.show(options, dataclasses.asdict(status))
    return 0 if status.exists else 1


_VERBS = {
    "init": _init,
    "check": _check,
    "backup": _backup,
    "rehearse": _rehearse,
    "restore": _restore,
    "status": _status,
}
