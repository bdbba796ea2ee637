"""Documents about a submission: the intake receipt, the custody log and the deficiency letter."""

import json
from collections import defaultdict

from workstation.app.document_blocks import VOLUNTARY, Body, Material, case_facts, examined
from workstation.app.reasons import reason
from workstation.app.report_blocks import day
from workstation.app.wording import has_word, moment, size, visible, walls, word
from workstation.core.examination import Finding, Severity
from workstation.core.exports import NothingToReport
from workstation.core.packages import ListedFile, Package
from workstation.core.ports import AuditRow
from workstation.core.report import (
    Align,
    Block,
    Bullets,
    Callout,
    Column,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    Row,
    Table,
    TextStyle,
)

FILES_SHOWN = 100
_UNREAD = frozenset({"FILE_UNREADABLE", "BAG_UNREAD"})
_FINDINGS_SHOWN = 200
_PATHS_SHOWN = 10
_HASH_SHOWN = 16
_DIGEST_RULE = (
    "The package digest is the SHA-384 of one line for each file, in order of path: the file's SHA-384 in "
    "hexadecimal, two blanks, its path, a line feed. Whoever holds the same files can compute it again."
)

_ROWS = (
    "Rows keep their number in the trail of the whole workstation; the numbers between belong to other acts. "
    f"Behind each number stand the first {_HASH_SHOWN} digits of the row's SHA-384."
)


def _package(material: Material) -> Package:
    if material.package is None:
        raise NothingToReport(case_id=material.case.case_id)
    return material.package


def intake_receipt(material: Material) -> Body:
    """For the developer: what arrived, under which digests, with which outcome."""
    package, portion = _package(material), material.portion
    received = moment(package.received_at) if package.received_at else "-"
    facts = (
        *case_facts(material),
        Fact(label="Received at", value=received, portion=portion),
        Fact(label="Files", value=f"{package.file_count:,}, {size(package.total_bytes)}", portion=portion),
    )
    headline = Fact(
        label="Outcome of the examination", value=word("outcome", package.outcome), portion=portion
    )
    return Body(
        title=f"Receipt for {package.package_id}",
        title_portion=portion,
        subtitle=f"{material.case.developer}: {material.case.model}, checkpoint {material.case.checkpoint}",
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Paragraph(text=VOLUNTARY, portion="(U)"),
            *_received(material, package),
            *_unread(material, package),
            *examined(material),
            *_findings(material, package),
            *_listing(material, package),
        ),
        statement="This receipt states what was received and what the examination found.",
    )


def _received(material: Material, package: Package) -> tuple[Block, ...]:
    portion = material.portion
    decided = (
        f"{material.name(package.decided_by)}, {moment(package.decided_at)}" if package.decided_at else "-"
    )
    pairs = (
        ("Name on the medium", visible(package.untrusted_name, lines=False)),
        ("Form", package.kind or "-"),
        ("Received by", material.name(package.received_by)),
        ("Stands", word("package-state", package.state)),
        ("Decided by", decided),
        ("Reason stated", package.decision_reason or "-"),
        ("Examined under", walls(package.isolation)),
    )
    digests = [("Package digest (SHA-384)", package.digest_sha384)]
    if package.container_sha384:
        digests.append(("Container digest (SHA-384)", package.container_sha384))
    return (
        Heading(text="What was received"),
        KeyValues(facts=tuple(Fact(label=k, value=v, portion=portion) for k, v in pairs)),
        Heading(text="Digests"),
        KeyValues(
            facts=tuple(Fact(label=k, value=v, style=TextStyle.DIGEST, portion=portion) for k, v in digests)
        ),
        Paragraph(text=_DIGEST_RULE, portion="(U)"),
    )


def _unread(material: Material, package: Package) -> tuple[Block, ...]:
    """What the medium did not give; a receipt must not be taken for one of everything that was sent."""
    unread = [one for one in package.findings if one.code in _UNREAD]
    if not unread:
        return ()
    named = _some([visible(one.path, lines=False) or "the submission as a whole" for one in unread])
    text = (
        f"The medium did not give all bytes of {len(unread):,} of the files or folders on it. What could be "
        "read of them is kept; none of it was verified against a manifest, and the package digest covers "
        f"only what was read. Please send them again:\n{named}"
    )
    return (Callout(title="Not everything could be read", text=text, portion=material.portion),)


