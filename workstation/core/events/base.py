"""What every event is: one act, in the past tense, under the duty it belongs to; one audit row."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.people import Duty
from workstation.core.values import CaseId

NO_CASE = CaseId("")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. ``case_id`` is empty for events about the workstation itself."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    case_id: CaseId = NO_CASE
