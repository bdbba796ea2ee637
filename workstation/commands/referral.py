"""``workstation referral``: draft, sign, sign off, list referrals, and record their receipts."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workstation.app import administering, clearinghouse, queries
from workstation.app.clearinghouse import NewReferral, ReferralView
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.commands import desk
from workstation.commands.files import text_of, write_new
from workstation.commands.finding import evidence_of
from workstation.core.referrals import LimitedReferral, Referral, ReferralKind, ReferralText
from workstation.core.values import CaseId, FindingId, ReferralId

_SIGNING = {
    "sign": "sign the memo as reviewer and seal it",
    "sign-off": "sign off an enforcement referral as the counsel named on it",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *names: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary, description=summary)
        desk.vault_arguments(added)
        for positional in names:
            added.add_argument(positional, metavar=positional.upper())
        return added

    draft = verb("draft", "begin a referral of validated findings, or an enforcement referral", "case")
    draft.add_argument("--kind", choices=[str(kind) for kind in ReferralKind], required=True)
    draft.add_argument("--counsel", metavar="LOGIN", help="who signs off an enforcement referral")
    _text_arguments(draft, required=True)
    _text_arguments(verb("revise", "write it anew before it is signed", "referral"), required=False)
    reader = verb("name-reader", "let one more person read an enforcement referral", "referral")
    reader.add_argument("reader", metavar="LOGIN")
    preview = verb("preview", "write the memo as it would be signed now, as PDF", "referral")
    preview.add_argument("file", type=Path, metavar="FILE")
    for name, summary in _SIGNING.items():
        verb(name, summary + "; then: workstation export request", "referral")
    receipt = verb("receipt", "record the recipient's acknowledgement", "referral")
    receipt.add_argument("--reference", required=True)
    receipt.add_argument("--received", type=desk.a_date, required=True, metavar="DATE")
    verb("withdraw", "it will not leave", "referral").add_argument("--reason", required=True)
    verb("outstanding", "receipts still to come, of every case; 1 when one is overdue")
    verb("list", "the referrals of a case and what is outstanding; 1 when one is overdue", "case")
    verb("show", "one referral", "referral")


def _text_arguments(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--title", required=required)
    parser.add_argument("--recipient", required=required)
    told = parser.add_mutually_exclusive_group(required=required)
    told.add_argument("--summary")
    told.add_argument("--summary-file", type=Path, metavar="FILE", help="read it from a file")
    parser.add_argument("--portion", help="portion mark of the summary (default: (U))")
    parser.add_argument("--marking", help="banner (default: the case's)")
    parser.add_argument("--finding", action="append", metavar="FINDING", help="may be repeated")
    parser.add_argument("--statute", action="append", metavar="TEXT", help="such as '18 USC 1030'")
    evidence = "enforcement: path in the package, with a place after a #"
    parser.add_argument("--evidence", action="append", metavar="FILE[#PLACE]", help=evidence)
    parser.add_argument("--answer-days", type=int, metavar="N", help="days for the recipient's answer")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        if options.verb == "list":
            return _list(options, clearinghouse.of_case(session, CaseId(options.case)))
        if options.verb == "outstanding":
            return _list(options, clearinghouse.awaiting(session))
        if options.verb == "preview":
            pdf = clearinghouse.preview(session, ReferralId(options.referral))
            write_new(options.file, pdf)
            desk.show(options, {"written": str(options.file), "size_bytes": len(pdf)})
            return 0
        if options.verb == "draft":
            referral = _draft(options, session)
        elif options.verb == "show":
            referral = clearinghouse.view(session, ReferralId(options.referral)).referral
        else:
            referral = _act(options, session)
        desk.show(options, _facts(clearinghouse.view(session, referral.referral_id)))
    return 0


def _draft(options: argparse.Namespace, session: Session) -> Referral:
    case_id = CaseId(options.case)
    counsel = administering.person_by_login(session, options.counsel).person_id if options.counsel else None
    marking = queries.case_view(session, case_id).case.marking
    empty = ReferralText(title="-", recipient="-", summary="-", portion_marking="(U)", marking=marking)
    new = NewReferral(
        kind=ReferralKind(options.kind),
        text=_text(options, session, case_id, empty),
        finding_ids=tuple(FindingId(one) for one in options.finding or ()),
        counsel=counsel,
    )
    return clearinghouse.draft(session, case_id, new)


def _text(
    options: argparse.Namespace, session: Session, case_id: CaseId, former: ReferralText
) -> ReferralText:
    """What was typed over what was there; nothing typed leaves a field as it was."""
    summary = options.summary
    if options.summary_file is not None:
        summary = text_of(options.summary_file)
    given = {
        "title": options.title,
        "recipient": options.recipient,
        "summary": summary,
        "portion_marking": options.portion,
        "marking": options.marking,
        "statutes": tuple(options.statute) if options.statute else None,
        "evidence": evidence_of(session, case_id, options.evidence) if options.evidence else None,
        "answer_days": options.answer_days,
    }
    return replace(former, **{name: value for name, value in given.items() if value is not None})


def _act(options: argparse.Namespace, session: Session) -> Referral:
    referral_id = ReferralId(options.referral)
    if options.verb == "revise":
        former = clearinghouse.view(session, referral_id).referral
        text = _text(options, session, former.case_id, former.text)
        ids = tuple(FindingId(one) for one in options.finding) if options.finding else former.finding_ids
        return clearinghouse.revise(session, referral_id, text, ids)
    if options.verb == "name-reader":
        reader = administering.person_by_login(session, options.reader).person_id
        return clearinghouse.name_reader(session, referral_id, reader)
    if options.verb == "receipt":
        return clearinghouse.acknowledge(
            session, referral_id, reference=options.reference, received_on=options.received
        )
    if options.verb == "withdraw":
        return clearinghouse.withdraw(session, referral_id, reason=options.reason)
    return clearinghouse.sign(session, referral_id, desk.to_sign(options, session), desk.job())


def _list(options: argparse.Namespace, found: Sequence[ReferralView | LimitedReferral]) -> int:
    rows, overdue = [], False
    for one in found:
        if isinstance(one, LimitedReferral):
            rows.append({"referral_id": one.referral_id, "kind": "enforcement", "state": "named people only"})
            continue
        overdue = overdue or one.standing.value == "overdue"
        rows.append(
            {
                "referral_id": one.referral.referral_id,
                "case_id": one.referral.case_id,
                "kind": str(one.referral.kind),
                "state": word("referral-state", one.referral.state),
                "receipt": word("receipt-standing", one.standing),
                "due": str(one.due_on) if one.due_on else "-",
                "title": one.referral.text.title,
            }
        )
    desk.show(options, {"referrals": rows})
    return 1 if overdue else 0


def _facts(view: ReferralView) -> dict[str, object]:
    referral = view.referral
    return {
        "referral_id": referral.referral_id,
        "kind": str(referral.kind),
        "state": word("referral-state", referral.state),
        "title": referral.text.title,
        "recipient": referral.text.recipient,
        "marking": referral.text.marking,
        "findings": list(referral.finding_ids),
        "read_by": list(view.can_read),
        "report_id": referral.report_id,
        "export_id": view.export.export_id if view.export else None,
        "receipt": word("receipt-standing", view.standing),
        "answer_due_on": view.due_on,
        "reference": referral.receipt.reference if referral.receipt else None,
    }
