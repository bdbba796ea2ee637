"""Sentences for reason codes: what was seen in a submission, and what the reviewer does with it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import resources

_FOLDER = "vocabularies/reason-codes"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason code. ``family`` groups the special codes of one danger; empty where there is none."""

    code: str
    title: str
    what: str
    next: str
    family: str = ""


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason code an examination can give, by code."""
    found: dict[str, Reason] = {}
    for name in resources.names(_FOLDER):
        for code, entry in tomllib.loads(resources.read_text(name)).items():
            found[code] = Reason(
                code=code,
                title=entry["title"],
                what=entry["what"],
                next=entry["next"],
                family=entry.get("family", ""),
            )
    return found


def reason(code: str) -> Reason:
    """The words for one code; a code without words is named as such, never hidden."""
    return reasons().get(code) or Reason(code=code, title=code, what=code, next="")
