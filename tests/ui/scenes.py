"""Every page of the window, and every state a page can be in, for those who look at all of them."""

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtWidgets import QApplication

from tests.ui.bench import Bench
from tests.ui.stages import CASE
from ui.cases.view import CasesPage
from ui.cases.workspace import NAMES
from workstation.app import findings
from workstation.core.findings import FindingText
from workstation.core.jobs import Progress
from workstation.settings import SettingsInvalid

# A stage and a person for whom each page holds the most.
SCENES = (
    ("nothing", "", ("consent", "set-up")),
    ("people", "", ("consent", "unlock")),
    ("people", "abara", ("people", "audit", "verify", "help", "settings", "media", "vault", "account")),
    ("quarantined", "ibarra", ("cases", "new-case", "overview", "package")),
    ("evaluation", "osei", ("home", "windows", "search", "checklist", "timeline", "determination")),
    (
        "both-submitted",
        "ibarra",
        ("checklist", "determination", "history", "content", "benchmarks", "partners"),
    ),
    ("both-submitted", "osei", ("referrals", "new-finding", "finding", "new-referral")),
    ("consulted", "lindqvist", ("determination",)),
    ("requested", "osei", ("overview", "export")),
    ("requested", "tanaka", ("releases", "media", "register", "content", "settings")),
    # The same window where something is missing, wrong, under way or late.
    ("people", "", ("unlock", "recover", "error")),
    ("people", "osei", ("home", "cases", "error", "busy")),
    ("people", "moreau", ("training", "training-asked")),
    ("evaluation", "ibarra", ("certificates", "vault", "account", "overdue", "windows", "timeline", "home")),
)
CASE_PAGES = ("cases", "releases", "new-case", "new-finding", "finding", "new-referral")


def _error(bench: Bench) -> None:
    path = "/a/long/way/to/a/folder/" * 3 + "settings.toml"
    bench.window.notices.explain(SettingsInvalid(path=path, reason="Expected an equals sign at line 1"))


def _busy(bench: Bench) -> None:
    bench.window._strip.begin("begin")
    name = "data/" + "weights-" * 20
    some = Progress(stage="begin", done_bytes=123_456_789, total_bytes=987_654_321, untrusted_detail=name)
    bench.window._strip.show_progress(some)


def _training(bench: Bench) -> None:
    # What only a demonstration is given; its acts are tested where its command makes it.
    object.__setattr__(bench.window.desk.services, "training", object())
    bench.window.router.show("training")


def _overdue(bench: Bench) -> None:
    bench.office.clock.advance(timedelta(days=60))
    bench.window.show_cases()


# What a page is not, but what can be the matter with any.
STATES: dict[str, Callable[[Bench], object]] = {
    "recover": lambda bench: bench.window.router._entrance._show_recovery(),
    "error": _error,
    "busy": _busy,
    "training": _training,
    "training-asked": lambda bench: bench.press("Begin the demonstration again"),
    "overdue": _overdue,
}


def show(bench: Bench, page: str) -> None:
    """Go to a page, or make something the matter with the one that is shown; all is read when it returns."""
    window = bench.window
    if page in {"set-up", "unlock"}:
        window.router.accept_consent()
    elif page in STATES:
        STATES[page](bench)
    elif page == "new-case":
        window.show_cases()
        cases = bench.page
        assert isinstance(cases, CasesPage)
        cases.show_form(shown=True)
    elif page == "search":
        window.router.show_search(())
        bench.type("Find anything", "a")
    elif page == "help":
        window.router.show_help()
    elif page in {"new-finding", "new-referral"}:
        window.show_case(CASE, "findings" if page == "new-finding" else "referrals")
        QApplication.processEvents()
        bench.press("Report a finding" if page == "new-finding" else "Draft a referral")
    elif page == "finding":
        said = FindingText(title="T", description="D " * 99, component="C", portion_marking="(U)")
        findings.report(window.desk.here, CASE, findings.NewFinding(text=said))
        window.show_case(CASE, "overview")
        window.show_case(CASE, "findings")
        QApplication.processEvents()
        bench.press("Back to the list")
    elif page in NAMES:
        window.show_case(CASE, page)
    elif page != "consent":
        window.router.show(page)
    bench.settle()
    QApplication.processEvents()
