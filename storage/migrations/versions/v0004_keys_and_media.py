"""Keys of cases, work that goes on after an interruption, and the media of an office."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what the vault and the release of media keep beside the cases."""
