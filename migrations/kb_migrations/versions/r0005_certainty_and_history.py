"""The reasons of ratings of certainty, and who changed what and when."""

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and which approach a rating is of."""
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "load",
                "import",
                "undo",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("file_format", sa.String(), nullable=True),
        sa.Column("checksum", sa.String(), nullable=True),
        sa.Column("data_hash", sa.String(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes"], ["event.id"], name=op.f("fk_event_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("undoes", name=op.f("uq_event_undoes")),
    )
    op.create_table(
        "record_change",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("record_table", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "added",
                "changed",
                "removed",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_record_change_event_id")),
        sa.PrimaryKeyConstraint(
            "event_id", "record_table", "record_key", name=op.f("pk_record_change")
        ),
    )
    with op.batch_alter_table("record_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_record_change_record_key"), ["record_key"], unique=False
        )

    op.create_table(
        "certainty_reason",
        sa.Column("certainty_key", sa.String(), nullable=False),
        sa.Column(
            "domain",
            sa.Enum(
                "risk of bias",
                "inconsistency",
                "indirectness",
                "imprecision",
                "publication bias",
                "large effect",
                "dose-response",
                "plausible confounding",
                "methodological limitations",
                "coherence",
                "adequacy",
                "relevance",
                name="certaintydomain",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("steps", sa.Integer(), nullable=True),
        sa.Column(
            "concern",
            sa.Enum(
                "no or very minor",
                "minor",
                "moderate",
                "serious",
                name="concern",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(steps IS NULL) <> (concern IS NULL)",
            name=op.f("ck_certainty_reason_steps_or_concern"),
        ),
        sa.CheckConstraint("steps BETWEEN -3 AND 2", name=op.f("ck_certainty_reason_steps")),
        sa.ForeignKeyConstraint(
            ["certainty_key"], ["certainty.key"], name=op.f("fk_certainty_reason_certainty_key")
        ),
        sa.PrimaryKeyConstraint("certainty_key", "domain", name=op.f("pk_certainty_reason")),
    )
    with op.batch_alter_table("certainty", schema=None) as batch_op:
        batch_op.add_column(sa.Column("of_approach_key", sa.String(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_certainty_of_approach_key"), ["of_approach_key"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_certainty_of_approach_key"), "approach", ["of_approach_key"], ["key"]
        )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("certainty", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_certainty_of_approach_key"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_certainty_of_approach_key"))
        batch_op.drop_column("of_approach_key")

    op.drop_table("certainty_reason")
    with op.batch_alter_table("record_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_change_record_key"))

    op.drop_table("record_change")
    op.drop_table("event")
