"""The criteria set shipped with the workstation."""

from functools import cache

import resources
from workstation.core.criteria import CriteriaSet, parse_criteria_set

SHIPPED = "checklists/eo14409-v1.json"


@cache
def shipped_criteria() -> CriteriaSet:
    """The 63 criteria proposed by the makers of the workstation."""
    return parse_criteria_set(resources.read_bytes(SHIPPED))
