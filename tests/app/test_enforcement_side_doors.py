"""An ordinary colleague learns of an enforcement referral that there is one, by whatever way, and no more.

Whoever tries is in the trail.
"""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.app.test_findings import Office
from tests.app.test_referrals import SECRET, Desk
from workstation import bootstrap, cli
from workstation.app import (
    attention,
    auditing,
    clearinghouse,
    documents,
    exporting,
    oversight,
    queries,
    reporting,
    searching,
)
from workstation.app.services import Session
from workstation.core.events import ActRefused
from workstation.core.exports import Export
from workstation.core.finding_errors import ReferralLimited
from workstation.core.referrals import LimitedReferral, Referral
from workstation.core.values import ReportId
from workstation.demo.story import PASSPHRASE, passphrase
from workstation.machine import SystemClock

# A lead, a reviewer of nothing here, the officer, the custodian and the official; none is named.
OTHERS = ("ibarra", "lindqvist", "tanaka", "abara", "moreau")
WORD = SECRET.split()[0]


class Told(Desk):
    """An enforcement referral that counsel signed off and whose export is requested."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.referral: Referral = self.sign("feld", self.enforcement().referral_id)
        assert self.referral.report_id is not None
        with self.story.acting("osei") as session:
            self.export: Export = exporting.request(session, self.referral.report_id, recipient=SECRET)
        self.story.conclude(self.case_id)  # so that there is a report in which it could stand


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One office for the module; nothing here changes it but refusals."""
    return Told(tmp_path_factory.mktemp("told"))


def every_list(session: Session, office: Office) -> dict[str, object]:
    """Everything that lists, counts, finds or prints for the person at the desk."""
    known = searching.known(session, office.case_id)
    case_id = office.case_id
    return {
        "case list": queries.case_rows(session),
        "case": queries.case_view(session, case_id),
        "start page": attention.read(session),
        "register": oversight.look_over(session),
        "exports that wait": queries.waiting_exports(session),
        "receipts outstanding": queries.outstanding_receipts(session),
        "referrals awaiting": clearinghouse.awaiting(session),
        "referrals to sign off": clearinghouse.for_counsel(session),
        "found by its words": searching.search(session, known, WORD),
        "found by its number": searching.search(session, known, "REFERRAL"),
        "trail": [row.body_json for row in auditing.page(session, limit=1_000)],
        "history": [row.body_json for row in queries.history(session, case_id)],
        "report": reporting.compose(session, case_id, ReportId("REPORT-X")),
        "documents": [
            documents.compose(session, case_id, documents.Wanted(kind=kind), ReportId("DOCUMENT-X"))
            for kind in documents.kinds(session, case_id)
        ],
    }


@pytest.mark.parametrize("login_name", OTHERS)
def test_no_list_count_search_trail_or_document_holds_it(told: Told, login_name: str) -> None:
    """Of title, summary and recipient nothing is in any answer to whoever is not named."""
    with told.story.acting(login_name) as session:
        for name, answer in every_list(session, told).items():
            assert WORD not in repr(answer), name
        assert clearinghouse.of_case(session, told.case_id) == (
            LimitedReferral(referral_id=told.referral.referral_id, case_id=told.case_id),
        )
        view = queries.case_view(session, told.case_id)
        assert told.referral.report_id not in {one.report_id for one in view.reports}
        assert told.export.export_id not in {one.export_id for one in view.exports}
        assert attention.read(session).left_out == 0


def test_the_drafter_and_counsel_find_it_by_the_same_ways(told: Told) -> None:
    """The words that others find nothing by are the ones by which the named people find it."""
    for login_name in ("osei", "feld"):
        with told.story.acting(login_name) as session:
            known = searching.known(session, None)
            (hit,) = searching.search(session, known, WORD)
            assert hit.untrusted_words == SECRET


