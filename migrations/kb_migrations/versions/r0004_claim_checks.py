"""Comparisons that claims are held to."""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "claim_check",
        sa.Column("claim_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("expression", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_check_claim_key")
        ),
        sa.PrimaryKeyConstraint("claim_key", "position", name=op.f("pk_claim_check")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("claim_check")
