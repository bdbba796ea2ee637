"""What every face of the program is held to with bad input: nothing that was stored comes to harm."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.bad_input import BadInput, Place, Target, require_unchanged, target
from tests.helpers.bad_input_receiving import RECEIVING
from tests.helpers.bad_input_releasing import RELEASING
from tests.helpers.bad_input_store import contents, stored
from tests.helpers.bad_input_unlocking import UNLOCKING
from tests.ui.stages import Stages

CASES = (*UNLOCKING, *RECEIVING, *RELEASING)


@contextmanager
def harmless(
    case: BadInput, stages: Stages, tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Place, Target]]:
    """The office made ready for a case; what is done inside may change only what the case says it changes."""
    office = stages.at(case.stage, tmp / "office")
    with ExitStack() as until:
        place = Place(office=office, tmp=tmp, patch=monkeypatch, until=until)
        case.given(place)
        before = stored(office)
        with target(case, place) as aimed:
            watched = contents(aimed.watched) if aimed.watched else {}
            yield place, aimed
            if aimed.watched:
                require_unchanged(case, watched, contents(aimed.watched))
        after = stored(office)
        assert before.new_events(after) == case.events, before.new_events(after)
        assert before.changed_tables(after) <= case.changes, before.changed_tables(after)
        assert case.stores or before.files == after.files
        assert before.files.items() <= after.files.items()
