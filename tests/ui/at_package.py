"""A reviewer at the package of a case, and the ways there that several tests of the window share."""

from collections.abc import Iterator
from pathlib import Path

from tests.helpers.office import office
from tests.ui.bench import Bench
from tests.ui.stages import CASE, Office
from workstation.app import quarantine, reviewing
from workstation.core.values import CaseId
from workstation.settings import Settings


def accepted(folder: Path, source: Path, *, begun: bool = False) -> Office:
    """A case whose package was looked through and accepted, and, when asked, whose evaluation has begun."""
    story = office(folder, source=source)
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Looked through.")
        if begun:
            reviewing.begin_evaluation(session, case_id)
    return Office(services=story.services, clock=story.clock, folder=folder, case_id=CaseId(case_id))


def at_package(told: Office) -> Iterator[Bench]:
    """The window, on the package's part of the case; closed afterwards."""
    made = Bench(office=told, settings=Settings())
    made.arrive("osei")
    made.window.show_case(CASE, "package")
    yield made
    made.close()
