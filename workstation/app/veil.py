"""What the audit trail may show of a case whose reviewers still answer blind.

The rows themselves stay as they are; only whoever looks sees less of them until both have submitted. Who was
named to read an enforcement referral is shown to those who were.
"""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from workstation.core.events import ActRefused, ReaderNamed
from workstation.core.finding_errors import ReferralLimited, ReferralUnknown
from workstation.core.people import Duty
from workstation.core.ports import AuditRow, Work
from workstation.core.values import CaseId, PersonId, ReferralId

WITHHELD = "withheld"
# A finding tells how a criterion was read, so its score and weight are withheld like an answer.
_ANSWERING = {str(Duty.ANSWER), str(Duty.GIVE_OPINION), str(Duty.RECORD_FINDING), str(Duty.VALIDATE_FINDING)}
_TELLING = {"result", "facts", "portion_marking", "kind", "origin", "vectors", "until", "patch"}


def veiled(work: Work, rows: Iterable[AuditRow], viewer: PersonId) -> list[AuditRow]:
    """The rows as ``viewer`` may see them: of others' blind answers only that there is one."""
    blind: dict[CaseId, bool] = {}
    shown = []
    for row in rows:
        # A refusal may name the answer that was refused, under whichever duty.
        is_telling = row.duty in _ANSWERING or row.event == ActRefused.__name__
        if is_telling and row.actor_id != viewer and row.case_id:
            if row.case_id not in blind:
                blind[row.case_id] = work.search.summary(row.case_id).blind
            shown.append(_without_answer(row) if blind[row.case_id] else row)
        elif row.event == ReaderNamed.__name__ and not _is_named(work, row, viewer):
            shown.append(_without(row, {"reader"}))
        else:
            shown.append(row)
    return shown


def _is_named(work: Work, row: AuditRow, viewer: PersonId) -> bool:
    body = msgspec.json.decode(row.body_json, type=dict[str, object])
    try:
        work.referrals.get(ReferralId(str(body.get("referral_id"))), viewer)
    except (ReferralLimited, ReferralUnknown):
        return False
    return True


def _without_answer(row: AuditRow) -> AuditRow:
    return _without(row, _TELLING)


def _without(row: AuditRow, names: set[str]) -> AuditRow:
    body = msgspec.json.decode(row.body_json, type=dict[str, object])
    telling = names & body.keys()
    return replace(row, body_json=msgspec.json.encode(body | dict.fromkeys(telling, WITHHELD)).decode())
