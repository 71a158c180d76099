"""Which end of a value is better, where outcome and instrument do not say."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

_TABLES = ("arm_result", "contrast")
_CODES = ("higher", "lower", "by-subscale", "neither")


def upgrade() -> None:
    """Add the columns."""
    for table in _TABLES:
        better = sa.Enum(
            *_CODES, name="better", native_enum=False, create_constraint=True, length=40
        )
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("better", better, nullable=True))


def downgrade() -> None:
    """Drop the columns, and first what they are held to."""
    for table in _TABLES:
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_better"), type_="check")
            changed.drop_column("better")
