"""``workstation case``: list, show, open and move cases."""

import argparse
from collections.abc import Callable

from workstation.app import administering, determining, queries, reviewing
from workstation.app import sorting as filters
from workstation.app.services import Session
from workstation.app.wording import sentence, word
from workstation.commands import case_destroying, case_exits, desk, sorting
from workstation.core.cases import CaseType
from workstation.core.checklists import Result
from workstation.core.markings.authority import AuthorityBlock, BlockKind, CuiDesignation, Source
from workstation.core.values import CaseId, CriterionId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *, case: bool = True) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary)
        desk.vault_arguments(added)
        if case:
            added.add_argument("case", metavar="CASE")
        return added

    listed = verb("list", "every case, the most urgent first", case=False)
    listed.add_argument("--filter", default="", help=f"a kept filter, or words of {sorting.KNOWN}")
    verb("show", "one case")
    _opening_arguments(verb("open", "open a case", case=False))
    assign = verb("assign", "name the two reviewers")
    assign.add_argument("first", metavar="LOGIN")
    assign.add_argument("second", metavar="LOGIN")
    _marking_arguments(
        verb("authority", "state the classification authority printed on documents"),
        verb("designation", "state the CUI designation printed on documents"),
    )
    verb("begin", "begin the evaluation; opens the access window")
    release = verb("release-date", "record the planned release date as the developer states it")
    release.add_argument("date", type=desk.a_date, metavar="DATE")
    release.add_argument("--reason", required=True)
    settle = verb("settle", "settle a criterion on which the reviewers differ")
    settle.add_argument("criterion", metavar="CRITERION")
    settle.add_argument("result", choices=[str(result) for result in Result])
    settle.add_argument("--reason", required=True)
    withdraw = verb("withdraw", "the developer withdraws")
    withdraw.add_argument("--reason", required=True)
    withdraw.add_argument("--disposition", required=True, help="return, destruction, or to be agreed")
    case_exits.arguments(verb)
    case_destroying.arguments(verb)
    sorting.arguments(verb)
    verb("close", "close a determined or deficient case").add_argument("--reason", default="")


def _opening_arguments(opening: argparse.ArgumentParser) -> None:
    opening.add_argument("--type", required=True, choices=[str(kind) for kind in CaseType])
    for name in ("developer", "model", "checkpoint", "marking"):
        opening.add_argument(f"--{name}", required=True)
    planned = "planned release to other trusted partners"
    opening.add_argument("--release", type=desk.a_date, metavar="DATE", help=planned)


def _marking_arguments(authority: argparse.ArgumentParser, designation: argparse.ArgumentParser) -> None:
    for name in ("classified-by", "position", "office", "declassify-on"):
        authority.add_argument(f"--{name}", required=True)
    form = "TITLE|AGENCY|DATE|DECLASSIFY-ON"
    authority.add_argument("--source", action="append", default=[], metavar=form, help="may be repeated")
    authority.add_argument("--reason", default="", help="of an original classification: 1.4(a) to 1.4(h)")
    designation.add_argument("--controlled-by", required=True)
    designation.add_argument("--category", action="append", required=True)
    designation.add_argument("--limit", action="append", default=[])
    designation.add_argument("--contact", required=True)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "list":
            _list(options, session)
            return 0
        if options.verb in sorting.CASELESS:
            sorting.CASELESS[options.verb](options, session)
            return 0
        if options.verb == "open":
            new = reviewing.NewCase(
                case_type=CaseType(options.type),
                developer=options.developer,
                model=options.model,
                checkpoint=options.checkpoint,
                marking=options.marking,
                planned_release_on=options.release,
            )
            desk.show(options, {"case_id": reviewing.open_case(session, new).case_id})
            return 0
        case_id = CaseId(options.case)
        if options.verb in case_destroying.VERBS:
            case_destroying.VERBS[options.verb](options, session, case_id)
            return 0
        _ACTS[options.verb](options, session, case_id)
        _show(options, session, case_id)
    return 0


