"""Verbs of ``workstation case`` that lead a case off its straight line."""

import argparse
from collections.abc import Callable, Mapping

from workstation.app import administering, exits
from workstation.app.services import Session
from workstation.commands import desk
from workstation.core.exits import Disposition
from workstation.core.values import CaseId

Verb = Callable[[str, str], argparse.ArgumentParser]


def arguments(verb: Verb) -> None:
    """Declare the verbs; ``verb`` makes one that names a case."""
    for name, summary in (
        ("hold", "pause the review because of an incident; the window goes on"),
        ("lift", "lift the hold"),
    ):
        verb(name, summary).add_argument("--reason", required=True)
    lapse = verb("lapse", "record that the planned release came and nothing was determined")
    lapse.add_argument("--reason", required=True)
    lapse.add_argument("--disposition", required=True, help="return, destruction, or to be agreed")
    supersede = verb("supersede", "the developer sent a newer checkpoint: end this case and open that one's")
    supersede.add_argument("checkpoint", metavar="CHECKPOINT")
    supersede.add_argument("--reason", required=True)
    supersede.add_argument("--release", type=desk.a_date, metavar="DATE", help="if another date was stated")
    replace = verb("replace-reviewer", "somebody else takes over a checklist that is not submitted")
    replace.add_argument("leaves", metavar="LOGIN")
    replace.add_argument("comes", metavar="LOGIN")
    replace.add_argument("--reason", required=True)
    disposition = verb("disposition", "record what was returned or destroyed")
    disposition.add_argument("what", choices=[str(one) for one in Disposition])
    disposition.add_argument("--material", required=True)
    disposition.add_argument("--on", type=desk.a_date, metavar="DATE", required=True)
    disposition.add_argument("--reference", required=True, help="number of the receipt or certificate")


def _hold(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    exits.hold(session, case_id, reason=options.reason)


def _lift(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    exits.lift_hold(session, case_id, reason=options.reason)


def _lapse(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    exits.lapse(session, case_id, reason=options.reason, disposition=options.disposition)


def _supersede(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    exits.supersede(
        session,
        case_id,
        checkpoint=options.checkpoint,
        reason=options.reason,
        planned_release_on=options.release,
    )


def _replace(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    leaves, comes = (
        administering.person_by_login(session, name).person_id for name in (options.leaves, options.comes)
    )
    exits.replace_reviewer(session, case_id, leaves, comes, reason=options.reason)


def _disposition(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    exits.record_disposition(
        session,
        case_id,
        Disposition(options.what),
        material=options.material,
        done_on=options.on,
        reference=options.reference,
    )


ACTS: Mapping[str, Callable[[argparse.Namespace, Session, CaseId], None]] = {
    "hold": _hold,
    "lift": _lift,
    "lapse": _lapse,
    "supersede": _supersede,
    "replace-reviewer": _replace,
    "disposition": _disposition,
}
