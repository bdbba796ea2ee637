"""Objects from before cases had keys of their own, put under the keys of their cases a few at a time."""

from workstation.app.services import Session
from workstation.core import events
from workstation.core.jobs import JobControl, Progress
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef

_AT_ONCE = 2_000


def rewrap(session: Session, job: JobControl) -> None:
    """All that is left of them; whoever stops it loses nothing."""
    with session.look() as work:
        keyless = work.case_keys.without()
        waiting = [case for case in work.cases.ids() if work.case_keys.loose(case, limit=1)]
    for case_id in waiting:
        if case_id in keyless:
            with session.work() as work:  # committed before it is used: keys are looked up in the database
                work.case_keys.add(case_id, session.vault.new_case_key())
                work.record(events.ReferencesRewrapped(references=0, cases=1))
        while _some(session, case_id):
            job.tick(Progress(stage="vault.rewrapping"))


def _some(session: Session, case_id: CaseId) -> int:
    """One transaction's worth; how many it was."""
    with session.look() as work:
        loose, key = work.case_keys.loose(case_id, limit=_AT_ONCE), work.case_keys.number(case_id)
    if not loose or not key:  # a key that was destroyed is not made anew
        return 0
    pairs = [(old, session.vault.rewrap(ObjectRef.parse(old), case_key=key).text) for old in loose]
    with session.work() as work:
        work.case_keys.rewrapped(case_id, pairs)
        work.record(events.ReferencesRewrapped(references=len(loose), cases=1))
    return len(loose)
