"""Verbs of ``workstation case`` that end a case for good: asked for by one person, carried out by another."""

import argparse
from collections.abc import Callable, Mapping

from workstation.app import destroying
from workstation.app.document_destruction import counted
from workstation.app.services import Session
from workstation.app.wording import moment, word
from workstation.commands import desk
from workstation.core.backups import KnownBackup
from workstation.core.exits import Holdings, Progress
from workstation.core.values import CaseId

Verb = Callable[[str, str], argparse.ArgumentParser]


def arguments(verb: Verb) -> None:
    """Declare the verbs; ``verb`` makes one that names a case."""
    ask = verb("request-destruction", "ask that the case be destroyed; another person carries it out")
    ask.add_argument("--reason", required=True)
    keep = verb("keep", "take back the request to destroy it")
    keep.add_argument("--reason", required=True)
    end = verb("destroy", "show what the case holds; with --files, destroy it and sign the certificate")
    end.add_argument(
        "--files", type=int, metavar="N", help="as many as were shown: confirms, and cannot be taken back"
    )


def _request(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    destroying.request(session, case_id, reason=options.reason)
    _show(options, session, case_id)


def _keep(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    destroying.take_back(session, case_id, reason=options.reason)
    _show(options, session, case_id)


def _destroy(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    if options.files is None:
        _show(options, session, case_id)
        return
    found = destroying.look_at(session, case_id).holdings
    shown = found if found.files == options.files else Holdings(files=options.files)
    made = destroying.carry_out(session, case_id, shown, desk.passphrase(options), desk.job())
    desk.show(
        options,
        {
            "case_id": case_id,
            "marking": made.marking,
            "destruction": word("destruction", Progress.ENDED),
            "certificate": made.report_id,
            "pdf_sha384": made.pdf_sha384,
            "backups": [_backup(one) for one in destroying.look_at(session, case_id).backups],
        },
    )


def _show(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    outlook = destroying.look_at(session, case_id)
    destruction = outlook.case.exits.destruction
    stands = word("destruction-ground", outlook.ground) if outlook.ground else ""
    desk.show(
        options,
        {
            "case_id": case_id,
            "marking": outlook.case.marking,
            "destruction": word("destruction", destruction.progress) if destruction else "not asked for",
            "in_the_way": stands,
            **{label.lower().replace(" ", "_"): value for label, value in counted(outlook.holdings)},
            "file_count": outlook.holdings.files,
            "backups": [_backup(one) for one in outlook.backups],
        },
    )


def _backup(one: KnownBackup) -> str:
    return f"{one.folder}, backup {one.number}, {moment(one.taken_at)}"


VERBS: Mapping[str, Callable[[argparse.Namespace, Session, CaseId], None]] = {
    "request-destruction": _request,
    "keep": _keep,
    "destroy": _destroy,
}
