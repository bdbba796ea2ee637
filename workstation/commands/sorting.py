"""Verbs of ``workstation case`` for finding one's cases again: tags, kept filters, a calendar of days."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from workstation.app import calendars, sorting
from workstation.app.services import Session
from workstation.commands import desk
from workstation.core.filters import Field
from workstation.core.values import CaseId

KNOWN = " ".join(f"{field}:" for field in Field)


class Verb(Protocol):
    """Declares one verb."""

    def __call__(self, name: str, summary: str, *, case: bool = True) -> argparse.ArgumentParser:
        """Its parser."""


def arguments(verb: Verb) -> None:
    """Declare the verbs."""
    for name, summary in (("tag", "tag a case"), ("untag", "take a tag off a case")):
        verb(name, summary).add_argument("tag", metavar="TAG")
    verb("filters", "your kept filters of the case list", case=False)
    keep = verb("keep-filter", "keep a filter under a name", case=False)
    keep.add_argument("name", metavar="NAME")
    keep.add_argument("filter", metavar="FILTER", help=f"words of {KNOWN} or of a case; days:<=7")
    verb("drop-filter", "keep a filter no longer", case=False).add_argument("name", metavar="NAME")
    calendar = verb("calendar", "write windows and milestones to an iCalendar file", case=False)
    calendar.add_argument("path", type=Path, metavar="PATH", help="a new file; it will not be encrypted")
    calendar.add_argument("--case", metavar="CASE", help="of this case only (default: every open case)")


def tag(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    """``case tag``."""
    sorting.tag(session, case_id, options.tag)


def untag(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    """``case untag``."""
    sorting.untag(session, case_id, options.tag)


def _filters(options: argparse.Namespace, session: Session) -> None:
    _show_filters(options, sorting.filters(session))


def _keep(options: argparse.Namespace, session: Session) -> None:
    _show_filters(options, sorting.save_filter(session, options.name, options.filter))


def _drop(options: argparse.Namespace, session: Session) -> None:
    _show_filters(options, sorting.remove_filter(session, options.name))


def _show_filters(options: argparse.Namespace, kept: Mapping[str, str]) -> None:
    rows = [{"name": name, "filter": text} for name, text in sorted(kept.items())]
    desk.show(options, {"filters": rows})


def _calendar(options: argparse.Namespace, session: Session) -> None:
    done = calendars.write(session, options.path, CaseId(options.case) if options.case else None)
    desk.show(options, vars(done))


ACTS: dict[str, Callable[[argparse.Namespace, Session, CaseId], None]] = {"tag": tag, "untag": untag}
CASELESS: dict[str, Callable[[argparse.Namespace, Session], None]] = {
    "filters": _filters,
    "keep-filter": _keep,
    "drop-filter": _drop,
    "calendar": _calendar,
}