def _findings(material: Material, package: Package) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            cells=(
                one.code,
                word("severity", one.severity),
                visible(one.path, lines=False) or "-",
                reason(one.code).what,
            ),
            portion=material.portion,
        )
        for one in package.findings[:_FINDINGS_SHOWN]
    )
    columns = (
        Column(header="Code", share=1.5),
        Column(header="Weight", share=0.8),
        Column(header="File", share=2.0, style=TextStyle.DIGEST),
        Column(header="What was seen", share=2.4),
    )
    shown = f"{len(rows):,} of {len(package.findings):,}"
    table = Table(
        columns=columns,
        rows=rows,
        caption=f"Found by the examination ({shown}, the weightiest first)",
        portion=material.portion,
        empty_text="Nothing was found by the readers that claimed a file; that says nothing about the rest.",
    )
    return Heading(text="What the examination found"), table


def _listing(material: Material, package: Package) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            cells=(visible(one.untrusted_path, lines=False), f"{one.size_bytes:,}", _digest(one)),
            portion=material.portion,
        )
        for one in material.files
    )
    columns = (
        Column(header="File", share=1.6, style=TextStyle.DIGEST),
        Column(header="Bytes", share=0.8, align=Align.RIGHT),
        Column(header="SHA-384", share=2.6, style=TextStyle.DIGEST),
    )
    caption = f"Files received: the first {len(rows):,} of {package.file_count:,} by path"
    return Heading(text="Files"), Table(columns=columns, rows=rows, caption=caption, portion=material.portion)


def _digest(file: ListedFile) -> str:
    return "not read to its end" if file.unreadable else file.sha384


# --- custody ---------------------------------------------------------------------------------------------


def custody_log(material: Material) -> Body:
    """Every act of custody as the audit trail has it, with the row's own hash."""
    package, portion = _package(material), material.portion
    rows = tuple(_custody_row(material, row) for row in material.trail)
    columns = (
        Column(header="Row", share=1.7, is_row_header=True),
        Column(header="When", share=1.2),
        Column(header="Who", share=1.3, prose=True),
        Column(header="What", share=1.4),
        Column(header="Detail", share=2.4, prose=True),
    )
    headline = Fact(label="Stands", value=word("package-state", package.state), portion=portion)
    facts = (
        *case_facts(material),
        Fact(label="Submissions so far", value=f"{len(material.packages)}", portion=portion),
        Fact(label="Exports so far", value=f"{len(material.exports)}", portion=portion),
    )
    return Body(
        title=f"Custody of the submissions of {material.case.case_id}",
        title_portion=portion,
        subtitle=f"{material.case.developer}: {material.case.model}, checkpoint {material.case.checkpoint}",
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Heading(text="Submissions"),
            *(_submission(material, one) for one in material.packages),
            Heading(text="Acts of custody, oldest first"),
            Table(
                columns=columns, rows=rows, caption=f"{len(rows):,} rows of the audit trail", portion=portion
            ),
            Paragraph(text=_ROWS, portion="(U)"),
            *_returned_material(material),
            *examined(material),
        ),
        statement="This log states what the audit trail holds of the custody of the submissions.",
    )


def _submission(material: Material, package: Package) -> KeyValues:
    pairs = [
        ("Submission", package.package_id),
        ("Name on the medium", visible(package.untrusted_name, lines=False)),
        ("Stands", word("package-state", package.state)),
        ("Received by", material.name(package.received_by)),
        ("Files", f"{package.file_count:,}, {size(package.total_bytes)}"),
    ]
    facts = [Fact(label=k, value=v, portion=material.portion) for k, v in pairs]
    digest = package.digest_sha384 or "not read to its end"
    facts.append(Fact(label="SHA-384", value=digest, style=TextStyle.DIGEST, portion=material.portion))
    return KeyValues(facts=tuple(facts))


def _custody_row(material: Material, row: AuditRow) -> Row:
    cells = (
        f"{row.seq} {row.hash_sha384[:_HASH_SHOWN]}",
        moment(row.at),
        f"{row.actor_name}\n{word('role', row.role)}",
        word("custody", row.event),
        "\n".join(_details(row)) or "-",
    )
    return Row(cells=cells, portion=material.portion)


