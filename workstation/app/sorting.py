"""Finding one's cases again: tags that everybody sees, and filters that each person keeps for themselves."""

from collections.abc import Mapping

import msgspec

from workstation.app import queries
from workstation.app.queries import CaseRow
from workstation.app.services import Session
from workstation.core import events, tags
from workstation.core.cases import Case
from workstation.core.filters import (
    MAX_FILTERS,
    CaseFilter,
    FiltersTooMany,
    FilterUnknown,
    parse_filter,
    require_name,
)
from workstation.core.ports import Work
from workstation.core.values import CaseId


def tag(session: Session, case_id: CaseId, text: str) -> Case:
    """Add a tag; raises NotAppointed and as ``core.tags.add_tag``."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(tags.add_tag(case, text))
        work.cases.save(case)
    return case


def untag(session: Session, case_id: CaseId, text: str) -> Case:
    """Take a tag off; raises NotAppointed and as ``core.tags.remove_tag``."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(tags.remove_tag(case, text))
        work.cases.save(case)
    return case


def filters(session: Session) -> Mapping[str, str]:
    """The filters of the person at the desk, by name."""
    with session.look() as work:
        return _kept(session, work)


def _kept(session: Session, work: Work) -> dict[str, str]:
    value = work.blob(_blob(session)) or b""
    try:
        return msgspec.json.decode(value, type=dict[str, str]) if value else {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}  # of another version: no reason to keep anybody from working


def _blob(session: Session) -> str:
    return f"filters/{session.person.person_id}"


def save_filter(session: Session, name: str, text: str) -> Mapping[str, str]:
    """Keep a filter under a name; the same name replaces it.

    Raises:
        FilterInvalid, FilterUnknown (no name), FiltersTooMany.
    """
    name, understood = require_name(name), parse_filter(text)
    with session.work() as work:
        kept = _kept(session, work) | {name: understood.text}
        if len(kept) > MAX_FILTERS:
            raise FiltersTooMany(limit=MAX_FILTERS)
        _write(session, work, kept)
    return kept


def remove_filter(session: Session, name: str) -> Mapping[str, str]:
    """Keep a filter no longer; raises ``FilterUnknown``."""
    with session.work() as work:
        kept = _kept(session, work)
        if name not in kept:
            raise FilterUnknown(name=name)
        del kept[name]
        _write(session, work, kept)
    return kept


def _write(session: Session, work: Work, kept: Mapping[str, str]) -> None:
    work.put_blob(_blob(session), msgspec.json.encode(dict(kept)))
    work.record(events.FiltersSaved(names=tuple(sorted(kept))))


def understood(session: Session, text: str) -> CaseFilter:
    """A kept filter by its name, else the words of one; raises ``FilterInvalid``."""
    return parse_filter(filters(session).get(" ".join(text.split()), text))


def filtered(session: Session, text: str) -> tuple[CaseRow, ...]:
    """The case list as far as it fits ``text``; raises ``FilterInvalid``."""
    keeps = understood(session, text)
    names = {person.person_id: person.login_name.casefold() for person in queries.people(session)}
    fits = keeps.test(names)
    return tuple(row for row in queries.case_rows(session) if fits(row))