def attempts(session: Session, told: Told) -> dict[str, Callable[[], object]]:
    """Every function of the application by which somebody could open it or act on it."""
    referral_id, export_id, job = told.referral.referral_id, told.export.export_id, told.story.job
    report_id = told.referral.report_id
    assert report_id is not None
    me = session.person.person_id
    today = session.today()
    return {
        "view": lambda: clearinghouse.view(session, referral_id),
        "preview": lambda: clearinghouse.preview(session, referral_id),
        "revise": lambda: clearinghouse.revise(session, referral_id, told.referral.text),
        "name a reader": lambda: clearinghouse.name_reader(session, referral_id, me),
        "sign": lambda: clearinghouse.sign(session, referral_id, passphrase(), job),
        "withdraw": lambda: clearinghouse.withdraw(session, referral_id, reason="x"),
        "acknowledge": lambda: clearinghouse.acknowledge(
            session, referral_id, reference="x", received_on=today
        ),
        "request its export": lambda: exporting.request(session, report_id, recipient="me"),
        "look at the signed memo": lambda: exporting.certified_pdf(session, export_id),
        "return the request": lambda: exporting.return_request(session, export_id, reason="x"),
    }


@pytest.mark.parametrize("login_name", OTHERS)
def test_every_attempt_is_refused_and_stands_in_the_trail(told: Told, login_name: str) -> None:
    """Opening it or acting on it by any function is refused as limited, each time as a row by that person."""
    with told.story.acting(login_name) as session:
        for name, attempt in attempts(session, told).items():
            with session.look() as work:
                before = work.audit.page(limit=1)[0].seq
            with pytest.raises(ReferralLimited):
                attempt()
            with session.look() as work:
                row = work.audit.page(limit=1)[0]
            body = msgspec.json.decode(row.body_json, type=dict[str, object])
            assert (row.seq > before, row.event, row.actor_id) == (
                True,
                ActRefused.__name__,
                session.person.person_id,
            ), name
            assert (row.case_id, body["error_code"]) == (told.case_id, ReferralLimited.code), name
            assert WORD not in row.body_json, name


def test_reading_it_by_any_way_is_in_the_trail_once(told: Told) -> None:
    """The drafter's look at the unsigned and at the signed memo is one row of reading."""
    with told.story.acting("osei") as session:
        clearinghouse.preview(session, told.referral.referral_id)
        assert exporting.certified_pdf(session, told.export.export_id).startswith(b"%PDF")
        with session.look() as work:
            rows = work.audit.of_event("EnforcementRead", limit=50)
        mine = [row for row in rows if row.actor_id == session.person.person_id]
    assert len([row for row in mine if told.referral.referral_id in row.body_json]) == 1


def test_no_command_tells_of_it(
    told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Show and preview end with status 2 and a row each; list, search, trail, queue and case hold nothing."""
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: told.story.clock)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: told.story.clock.now())
    case, referral = str(told.case_id), str(told.referral.referral_id)
    where = ["--vault", str(told.folder / "profile"), "--demo", "--json", "--user", "ibarra"]

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        return cli.main([*words[:2], *where, *words[2:]]), capsys.readouterr().out

    refused = told.folder / "memo.pdf"
    for verb in (("show", referral), ("preview", referral, str(refused))):
        status, out = run("referral", *verb)
        assert (status, WORD in out) == (2, False), verb
    assert not refused.exists()
    for words in (
        ("referral", "list", case),
        ("referral", "outstanding"),
        ("audit", "show"),
        ("case", "show", case),
        ("case", "list"),
    ):
        _status, out = run(*words)
        assert WORD not in out, words
    capsys.readouterr()
    cli.main(["search", *where, WORD])
    assert json.loads(capsys.readouterr().out)["found"] == []
    with told.story.acting("ibarra") as session, session.look() as work:
        newest = work.audit.of_event(ActRefused.__name__, limit=2)
        assert [row.actor_id for row in newest] == [session.person.person_id] * 2
        assert all(ReferralLimited.code in row.body_json for row in newest)