def _assign(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    first, second = (
        administering.person_by_login(session, n).person_id for n in (options.first, options.second)
    )
    reviewing.assign_reviewers(session, case_id, first, second)


def _authority(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    sources = []
    for text in options.source:
        title, agency, dated, declassify_on = (*text.split("|"), "", "", "", "")[:4]
        sources.append(Source(title=title, agency=agency, dated=dated, declassify_on=declassify_on))
    block = AuthorityBlock(
        kind=BlockKind.ORIGINAL if options.reason else BlockKind.DERIVATIVE,
        reason=options.reason,
        classified_by=options.classified_by,
        position=options.position,
        office=options.office,
        declassify_on=options.declassify_on,
        sources=tuple(sources),
    )
    reviewing.state_authority(session, case_id, authority=block)


def _designation(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    designation = CuiDesignation(
        controlled_by=options.controlled_by,
        categories=tuple(options.category),
        limits=tuple(options.limit),
        contact=options.contact,
    )
    reviewing.state_authority(session, case_id, designation=designation)


def _begin(_options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    reviewing.begin_evaluation(session, case_id)


def _release_date(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    reviewing.state_release_date(session, case_id, options.date, reason=options.reason)


def _settle(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    criterion_id = CriterionId(options.criterion)
    reviewing.settle(session, case_id, criterion_id, Result(options.result), reason=options.reason)


def _withdraw(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    reviewing.withdraw(session, case_id, reason=options.reason, disposition=options.disposition)


def _close(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    reviewing.close_case(session, case_id, reason=options.reason)


def _look(_options: argparse.Namespace, _session: Session, _case_id: CaseId) -> None:
    """``show`` only shows."""


_ACTS: dict[str, Callable[[argparse.Namespace, Session, CaseId], None]] = {
    "show": _look,
    "assign": _assign,
    "authority": _authority,
    "designation": _designation,
    "begin": _begin,
    "release-date": _release_date,
    "settle": _settle,
    "withdraw": _withdraw,
    "close": _close,
    **case_exits.ACTS,
    **sorting.ACTS,
}


def _list(options: argparse.Namespace, session: Session) -> None:
    in_list = filters.filtered(session, options.filter)
    rows = [
        {
            "case_id": row.case_id,
            "state": word("state", row.state),
            "days_left": row.days_left,
            "model": f"{row.developer}: {row.model} {row.checkpoint}",
            "marking": row.marking,
            "tags": " ".join(row.tags),
            "next": word("next-step", row.next_step),
        }
        for row in in_list
    ]
    covering = queries.covering_marking(session, [row.marking for row in in_list])
    desk.show(options, {"marking": covering, "cases": rows})


def _show(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    view = queries.case_view(session, case_id)
    blocked = determining.blockers(session, case_id)
    package = view.package
    desk.show(
        options,
        {
            "case_id": view.row.case_id,
            "type": word("case-type", view.row.case_type),
            "marking": view.row.marking,
            "tags": " ".join(view.row.tags),
            "developer": view.row.developer,
            "model": view.row.model,
            "checkpoint": view.row.checkpoint,
            "state": word("state", view.row.state),
            "planned_release": view.row.planned_release_on,
            "window_day": view.row.day_number,
            "window_days": view.row.total_days,
            "days_left": view.row.days_left,
            "package": package.package_id if package else None,
            "package_state": word("package-state", package.state) if package else None,
            "package_outcome": word("outcome", package.outcome) if package else None,
            "package_sha384": package.digest_sha384 if package else None,
            "tally": dict(view.tally),
            "recommendation": _conclusion(view.case.recommendation),
            "determination": _conclusion(view.case.determination),
            "reports": [report.report_id for report in view.reports],
            "exports": [
                {"export_id": e.export_id, "state": word("export-state", e.state)} for e in view.exports
            ],
            "blockers": [
                sentence("blocker", b.blocker, subjects=", ".join(b.subjects))
                for b in (*blocked.recommendation, *blocked.determination)
            ],
            "next": word("next-step", view.row.next_step),
        },
    )


def _conclusion(of: object) -> str | None:
    conclusion = getattr(of, "conclusion", None)
    return word("conclusion", conclusion) if conclusion else None
