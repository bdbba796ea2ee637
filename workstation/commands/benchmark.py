"""``workstation benchmark import|add|take-back|list|reading``."""

import argparse
from decimal import Decimal

from workstation.app import benchmarks, queries
from workstation.app.services import Session
from workstation.app.wording import sentence, word
from workstation.commands import desk
from workstation.commands.content import rule_words
from workstation.core.log_results import ProposedResult
from workstation.core.readings import CriterionReading, plain
from workstation.core.results import BenchmarkResult, Concern, Measured, Provenance, in_force, parse_number
from workstation.core.values import CaseId, EvidenceLink

_CONCERNS = [str(concern) for concern in Concern]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = {}
    for name, summary in (
        ("import", "what the logs of the package state; with --take, record it"),
        ("add", "record a result by hand, with where it comes from"),
        ("take-back", "let a result no longer count; it stays in the record"),
        ("list", "every result ever recorded"),
        ("reading", "read the results by the case's profile; decides nothing"),
    ):
        verb = made[name] = verbs.add_parser(name, help=summary)
        desk.vault_arguments(verb)
        verb.add_argument("case", metavar="CASE")
    made["import"].add_argument(
        "--take", action="append", default=[], metavar="FILE", help="record what this log states"
    )
    _by_hand(made["add"])
    made["take-back"].add_argument("result", metavar="RESULT")
    made["take-back"].add_argument("--reason", required=True)
    for name in ("import", "add"):
        made[name].add_argument("--cheating", choices=_CONCERNS, default="not-assessed")
        made[name].add_argument("--contamination", choices=_CONCERNS, default="not-assessed")
        made[name].add_argument("--note", default="", help="what is suspected, or why it is corrected")
        made[name].add_argument("--portion", default="(U)", help="portion mark of the result")


