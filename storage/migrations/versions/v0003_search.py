"""Cases in short, and an index of words over what the vault holds. Both are filled when it is next opened."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KINDS = ("file", "text", "answer", "finding", "benchmark", "referral")


def upgrade() -> None:
    """Add what is derived from other tables and can be made anew from them."""
    op.create_table(
        "case_summaries",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("answers_blind", sa.Integer(), nullable=False),
        sa.Column("findings_blind", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "search_items",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item"),
    )
    op.create_index(
        "search_items_by_record",
        "search_items",
        ["kind", "case_id", "record", "part"],
        sqlite_where=sa.text("kind <> 'file'"),
    )
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_index("audit_by_event", "audit", ["event", "seq"])
    for kind in _KINDS:
        # The words themselves are kept where they belong; the index holds only where which word occurs.
        op.execute(
            f"CREATE VIRTUAL TABLE words_{kind} USING fts5(words, content='', contentless_delete=1, "
            "prefix='2 3', tokenize='unicode61 remove_diacritics 2')"
        )