def _details(row: AuditRow) -> list[str]:
    body = json.loads(row.body_json)
    told = []
    for name, value in body.items():
        if has_word("custody-fact", name) and value not in ("", None):
            told.append(f"{word('custody-fact', name)}: {visible(_fact(name, value), lines=False)}")
    return told


def _fact(name: str, value: object) -> str:
    if name in {"outcome", "ending", "disposition"}:
        return word(name, value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _returned_material(material: Material) -> tuple[Block, ...]:
    steps = material.case.exits.disposition_steps
    rows = tuple(
        Row(
            cells=(
                word("disposition", one.disposition),
                one.material,
                day(one.done_on),
                one.reference,
                material.name(one.recorded_by),
            ),
            portion=material.portion,
        )
        for one in steps
    )
    table = Table(
        columns=tuple(Column(header=name) for name in ("What", "Material", "On", "Reference", "Recorded by")),
        rows=rows,
        empty_text="No return or destruction is recorded; the material is still held.",
    )
    return Heading(text="Return and destruction"), table


# --- deficiency ------------------------------------------------------------------------------------------


def deficiency_letter(material: Material) -> Body:
    """For the developer: why the submission was returned, finding by finding, and what to send."""
    package, portion = _package(material), material.portion
    weighty = [one for one in package.findings if one.severity is not Severity.NOTE]
    returned = moment(package.decided_at) if package.decided_at else "-"
    facts = (
        *case_facts(material),
        Fact(label="Submission", value=package.package_id, portion=portion),
        Fact(label="Returned at", value=returned, portion=portion),
    )
    headline = Fact(label="Submission", value=word("package-state", package.state), portion=portion)
    return Body(
        title="Your submission could not be taken into review",
        title_portion="(U)",
        subtitle="",
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Paragraph(text=VOLUNTARY, portion="(U)"),
            Heading(text="Why it was returned"),
            Paragraph(text=package.decision_reason or "No reason was stated.", portion=portion),
            KeyValues(
                facts=(
                    Fact(
                        label="Package digest (SHA-384)",
                        value=package.digest_sha384 or "not read to its end",
                        style=TextStyle.DIGEST,
                        portion=portion,
                    ),
                )
            ),
            *_by_code(material, weighty),
            *_clock(material),
            *examined(material),
        ),
        statement="This letter states why the submission was returned and what is asked for.",
    )


def _by_code(material: Material, findings: list[Finding]) -> tuple[Block, ...]:
    places: dict[str, list[str]] = defaultdict(list)
    for one in findings:
        places[one.code].append(visible(one.path, lines=False) or "the submission as a whole")
    rows = tuple(
        Row(cells=(code, reason(code).what, _some(where), _to_send(code)), portion=material.portion)
        for code, where in places.items()
    )
    columns = (
        Column(header="Code", share=1.2, is_row_header=True),
        Column(header="What was seen", share=1.8),
        Column(header="Where", share=1.9, prose=True),
        Column(header="What to send", share=2.0),
    )
    table = Table(
        columns=columns,
        rows=rows,
        caption=f"{len(rows)} kinds of finding, {len(findings):,} findings",
        portion=material.portion,
        empty_text="The examination found nothing; the reason above stands by itself.",
    )
    asked = list(dict.fromkeys(_to_send(code) for code in places))
    found: list[Block] = [Heading(text="Findings, and what to send"), table]
    if asked:
        found += [
            Heading(text="In short"),
            Bullets(items=tuple(asked), portions=(material.portion,) * len(asked), numbered=True),
        ]
    return tuple(found)


def _some(places: list[str]) -> str:
    shown = places[:_PATHS_SHOWN]
    more = len(places) - len(shown)
    return "\n".join([*shown, f"and {more:,} more"] if more else shown)


def _to_send(code: str) -> str:
    return word("to-send", code if has_word("to-send", code) else "default")


def _clock(material: Material) -> tuple[Block, ...]:
    planned = material.case.planned_release_on
    text = (
        f"The planned release of {day(planned)} stands as you stated it. Nothing in the order stops the days "
        "counted back from it while a corrected submission is on its way; only you can state another date."
        if planned
        else "No planned release is stated, so no access window runs."
    )
    title = "The planned release date"
    return (Callout(title=title, text=text, portion=material.portion),)
