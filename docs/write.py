"""Write ``errors.md`` and ``reason-codes.md`` from the catalogues the program itself speaks from.

``python3 dev.py docs`` runs this file; a test compares what it would write with what is committed. With
``--pictures`` it takes the pictures of the pages from what ``python3 dev.py demo`` left instead.
"""

import importlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from workstation import cli
from workstation.app.reasons import reasons
from workstation.app.wording import catalogue
from workstation.core.errors import EnvironmentFault, Refused, Tampered, WorkstationError
from workstation.core.verification_errors import VerificationProblem

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_STATES_A_CODE = re.compile(r'^ +code(?:: ClassVar\[str\])? = "[A-Z]{3}-[0-9]{3}"', re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")
_GENERATED = "<!-- Written by `python3 dev.py docs`; change the catalogue, not this file. -->"
_AREAS = {
    "SET": "Starting the program",
    "VLT": "The vault and its database",
    "CRD": "Smart cards",
    "PPL": "People and their duties",
    "CAS": "The case and its window",
    "CRT": "The criteria",
    "INT": "Receiving a submission",
    "EXA": "Examining a submission",
    "BMK": "Benchmarks",
    "MRK": "Markings",
    "REP": "The report",
    "SIG": "Signing",
    "EXP": "Export, media and verification",
}
_BRANCHES = (
    (Refused, "Refused", cli.REFUSED),
    (EnvironmentFault, "Environment", cli.ENVIRONMENT),
    (Tampered, "Integrity", cli.INTEGRITY),
)


def _classes(of: type[WorkstationError]) -> Iterator[type[WorkstationError]]:
    for one in of.__subclasses__():
        yield one
        yield from _classes(one)


def errors() -> dict[str, type[WorkstationError]]:
    """Every error of the product by its code; only files that state a code are imported."""
    for package in ("workstation", "storage", "reports"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if _STATES_A_CODE.search(path.read_text(encoding="utf-8")):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {one.code: one for one in _classes(WorkstationError) if one.code}


def _plain(sentence: str) -> str:
    """A sentence with its placeholders shown as the facts that will stand there."""
    shown = _PLACEHOLDER.sub(lambda m: f"*{m[1].removeprefix('untrusted_').replace('_', ' ')}*", sentence)
    return shown.replace("<", "&lt;")


def _branch(code: str, known: dict[str, type[WorkstationError]]) -> str:
    if issubclass(known[code], VerificationProblem):
        return "One of the findings of `workstation verify`, which ends with 1 or 2."
    for branch, name, status in _BRANCHES:
        if issubclass(known[code], branch):
            return f"{name}; exit status {status}."
    raise TypeError(code)


def error_page() -> str:
    """``errors.md``."""
    known, texts = errors(), catalogue()
    order = list(_AREAS)
    lines = [
        "# Error codes",
        "",
        _GENERATED,
        "",
        "What the window and the command line say, and what to do next. Words in *italics* are facts filled",
        "in when it happens. *Refused*: a rule says no, and you can change something. *Environment*: disk,",
        "medium or system. *Integrity*: something is not as it was written; stop, preserve, report.",
    ]
    codes = sorted(known, key=lambda code: (order.index(code[:3]), code))
    for area, members in groupby(codes, key=lambda code: code[:3]):
        lines += ["", f"## {area}: {_AREAS[area]}"]
        for code in members:
            text = texts[code]
            lines += ["", f"### {code} {_plain(text['title'])}", "", f"{_plain(text['what'])}", ""]
            lines += [f"**Next:** {_plain(text['next'])} *({_branch(code, known)})*"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _reason_area(code: str) -> str:
    return re.split("[:_]", code)[0]


def reason_page() -> str:
    """``reason-codes.md``."""
    lines = [
        "# Reason codes of an examination",
        "",
        _GENERATED,
        "",
        "What `workstation inspect`, `verify` and `intake` say about a submission. A code is a reason for a",
        "person to look, never a verdict about a model. Codes of one family are summed up under the family's",
        "own code.",
    ]
    codes = sorted(reasons(), key=lambda code: (_reason_area(code), code))
    for area, members in groupby(codes, key=_reason_area):
        lines += ["", f"## {area}", "", "| code | what was seen | what the reviewer does | family |"]
        lines.append("|---|---|---|---|")
        for code in members:
            entry = reasons()[code]
            what = f"**{_cell(entry.title)}.** {_cell(entry.what)}"
            lines.append(f"| `{code}` | {what} | {_cell(entry.next)} | {entry.family} |")
    return "\n".join(lines) + "\n"


PAGES = {"errors.md": error_page, "reason-codes.md": reason_page}


# Each picture of the pages, and the picture of the demonstration that it is made from.
PICTURES = {
    "pictures/case.png": "case-overview",
    "user-guide/pictures/home.png": "ibarra-start",
    "user-guide/pictures/package.png": "case-package",
    "user-guide/pictures/checklist.png": "case-checklist",
    "user-guide/pictures/benchmarks.png": "case-benchmarks",
    "user-guide/pictures/findings.png": "case-findings",
    "user-guide/pictures/determination.png": "case-determination",
}
_PICTURE_WIDTH = 1024


def write_pictures(screens: Path) -> None:
    """Every picture anew, narrower and in 256 colours."""
    from PySide6.QtCore import Qt  # noqa: PLC0415 - only pictures need Qt
    from PySide6.QtGui import QImage  # noqa: PLC0415

    for name, page in PICTURES.items():
        (source,) = screens.glob(f"??-{page}.png")
        narrow = QImage(str(source)).scaledToWidth(_PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)
        narrow = narrow.convertToFormat(QImage.Format.Format_RGB32)
        # Qt's own table of 256 colours would turn our blue into violet.
        colours = Counter(memoryview(narrow.constBits()).cast("I")).most_common(256)
        few_colours = narrow.convertToFormat(QImage.Format.Format_Indexed8, [one for one, _count in colours])
        if not few_colours.save(str(HERE / name)):
            raise OSError(name)
        print(f"docs/{name}")


def main(words: list[str]) -> int:
    """Write every page, or with ``--pictures`` every picture; 0 when done."""
    if words == ["--pictures"]:
        write_pictures(ROOT / "build" / "demo" / "screens")
        return 0
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
