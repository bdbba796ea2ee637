"""Every refusal that leaves a unit of work is a row of the trail, whichever rule made it."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import workstation.app
import workstation.core
from tests.helpers.databases import LEAD, add_case
from workstation.core.errors import Refused
from workstation.core.ports import Database


def _kinds() -> list[type[Refused]]:
    """Every refusal there is, by its code."""
    for package in (workstation.core, workstation.app):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)

    def below(kind: type[Refused]) -> Iterator[type[Refused]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    own = {one for one in below(Refused) if one.code and one.__module__.startswith("workstation.")}
    return sorted(own, key=lambda one: one.code)


def _made(kind: type[Refused]) -> Refused:
    """One with words for each fact; what stands there decides nothing."""
    facts = {field.name: f"fact {field.name}" for field in dataclasses.fields(kind) if field.init}
    return kind(**facts)


def test_each_refusal_that_leaves_a_unit_of_work_is_a_row_with_its_code(database: Database) -> None:
    """Raised after something was written, each code is rolled back and told once, with who and which case."""
    kinds = _kinds()
    assert {"CAS-001", "CRT-017", "EXP-060", "PPL-001", "PPL-020"} <= {kind.code for kind in kinds}
    case = add_case(database)
    for kind in kinds:
        with database.look() as work:
            before = work.audit.page(limit=1)[0].seq
        with pytest.raises(kind), database.work(LEAD) as work:
            work.cases.get(case.case_id)
            work.put_blob("tried", b"written")
            raise _made(kind)
        with database.look() as work:
            row = work.audit.page(limit=1)[0]
            assert work.blob("tried") is None
        assert (row.seq, row.event) == (before + 1, "ActRefused"), kind.code
        assert (row.actor_id, row.case_id) == (LEAD.person_id, case.case_id)
        assert f'"error_code":"{kind.code}"' in row.body_json