def _by_hand(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("suite", metavar="SUITE")
    verb.add_argument("metric", metavar="METRIC")
    verb.add_argument("value", metavar="VALUE")
    verb.add_argument("--run-by", required=True, metavar="WHO")
    verb.add_argument("--run-on", required=True, metavar="WHEN")
    verb.add_argument("--log", default="", metavar="FILE", help="path in the package, or the name of a log")
    verb.add_argument("--harness", default="")
    verb.add_argument("--harness-version", default="")
    verb.add_argument("--model", default="", help="the model as the log names it")
    verb.add_argument("--run", action="append", default=[], metavar="VALUE", help="of a single run; repeat")
    verb.add_argument("--repeats", type=int, default=1)
    verb.add_argument("--standard-error", metavar="NUMBER")
    verb.add_argument("--low", metavar="NUMBER", help="lower end of the interval as reported")
    verb.add_argument("--high", metavar="NUMBER")
    verb.add_argument("--samples", type=int)
    verb.add_argument("--errors", type=int)
    verb.add_argument("--incomplete", default="", metavar="WHY", help="why this is not the whole run")
    verb.add_argument("--corrects", default="", metavar="RESULT", help="the result this one supersedes")


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    case_id = CaseId(options.case)
    with desk.unlocked(options) as session:
        if options.verb == "import":
            _import(options, session, case_id)
        elif options.verb == "reading":
            _reading(options, session, case_id)
        else:
            if options.verb == "add":
                benchmarks.record(session, case_id, _typed(options, session, case_id))
            elif options.verb == "take-back":
                benchmarks.take_back(session, case_id, options.result, reason=options.reason)
            _list(options, session, case_id)
    return 0


def _typed(options: argparse.Namespace, session: Session, case_id: CaseId) -> benchmarks.NewResult:
    def optional(field: str) -> Decimal | None:
        text = getattr(options, field)
        return parse_number(field, text) if text is not None else None

    package = queries.case_view(session, case_id).package
    held = package is not None and options.log in queries.paths(session, package.package_id, limit=100_000)
    link = (
        EvidenceLink(package_id=package.package_id, untrusted_path=options.log) if package and held else None
    )
    return benchmarks.NewResult(
        suite=options.suite,
        metric=options.metric,
        measured=Measured(
            value=parse_number("value", options.value),
            runs=tuple(parse_number("run", run) for run in options.run),
            repeats=options.repeats,
            standard_error=optional("standard_error"),
            low=optional("low"),
            high=optional("high"),
            samples=options.samples,
            errors=options.errors,
            incomplete=options.incomplete,
        ),
        provenance=Provenance(
            run_by=options.run_by,
            run_on=options.run_on,
            log=link,
            log_named="" if link else options.log,
            harness=options.harness,
            harness_version=options.harness_version,
            model_named=options.model,
        ),
        cheating=Concern(options.cheating),
        contamination=Concern(options.contamination),
        note=options.note,
        portion_marking=options.portion,
        supersedes=options.corrects,
    )


def _import(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    judged = benchmarks.Judged(
        cheating=Concern(options.cheating),
        contamination=Concern(options.contamination),
        note=options.note,
        portion_marking=options.portion,
    )
    for path in options.take:
        stated = [p for p in benchmarks.imports(session, case_id).proposals if p.untrusted_path == path]
        wanted = [(p.suite, p.metric) for p in stated if not p.recorded] or [("", "")]
        for suite, metric in wanted:
            benchmarks.take(session, case_id, path, suite, metric, judged)
    found = benchmarks.imports(session, case_id)
    desk.show(
        options,
        {
            "proposed": [_proposed(one) for one in found.proposals],
            "not_in_the_profile": [
                {"log": one.untrusted_path, "task": one.untrusted_name} for one in found.unmatched
            ],
        },
    )


def _proposed(one: ProposedResult) -> dict[str, object]:
    return {
        "log": one.untrusted_path,
        "suite": one.suite,
        "metric": one.metric,
        "value": plain(one.measured.value),
        "incomplete": one.measured.incomplete or None,
        "recorded_as": one.recorded or None,
        "beside": ", ".join(one.beside) or None,
    }


def _list(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    view = benchmarks.view(session, case_id)
    counting = {one.result_id for one in in_force(view.results)}
    rows = [_result(view, one, counts=one.result_id in counting) for one in view.results]
    desk.show(options, {"profile": view.profile.title, "results": rows})


def _result(view: benchmarks.BenchmarksView, one: BenchmarkResult, *, counts: bool) -> dict[str, object]:
    log = one.provenance.log
    return {
        "result": one.result_id,
        "counts": "counts" if counts else "taken back" if one.void else "superseded",
        "suite": one.suite,
        "metric": one.metric,
        "value": plain(one.measured.value),
        "origin": word("origin", one.origin),
        "run_by": one.provenance.run_by,
        "run_on": one.provenance.run_on,
        "log": log.untrusted_path if log else one.provenance.log_named,
        "recorded_by": view.people[one.recorded_by].display_name,
        "supersedes": one.supersedes or None,
        "note": one.note or None,
    }


def _reading(options: argparse.Namespace, session: Session, case_id: CaseId) -> None:
    view = benchmarks.view(session, case_id)
    profile, reading = view.profile, view.reading
    notice = {"notice": profile.notice} | (
        {"invented": sentence("reading", "invented")} if profile.invented else {}
    )
    desk.show(
        options,
        {
            "reading": word("told", reading.rule.told),
            "rule": rule_words(profile.rule),
            "arithmetic": reading.rule.arithmetic,
            "profile": f"{profile.title} ({profile.reference})",
            **notice,
            "criteria": [_criterion(one) for one in reading.criteria],
            "about": sentence("reading", "line"),
        },
    )


def _criterion(one: CriterionReading) -> dict[str, object]:
    criterion = one.criterion
    asked = f"{word('direction', criterion.direction)} {plain(criterion.threshold)} {criterion.unit}"
    return {
        "id": criterion.criterion_id,
        "reading": word("told", one.told),
        "threshold": asked,
        "title": criterion.title,
        "why": "; ".join(word("why", why) for why in one.why),
        "arithmetic": " | ".join(line for result in one.results for line in result.arithmetic),
    }
