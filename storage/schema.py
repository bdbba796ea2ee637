"""Tables of the encrypted database. ``migrations/`` builds them; a test compares the two."""

import sqlalchemy as sa

# Raised with every migration; a database with a higher one was written by a newer workstation.
HEAD_REVISION = "0004"

metadata = sa.MetaData()

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("login_name", sa.Text, nullable=False, unique=True),
    sa.Column("staff_number", sa.Text, nullable=False, unique=True),
    sa.Column("enrolled_at", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("sealed_identity", sa.LargeBinary, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("planned_release_on", sa.Text, nullable=True, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

packages = sa.Table(
    "packages",
    metadata,
    sa.Column("package_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("package_id", sa.Text, sa.ForeignKey("packages.package_id"), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("sha384", sa.Text, nullable=False),
    sa.Column("object_ref", sa.Text, nullable=False),
    sa.Column("fixity", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("coverage", sa.Text, nullable=False),
    sa.Column("opened", sa.Integer, nullable=False, server_default="0"),
    sa.Column("findings", sa.LargeBinary, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)
sa.Index("files_by_digest", files.c.sha384)
# Kind, container and the first bytes of the place: the part of a reference that no other key changes.
PLACE = "substr(object_ref, 2, 32)"
sa.Index("files_by_place", sa.text(PLACE), _table=files)
sa.Index("files_by_coverage", files.c.package_id, files.c.coverage, files.c.opened)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), primary_key=True),
    sa.Column("criterion_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.person_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("report_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("composed_at", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("export_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False, index=True),
    sa.Column("report_id", sa.Text, sa.ForeignKey("reports.report_id"), nullable=False),
    sa.Column("requested_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("finding_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
sa.Index("findings_by_case", findings.c.case_id, findings.c.state)
sa.Index("findings_by_fingerprint", findings.c.fingerprint)

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("referral_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
sa.Index("referrals_by_case", referrals.c.case_id, referrals.c.state)
sa.Index("referrals_by_state", referrals.c.state)

benchmark_results = sa.Table(
    "benchmark_results",
    metadata,
    sa.Column("result_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
sa.Index("benchmark_results_by_case", benchmark_results.c.case_id, benchmark_results.c.recorded_at)

content_sets = sa.Table(
    "content_sets",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("set_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("added_at", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Derived from the tables above and made anew from them when missing: see ``storage.indexing``. Beside these
# stand the full-text tables ``words_...``, one for each kind of thing, which SQLAlchemy does not describe.
case_summaries = sa.Table(
    "case_summaries",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("answers_blind", sa.Integer, nullable=False),  # 0 open, 1 blind, 2 some disclosed
    sa.Column("findings_blind", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False, index=True),  # counts writes: lists read what is new
    sa.Column("body", sa.LargeBinary, nullable=False),
)

search_items = sa.Table(
    "search_items",
    metadata,
    sa.Column("item", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("people", sa.Text, nullable=False),  # who may see it while others may not, between blanks
)
sa.Index(
    "search_items_by_record",
    search_items.c.kind,
    search_items.c.case_id,
    search_items.c.record,
    search_items.c.part,
    sqlite_where=sa.text("kind <> 'file'"),  # files are written once, by the million
)

# What was read in whole documents and transcripts, piece by piece; the words of a piece are kept here to be
# shown, because the file they stand in is read only in the sandbox.
passages = sa.Table(
    "passages",
    metadata,
    sa.Column("item", sa.Integer, primary_key=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),  # UTF-8, deflated
)

full_texts = sa.Table(
    "full_texts",
    metadata,
    sa.Column("package_id", sa.Text, sa.ForeignKey("packages.package_id"), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# One row a case, and it stays: a number is never given twice, and of a destroyed key there are zeros left.
case_keys = sa.Table(
    "case_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False, unique=True),
    sa.Column("epoch", sa.Integer, nullable=False),  # of the vault key it is wrapped under; 0: destroyed
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),  # of the newest row it speaks of
    sa.Column("body", sa.LargeBinary, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash_sha384", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),  # of the vault key under which the MAC was made
    sa.Column("mac_sha384", sa.LargeBinary, nullable=False),
)
sa.Index("audit_by_case", audit.c.case_id, audit.c.seq)
# The highest time ever seen is asked for with every act, the newest row of an event with the start page.
sa.Index("audit_by_time", audit.c.at)
sa.Index("audit_by_event", audit.c.event, audit.c.seq)
sa.Index("audit_by_act", audit.c.case_id, audit.c.actor_id, audit.c.duty)
