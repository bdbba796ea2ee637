"""Keys of cases, work that goes on after an interruption, and the media of an office."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what the vault and the release of media keep beside the cases."""
    _files()
    _search()
    _keys()


def _files() -> None:
    """Coming in and deleting ask which files lie in a container."""
    op.create_index("files_by_place", "files", [sa.text("substr(object_ref, 2, 32)")])


def _search() -> None:
    """Summaries that say when they were written, and the words of whole documents and transcripts."""
    # Derived from the cases: filled again when the vault is opened.
    op.drop_table("case_summaries")
    op.create_table(
        "case_summaries",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("answers_blind", sa.Integer(), nullable=False),
        sa.Column("findings_blind", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_case_summaries_changed", "case_summaries", ["changed"])
    op.create_table(
        "passages",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("item"),
    )
    op.create_table(
        "full_texts",
        sa.Column("package_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.package_id"]),
        sa.PrimaryKeyConstraint("package_id", "path"),
    )
    op.create_index("ix_full_texts_state", "full_texts", ["state"])
    op.execute(
        "CREATE VIRTUAL TABLE words_passage USING fts5(words, content='', contentless_delete=1, "
        "prefix='2 3', tokenize='unicode61 remove_diacritics 2')"
    )


def _keys() -> None:
    """The keys of cases, wrapped, and the signed checkpoints of the trail."""
    op.create_table(
        "case_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
