"""``workstation partner``: nominations, both sides' consent, access, release."""

import argparse

from workstation.app import partners, queries
from workstation.app.services import Session
from workstation.commands import desk
from workstation.core.partners import Partner, Side
from workstation.core.values import CaseId


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str, *, numbered: bool = True) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary)
        desk.vault_arguments(added)
        added.add_argument("case", metavar="CASE")
        if numbered:
            added.add_argument("number", type=int, metavar="NUMBER", help="of the nomination, see list")
        return added

    verb("list", "every nomination of a case", numbered=False)
    nominate = verb("nominate", "put a partner forward", numbered=False)
    nominate.add_argument("name", metavar="NAME")
    nominate.add_argument("--sector", required=True)
    nominate.add_argument("--by", required=True, choices=[str(side) for side in Side])
    nominate.add_argument("--on", type=desk.a_date, metavar="DATE", help="day of the letter (default: today)")
    consent = verb("consent", "record one side's consent")
    consent.add_argument("side", choices=[str(side) for side in Side])
    consent.add_argument("--given-by", required=True)
    consent.add_argument("--on", type=desk.a_date, metavar="DATE", required=True)
    consent.add_argument("--reference", required=True, help="the letter or minute that shows it")
    verb("access", "state the day of a selected partner's access").add_argument("date", type=desk.a_date)
    verb("release", "record that the model was released to a partner").add_argument("date", type=desk.a_date)
    verb("withdraw", "take a nomination back").add_argument("--reason", required=True)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        case_id = CaseId(options.case)
        _act(options, session, case_id)
        found = queries.case_view(session, case_id).case.partners
    desk.show(options, {"partners": [_row(partner) for partner in found]})
    return 0


def _act(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    if options.verb == "nominate":
        partners.nominate(
            session,
            case_id,
            name=options.name,
            sector=options.sector,
            nominated_by=Side(options.by),
            nominated_on=options.on,
        )
    elif options.verb == "consent":
        partners.record_consent(
            session,
            case_id,
            options.number,
            Side(options.side),
            given_by=options.given_by,
            given_on=options.on,
            reference=options.reference,
        )
    elif options.verb == "access":
        partners.plan_access(session, case_id, options.number, early_access_on=options.date)
    elif options.verb == "release":
        partners.record_release(session, case_id, options.number, released_on=options.date)
    elif options.verb == "withdraw":
        partners.withdraw(session, case_id, options.number, reason=options.reason)


def _row(partner: Partner) -> dict[str, object]:
    developer, government = partner.developer_consent, partner.government_consent
    return {
        "number": partner.number,
        "name": partner.name,
        "sector": partner.sector,
        "nominated_by": str(partner.nominated_by),
        "developer_consent": developer.given_on if developer else None,
        "government_consent": government.given_on if government else None,
        "selected": partner.is_selected,
        "early_access": partner.early_access_on,
        "released": partner.released_on,
        "withdrawn": partner.withdrawn_reason or None,
    }
