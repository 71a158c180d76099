"""The tables of the evidence base."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of the evidence base."""
    op.create_table(
        "report",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "article-journal",
                "paper-conference",
                "chapter",
                "book",
                "manuscript",
                "webpage",
                "article-newspaper",
                "dataset",
                "report",
                name="reportkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.String(), nullable=True),
        sa.Column("container", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("volume", sa.String(), nullable=True),
        sa.Column("issue", sa.String(), nullable=True),
        sa.Column("pages", sa.String(), nullable=True),
        sa.Column("doi", sa.String(), nullable=True),
        sa.Column("pmid", sa.String(), nullable=True),
        sa.Column("pmcid", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("year BETWEEN 1900 AND 2100", name=op.f("ck_report_year")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report")),
        sa.UniqueConstraint("doi", name=op.f("uq_report_doi")),
        sa.UniqueConstraint("pmid", name=op.f("uq_report_pmid")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    op.create_index(op.f("ix_search_entry_kind"), "search_entry", ["kind"], unique=False)
    op.create_index(
        op.f("ix_search_entry_record_key"), "search_entry", ["record_key"], unique=False
    )
    op.create_table(
        "store_fact",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_store_fact")),
    )
    op.create_table(
        "synonym",
        sa.Column("vocabulary", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("term_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vocabulary", "text", "term_key", name=op.f("pk_synonym")),
    )
    op.create_table(
        "derivation",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("formula", sa.String(), nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        sa.Column("software", sa.String(), nullable=True),
        sa.Column("report_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_derivation_report_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_derivation")),
    )
    op.create_index(op.f("ix_derivation_report_key"), "derivation", ["report_key"], unique=False)
    op.create_table(
        "passage",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.Column("locator", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column(
            "seen",
            sa.Enum(
                "full-text",
                "at-source",
                "record",
                "mirror-copy",
                "data-file",
                "comparison",
                name="seen",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "length(quote) - length(replace(quote, ' ', '')) <= 24",
            name=op.f("ck_passage_quote_at_most_25_words"),
        ),
        sa.CheckConstraint("length(trim(locator)) > 0", name=op.f("ck_passage_locator_given")),
        sa.CheckConstraint("length(trim(quote)) > 0", name=op.f("ck_passage_quote_given")),
        sa.ForeignKeyConstraint(["report_key"], ["report.key"], name=op.f("fk_passage_report_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_passage")),
    )
    op.create_index(op.f("ix_passage_report_key"), "passage", ["report_key"], unique=False)
    op.create_table(
        "approach",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["approach.key"], name=op.f("fk_approach_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_approach_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_approach")),
    )
    op.create_index(op.f("ix_approach_parent_key"), "approach", ["parent_key"], unique=False)
    op.create_index(op.f("ix_approach_passage_key"), "approach", ["passage_key"], unique=False)
    op.create_table(
        "cancer",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_key"], ["cancer.key"], name=op.f("fk_cancer_parent_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_cancer_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cancer")),
    )
    op.create_index(op.f("ix_cancer_parent_key"), "cancer", ["parent_key"], unique=False)
    op.create_index(op.f("ix_cancer_passage_key"), "cancer", ["passage_key"], unique=False)
    op.create_table(
        "comparator",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["comparator.key"], name=op.f("fk_comparator_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_comparator_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comparator")),
    )
    op.create_index(op.f("ix_comparator_parent_key"), "comparator", ["parent_key"], unique=False)
    op.create_index(op.f("ix_comparator_passage_key"), "comparator", ["passage_key"], unique=False)
    op.create_table(
        "component",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_component_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_component")),
    )
    op.create_index(op.f("ix_component_passage_key"), "component", ["passage_key"], unique=False)
    op.create_table(
        "construct",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "domain",
                "subdomain",
                "construct",
                "subconstruct",
                name="constructlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["construct.key"], name=op.f("fk_construct_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_construct_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_construct")),
        sa.UniqueConstraint("code", name=op.f("uq_construct_code")),
    )
    op.create_index(op.f("ix_construct_parent_key"), "construct", ["parent_key"], unique=False)
    op.create_index(op.f("ix_construct_passage_key"), "construct", ["passage_key"], unique=False)
    op.create_table(
        "country",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("iso", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_country_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_country")),
        sa.UniqueConstraint("iso", name=op.f("uq_country_iso")),
    )
    op.create_index(op.f("ix_country_passage_key"), "country", ["passage_key"], unique=False)
    op.create_table(
        "design",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_key"], ["design.key"], name=op.f("fk_design_parent_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_design_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_design")),
    )
    op.create_index(op.f("ix_design_parent_key"), "design", ["parent_key"], unique=False)
    op.create_index(op.f("ix_design_passage_key"), "design", ["passage_key"], unique=False)
    op.create_table(
        "further_passage",
        sa.Column("record_table", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_further_passage_passage_key")
        ),
        sa.PrimaryKeyConstraint(
            "record_table", "record_key", "field", "passage_key", name=op.f("pk_further_passage")
        ),
    )
    op.create_table(
        "implementation_outcome",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "implementation",
                "service",
                "client",
                name="outcomelevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_implementation_outcome_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_implementation_outcome")),
    )
    op.create_index(
        op.f("ix_implementation_outcome_passage_key"),
        "implementation_outcome",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "outcome_area",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("core_area", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_outcome_area_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outcome_area")),
    )
    op.create_index(
        op.f("ix_outcome_area_passage_key"), "outcome_area", ["passage_key"], unique=False
    )
    op.create_table(
        "profession",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["profession.key"], name=op.f("fk_profession_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_profession_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_profession")),
    )
    op.create_index(op.f("ix_profession_parent_key"), "profession", ["parent_key"], unique=False)
    op.create_index(op.f("ix_profession_passage_key"), "profession", ["passage_key"], unique=False)
    op.create_table(
        "review",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "systematic",
                "scoping",
                "meta-analysis",
                "narrative",
                name="reviewkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("searched", sa.String(), nullable=True),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("supersedes_key", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("participants >= 0", name=op.f("ck_review_participants")),
        sa.CheckConstraint("studies >= 0", name=op.f("ck_review_studies")),
        sa.CheckConstraint("year BETWEEN 1900 AND 2100", name=op.f("ck_review_year")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_review_passage_key")
        ),
        sa.ForeignKeyConstraint(["report_key"], ["report.key"], name=op.f("fk_review_report_key")),
        sa.ForeignKeyConstraint(
            ["supersedes_key"], ["review.key"], name=op.f("fk_review_supersedes_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_passage_key"), "review", ["passage_key"], unique=False)
    op.create_index(op.f("ix_review_report_key"), "review", ["report_key"], unique=False)
    op.create_index(op.f("ix_review_supersedes_key"), "review", ["supersedes_key"], unique=False)
    op.create_table(
        "strategy_cluster",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_strategy_cluster_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_strategy_cluster")),
    )
    op.create_index(
        op.f("ix_strategy_cluster_passage_key"), "strategy_cluster", ["passage_key"], unique=False
    )
    op.create_table(
        "theme",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["parent_key"], ["theme.key"], name=op.f("fk_theme_parent_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_theme_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_theme")),
    )
    op.create_index(op.f("ix_theme_parent_key"), "theme", ["parent_key"], unique=False)
    op.create_index(op.f("ix_theme_passage_key"), "theme", ["passage_key"], unique=False)
    op.create_table(
        "claim",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "number",
                "finding",
                "inconsistency",
                "interpretation",
                "recommendation",
                "bibliographic",
                name="claimkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("of_studies", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "probable",
                "inferred",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_claim_passage_key")
        ),
        sa.ForeignKeyConstraint(["review_key"], ["review.key"], name=op.f("fk_claim_review_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_passage_key"), "claim", ["passage_key"], unique=False)
    op.create_index(op.f("ix_claim_review_key"), "claim", ["review_key"], unique=False)
    op.create_table(
        "eric_strategy",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cluster_key", sa.String(), nullable=False),
        sa.Column("cluster_verified", sa.Boolean(), nullable=False),
        sa.Column("importance", sa.Float(), nullable=True),
        sa.Column("feasibility", sa.Float(), nullable=True),
        sa.Column("go_zone", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cluster_key"], ["strategy_cluster.key"], name=op.f("fk_eric_strategy_cluster_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_eric_strategy_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_eric_strategy")),
        sa.UniqueConstraint("number", name=op.f("uq_eric_strategy_number")),
    )
    op.create_index(
        op.f("ix_eric_strategy_cluster_key"), "eric_strategy", ["cluster_key"], unique=False
    )
    op.create_index(
        op.f("ix_eric_strategy_passage_key"), "eric_strategy", ["passage_key"], unique=False
    )
    op.create_table(
        "instrument",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("abbreviation", sa.String(), nullable=True),
        sa.Column("authors", sa.String(), nullable=True),
        sa.Column("measures", sa.String(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=True),
        sa.Column("recall", sa.String(), nullable=True),
        sa.Column("score_low", sa.Float(), nullable=True),
        sa.Column("score_high", sa.Float(), nullable=True),
        sa.Column(
            "better",
            sa.Enum(
                "higher",
                "lower",
                "by-subscale",
                "neither",
                name="better",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("area_key", sa.String(), nullable=True),
        sa.Column("report_key", sa.String(), nullable=True),
        sa.Column("access", sa.String(), nullable=True),
        sa.Column("unverified_fields", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_key"], ["outcome_area.key"], name=op.f("fk_instrument_area_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_instrument_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_instrument_report_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instrument")),
    )
    op.create_index(op.f("ix_instrument_area_key"), "instrument", ["area_key"], unique=False)
    op.create_index(op.f("ix_instrument_passage_key"), "instrument", ["passage_key"], unique=False)
    op.create_index(op.f("ix_instrument_report_key"), "instrument", ["report_key"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("passage_key", sa.String(), nullable=True),
        sa.Column("parent_key", sa.String(), nullable=True),
        sa.Column("area_key", sa.String(), nullable=True),
        sa.Column(
            "better",
            sa.Enum(
                "higher",
                "lower",
                "by-subscale",
                "neither",
                name="better",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["area_key"], ["outcome_area.key"], name=op.f("fk_outcome_area_key")
        ),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["outcome.key"], name=op.f("fk_outcome_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_outcome_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_area_key"), "outcome", ["area_key"], unique=False)
    op.create_index(op.f("ix_outcome_parent_key"), "outcome", ["parent_key"], unique=False)
    op.create_index(op.f("ix_outcome_passage_key"), "outcome", ["passage_key"], unique=False)
    op.create_table(
        "study",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("design_key", sa.String(), nullable=False),
        sa.Column("design_detail", sa.String(), nullable=True),
        sa.Column("registration", sa.String(), nullable=True),
        sa.Column("recruitment_start", sa.Integer(), nullable=True),
        sa.Column("recruitment_end", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "recruitment_start <= recruitment_end", name=op.f("ck_study_recruitment")
        ),
        sa.CheckConstraint("year BETWEEN 1900 AND 2100", name=op.f("ck_study_year")),
        sa.ForeignKeyConstraint(["design_key"], ["design.key"], name=op.f("fk_study_design_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_study_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_study")),
    )
    op.create_index(op.f("ix_study_design_key"), "study", ["design_key"], unique=False)
    op.create_index(op.f("ix_study_passage_key"), "study", ["passage_key"], unique=False)
    op.create_table(
        "certainty",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("review_key", sa.String(), nullable=False),
        sa.Column(
            "approach",
            sa.Enum(
                "GRADE",
                "GRADE-CERQual",
                name="certaintyapproach",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("outcome_key", sa.String(), nullable=True),
        sa.Column("theme_key", sa.String(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "high",
                "moderate",
                "low",
                "very low",
                name="certaintylevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(outcome_key IS NULL) <> (theme_key IS NULL)", name=op.f("ck_certainty_of_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_key"], ["outcome.key"], name=op.f("fk_certainty_outcome_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_certainty_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_certainty_review_key")
        ),
        sa.ForeignKeyConstraint(["theme_key"], ["theme.key"], name=op.f("fk_certainty_theme_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_certainty")),
    )
    op.create_index(op.f("ix_certainty_outcome_key"), "certainty", ["outcome_key"], unique=False)
    op.create_index(op.f("ix_certainty_passage_key"), "certainty", ["passage_key"], unique=False)
    op.create_index(op.f("ix_certainty_review_key"), "certainty", ["review_key"], unique=False)
    op.create_index(op.f("ix_certainty_theme_key"), "certainty", ["theme_key"], unique=False)
    op.create_table(
        "cfir_eric_match",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("barrier", sa.String(), nullable=False),
        sa.Column("strategy_key", sa.String(), nullable=False),
        sa.Column("construct_key", sa.String(), nullable=True),
        sa.Column("endorsement_percent", sa.Float(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("experts", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "endorsement_percent BETWEEN 0 AND 100", name=op.f("ck_cfir_eric_match_percent")
        ),
        sa.ForeignKeyConstraint(
            ["construct_key"], ["construct.key"], name=op.f("fk_cfir_eric_match_construct_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_cfir_eric_match_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["strategy_key"], ["eric_strategy.key"], name=op.f("fk_cfir_eric_match_strategy_key")
        ),
        sa.PrimaryKeyConstraint("barrier", "strategy_key", name=op.f("pk_cfir_eric_match")),
    )
    op.create_index(
        op.f("ix_cfir_eric_match_construct_key"), "cfir_eric_match", ["construct_key"], unique=False
    )
    op.create_index(
        op.f("ix_cfir_eric_match_passage_key"), "cfir_eric_match", ["passage_key"], unique=False
    )
    op.create_table(
        "claim_value",
        sa.Column("claim_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_value_claim_key")
        ),
        sa.PrimaryKeyConstraint("claim_key", "position", name=op.f("pk_claim_value")),
    )
    op.create_table(
        "disagreement",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "study_key IS NOT NULL OR review_key IS NOT NULL",
            name=op.f("ck_disagreement_of_something"),
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_disagreement_review_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_disagreement_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_disagreement")),
    )
    op.create_index(
        op.f("ix_disagreement_review_key"), "disagreement", ["review_key"], unique=False
    )
    op.create_index(op.f("ix_disagreement_study_key"), "disagreement", ["study_key"], unique=False)
    op.create_table(
        "factor",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("construct_key", sa.String(), nullable=False),
        sa.Column(
            "valence",
            sa.Enum(
                "barrier",
                "facilitator",
                "mixed",
                "neutral",
                name="valence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column(
            "voice",
            sa.Enum(
                "patients",
                "caregivers",
                "members",
                "deliverers",
                "professionals",
                "authors",
                "reviewers",
                "service",
                name="voice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "coded_by",
            sa.Enum(
                "source",
                "curators",
                name="codedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "probable",
                "inferred",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("of_studies", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(study_key IS NULL) <> (review_key IS NULL)", name=op.f("ck_factor_one_origin")
        ),
        sa.CheckConstraint("studies > 0 AND studies <= of_studies", name=op.f("ck_factor_count")),
        sa.ForeignKeyConstraint(
            ["construct_key"], ["construct.key"], name=op.f("fk_factor_construct_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_factor_passage_key")
        ),
        sa.ForeignKeyConstraint(["review_key"], ["review.key"], name=op.f("fk_factor_review_key")),
        sa.ForeignKeyConstraint(["study_key"], ["study.key"], name=op.f("fk_factor_study_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_factor")),
    )
    op.create_index(op.f("ix_factor_construct_key"), "factor", ["construct_key"], unique=False)
    op.create_index(op.f("ix_factor_passage_key"), "factor", ["passage_key"], unique=False)
    op.create_index(op.f("ix_factor_review_key"), "factor", ["review_key"], unique=False)
    op.create_index(op.f("ix_factor_study_key"), "factor", ["study_key"], unique=False)
    op.create_table(
        "gap",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("missing", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["review_key"], ["review.key"], name=op.f("fk_gap_review_key")),
        sa.ForeignKeyConstraint(["study_key"], ["study.key"], name=op.f("fk_gap_study_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_review_key"), "gap", ["review_key"], unique=False)
    op.create_index(op.f("ix_gap_study_key"), "gap", ["study_key"], unique=False)
    op.create_table(
        "implementation_finding",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("outcome_key", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column(
            "voice",
            sa.Enum(
                "patients",
                "caregivers",
                "members",
                "deliverers",
                "professionals",
                "authors",
                "reviewers",
                "service",
                name="voice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "timing",
            sa.Enum(
                "anticipated",
                "actual",
                name="timing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "coded_by",
            sa.Enum(
                "source",
                "curators",
                name="codedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("of_studies", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(study_key IS NULL) <> (review_key IS NULL)",
            name=op.f("ck_implementation_finding_one_origin"),
        ),
        sa.CheckConstraint(
            "studies > 0 AND studies <= of_studies", name=op.f("ck_implementation_finding_count")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_key"],
            ["implementation_outcome.key"],
            name=op.f("fk_implementation_finding_outcome_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_implementation_finding_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_implementation_finding_review_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_implementation_finding_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_implementation_finding")),
    )
    op.create_index(
        op.f("ix_implementation_finding_outcome_key"),
        "implementation_finding",
        ["outcome_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_implementation_finding_passage_key"),
        "implementation_finding",
        ["passage_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_implementation_finding_review_key"),
        "implementation_finding",
        ["review_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_implementation_finding_study_key"),
        "implementation_finding",
        ["study_key"],
        unique=False,
    )
    op.create_table(
        "inclusion",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("review_key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("report_key", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "probable",
                "inferred",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_inclusion_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_inclusion_report_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_inclusion_review_key")
        ),
        sa.ForeignKeyConstraint(["study_key"], ["study.key"], name=op.f("fk_inclusion_study_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inclusion")),
    )
    op.create_index(op.f("ix_inclusion_passage_key"), "inclusion", ["passage_key"], unique=False)
    op.create_index(op.f("ix_inclusion_report_key"), "inclusion", ["report_key"], unique=False)
    op.create_index(op.f("ix_inclusion_review_key"), "inclusion", ["review_key"], unique=False)
    op.create_index(op.f("ix_inclusion_study_key"), "inclusion", ["study_key"], unique=False)
    op.create_table(
        "intervention",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("theory", sa.String(), nullable=True),
        sa.Column("materials", sa.String(), nullable=True),
        sa.Column("procedures", sa.String(), nullable=True),
        sa.Column("facilitation", sa.String(), nullable=True),
        sa.Column(
            "delivery",
            sa.Enum(
                "group",
                "individual",
                "couple",
                "family",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("setting", sa.String(), nullable=True),
        sa.Column(
            "frequency",
            sa.Enum(
                "weekly",
                "fortnightly",
                "monthly",
                "daily",
                "once",
                "varying",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("session_minutes_low", sa.Float(), nullable=True),
        sa.Column("session_minutes_high", sa.Float(), nullable=True),
        sa.Column("sessions_low", sa.Integer(), nullable=True),
        sa.Column("sessions_high", sa.Integer(), nullable=True),
        sa.Column("weeks", sa.Float(), nullable=True),
        sa.Column("schedule", sa.String(), nullable=True),
        sa.Column("tailoring", sa.String(), nullable=True),
        sa.Column("modifications", sa.String(), nullable=True),
        sa.Column("fidelity", sa.String(), nullable=True),
        sa.Column("group_size_low", sa.Integer(), nullable=True),
        sa.Column("group_size_high", sa.Integer(), nullable=True),
        sa.Column("membership", sa.String(), nullable=True),
        sa.CheckConstraint(
            "group_size_low > 0 AND group_size_low <= group_size_high",
            name=op.f("ck_intervention_group_size"),
        ),
        sa.CheckConstraint(
            "session_minutes_low > 0 AND session_minutes_low <= session_minutes_high",
            name=op.f("ck_intervention_minutes"),
        ),
        sa.CheckConstraint(
            "sessions_low > 0 AND sessions_low <= sessions_high",
            name=op.f("ck_intervention_sessions"),
        ),
        sa.CheckConstraint("weeks > 0", name=op.f("ck_intervention_weeks")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_intervention_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_intervention_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_intervention")),
    )
    op.create_index(
        op.f("ix_intervention_passage_key"), "intervention", ["passage_key"], unique=False
    )
    op.create_index(op.f("ix_intervention_study_key"), "intervention", ["study_key"], unique=False)
    op.create_table(
        "measurement",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.Column("outcome_key", sa.String(), nullable=False),
        sa.Column("instrument_key", sa.String(), nullable=True),
        sa.Column("instrument_detail", sa.String(), nullable=True),
        sa.Column("time", sa.String(), nullable=True),
        sa.Column("months", sa.Float(), nullable=True),
        sa.Column("primary_outcome", sa.Boolean(), nullable=True),
        sa.CheckConstraint("months >= 0", name=op.f("ck_measurement_months")),
        sa.ForeignKeyConstraint(
            ["instrument_key"], ["instrument.key"], name=op.f("fk_measurement_instrument_key")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_key"], ["outcome.key"], name=op.f("fk_measurement_outcome_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_measurement_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_measurement_report_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_measurement_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_measurement")),
    )
    op.create_index(
        op.f("ix_measurement_instrument_key"), "measurement", ["instrument_key"], unique=False
    )
    op.create_index(
        op.f("ix_measurement_outcome_key"), "measurement", ["outcome_key"], unique=False
    )
    op.create_index(
        op.f("ix_measurement_passage_key"), "measurement", ["passage_key"], unique=False
    )
    op.create_index(op.f("ix_measurement_report_key"), "measurement", ["report_key"], unique=False)
    op.create_index(op.f("ix_measurement_study_key"), "measurement", ["study_key"], unique=False)
    op.create_table(
        "minimal_important_difference",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instrument_key", sa.String(), nullable=False),
        sa.Column("value_low", sa.Float(), nullable=False),
        sa.Column("value_high", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=True),
        sa.CheckConstraint(
            "value_low <= value_high", name=op.f("ck_minimal_important_difference_low_high")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_key"],
            ["instrument.key"],
            name=op.f("fk_minimal_important_difference_instrument_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"],
            ["passage.key"],
            name=op.f("fk_minimal_important_difference_passage_key"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_minimal_important_difference")),
    )
    op.create_index(
        op.f("ix_minimal_important_difference_instrument_key"),
        "minimal_important_difference",
        ["instrument_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_minimal_important_difference_passage_key"),
        "minimal_important_difference",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "published_pool",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("review_key", sa.String(), nullable=False),
        sa.Column("outcome_key", sa.String(), nullable=False),
        sa.Column("time", sa.String(), nullable=True),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column(
            "statistic",
            sa.Enum(
                "HR",
                "OR",
                "RR",
                "RD",
                "MD",
                "SMD",
                "ES",
                "d",
                "b",
                "t",
                "F",
                "eta2",
                "p",
                name="statistic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("estimate", sa.Float(), nullable=False),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("ci_level", sa.Float(), nullable=True),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column("i2", sa.Float(), nullable=True),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum(
                "favours-intervention",
                "favours-control",
                "no-difference",
                "mixed",
                "unclear",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "statistic NOT IN ('HR', 'OR', 'RR') OR estimate > 0",
            name=op.f("ck_published_pool_ratio_positive"),
        ),
        sa.CheckConstraint("ci_low <= ci_high", name=op.f("ck_published_pool_interval")),
        sa.CheckConstraint("i2 BETWEEN 0 AND 100", name=op.f("ck_published_pool_i2")),
        sa.CheckConstraint("studies > 0", name=op.f("ck_published_pool_studies")),
        sa.ForeignKeyConstraint(
            ["outcome_key"], ["outcome.key"], name=op.f("fk_published_pool_outcome_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_published_pool_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_published_pool_review_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_published_pool")),
    )
    op.create_index(
        op.f("ix_published_pool_outcome_key"), "published_pool", ["outcome_key"], unique=False
    )
    op.create_index(
        op.f("ix_published_pool_passage_key"), "published_pool", ["passage_key"], unique=False
    )
    op.create_index(
        op.f("ix_published_pool_review_key"), "published_pool", ["review_key"], unique=False
    )
    op.create_table(
        "reference_deviation",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instrument_key", sa.String(), nullable=False),
        sa.Column("sd", sa.Float(), nullable=False),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("trials", sa.Integer(), nullable=True),
        sa.CheckConstraint("sd > 0", name=op.f("ck_reference_deviation_positive")),
        sa.ForeignKeyConstraint(
            ["instrument_key"],
            ["instrument.key"],
            name=op.f("fk_reference_deviation_instrument_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_reference_deviation_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reference_deviation")),
    )
    op.create_index(
        op.f("ix_reference_deviation_instrument_key"),
        "reference_deviation",
        ["instrument_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_deviation_passage_key"),
        "reference_deviation",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "scale",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instrument_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=True),
        sa.Column("score_low", sa.Float(), nullable=True),
        sa.Column("score_high", sa.Float(), nullable=True),
        sa.Column(
            "better",
            sa.Enum(
                "higher",
                "lower",
                "by-subscale",
                "neither",
                name="better",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_key"], ["instrument.key"], name=op.f("fk_scale_instrument_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_scale")),
    )
    op.create_index(op.f("ix_scale_instrument_key"), "scale", ["instrument_key"], unique=False)
    op.create_table(
        "strategy",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("eric_key", sa.String(), nullable=True),
        sa.Column(
            "coded_by",
            sa.Enum(
                "source",
                "curators",
                name="codedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "probable",
                "inferred",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(study_key IS NULL) <> (review_key IS NULL)", name=op.f("ck_strategy_one_origin")
        ),
        sa.ForeignKeyConstraint(
            ["eric_key"], ["eric_strategy.key"], name=op.f("fk_strategy_eric_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_strategy_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_strategy_review_key")
        ),
        sa.ForeignKeyConstraint(["study_key"], ["study.key"], name=op.f("fk_strategy_study_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_strategy")),
    )
    op.create_index(op.f("ix_strategy_eric_key"), "strategy", ["eric_key"], unique=False)
    op.create_index(op.f("ix_strategy_passage_key"), "strategy", ["passage_key"], unique=False)
    op.create_index(op.f("ix_strategy_review_key"), "strategy", ["review_key"], unique=False)
    op.create_index(op.f("ix_strategy_study_key"), "strategy", ["study_key"], unique=False)
    op.create_table(
        "study_cancer",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("cancer_key", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cancer_key"], ["cancer.key"], name=op.f("fk_study_cancer_cancer_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_study_cancer_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_study_cancer_study_key")
        ),
        sa.PrimaryKeyConstraint("study_key", "cancer_key", name=op.f("pk_study_cancer")),
    )
    op.create_index(
        op.f("ix_study_cancer_passage_key"), "study_cancer", ["passage_key"], unique=False
    )
    op.create_table(
        "study_country",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("country_key", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country_key"], ["country.key"], name=op.f("fk_study_country_country_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_study_country_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_study_country_study_key")
        ),
        sa.PrimaryKeyConstraint("study_key", "country_key", name=op.f("pk_study_country")),
    )
    op.create_index(
        op.f("ix_study_country_passage_key"), "study_country", ["passage_key"], unique=False
    )
    op.create_table(
        "study_report",
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("report_key", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "primary",
                "companion",
                "methods",
                "comment",
                name="reportrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_study_report_report_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_study_report_study_key")
        ),
        sa.PrimaryKeyConstraint("study_key", "report_key", name=op.f("pk_study_report")),
    )
    op.create_table(
        "theme_finding",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=True),
        sa.Column("review_key", sa.String(), nullable=True),
        sa.Column("theme_key", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column(
            "voice",
            sa.Enum(
                "patients",
                "caregivers",
                "members",
                "deliverers",
                "professionals",
                "authors",
                "reviewers",
                "service",
                name="voice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "coded_by",
            sa.Enum(
                "source",
                "curators",
                name="codedby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("studies", sa.Integer(), nullable=True),
        sa.Column("of_studies", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(study_key IS NULL) <> (review_key IS NULL)", name=op.f("ck_theme_finding_one_origin")
        ),
        sa.CheckConstraint(
            "studies > 0 AND studies <= of_studies", name=op.f("ck_theme_finding_count")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_theme_finding_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["review_key"], ["review.key"], name=op.f("fk_theme_finding_review_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_theme_finding_study_key")
        ),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_theme_finding_theme_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_theme_finding")),
    )
    op.create_index(
        op.f("ix_theme_finding_passage_key"), "theme_finding", ["passage_key"], unique=False
    )
    op.create_index(
        op.f("ix_theme_finding_review_key"), "theme_finding", ["review_key"], unique=False
    )
    op.create_index(
        op.f("ix_theme_finding_study_key"), "theme_finding", ["study_key"], unique=False
    )
    op.create_index(
        op.f("ix_theme_finding_theme_key"), "theme_finding", ["theme_key"], unique=False
    )
    op.create_table(
        "arm",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "intervention",
                "control",
                name="armrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("intervention_key", sa.String(), nullable=True),
        sa.Column("comparator_key", sa.String(), nullable=True),
        sa.CheckConstraint(
            "comparator_key IS NULL OR role = 'control'", name=op.f("ck_arm_comparator_of_control")
        ),
        sa.CheckConstraint(
            "role <> 'control' OR comparator_key IS NOT NULL",
            name=op.f("ck_arm_control_has_comparator"),
        ),
        sa.ForeignKeyConstraint(
            ["comparator_key"], ["comparator.key"], name=op.f("fk_arm_comparator_key")
        ),
        sa.ForeignKeyConstraint(
            ["intervention_key"], ["intervention.key"], name=op.f("fk_arm_intervention_key")
        ),
        sa.ForeignKeyConstraint(["passage_key"], ["passage.key"], name=op.f("fk_arm_passage_key")),
        sa.ForeignKeyConstraint(["study_key"], ["study.key"], name=op.f("fk_arm_study_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_arm")),
    )
    op.create_index(op.f("ix_arm_comparator_key"), "arm", ["comparator_key"], unique=False)
    op.create_index(op.f("ix_arm_intervention_key"), "arm", ["intervention_key"], unique=False)
    op.create_index(op.f("ix_arm_passage_key"), "arm", ["passage_key"], unique=False)
    op.create_index(op.f("ix_arm_study_key"), "arm", ["study_key"], unique=False)
    op.create_table(
        "finding",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("measurement_key", sa.String(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "favours-intervention",
                "favours-control",
                "no-difference",
                "mixed",
                "unclear",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "interval",
                "test",
                "significance-statement",
                "estimate",
                "statement",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("analysis", sa.String(), nullable=True),
        sa.Column("population", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["measurement_key"], ["measurement.key"], name=op.f("fk_finding_measurement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_finding_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_finding")),
    )
    op.create_index(
        op.f("ix_finding_measurement_key"), "finding", ["measurement_key"], unique=False
    )
    op.create_index(op.f("ix_finding_passage_key"), "finding", ["passage_key"], unique=False)
    op.create_table(
        "intervention_approach",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("intervention_key", sa.String(), nullable=False),
        sa.Column("approach_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approach_key"], ["approach.key"], name=op.f("fk_intervention_approach_approach_key")
        ),
        sa.ForeignKeyConstraint(
            ["intervention_key"],
            ["intervention.key"],
            name=op.f("fk_intervention_approach_intervention_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_intervention_approach_passage_key")
        ),
        sa.PrimaryKeyConstraint(
            "intervention_key", "approach_key", name=op.f("pk_intervention_approach")
        ),
    )
    op.create_index(
        op.f("ix_intervention_approach_passage_key"),
        "intervention_approach",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "intervention_component",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("intervention_key", sa.String(), nullable=False),
        sa.Column("component_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_key"],
            ["component.key"],
            name=op.f("fk_intervention_component_component_key"),
        ),
        sa.ForeignKeyConstraint(
            ["intervention_key"],
            ["intervention.key"],
            name=op.f("fk_intervention_component_intervention_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_intervention_component_passage_key")
        ),
        sa.PrimaryKeyConstraint(
            "intervention_key", "component_key", name=op.f("pk_intervention_component")
        ),
    )
    op.create_index(
        op.f("ix_intervention_component_passage_key"),
        "intervention_component",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "intervention_facilitator",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("intervention_key", sa.String(), nullable=False),
        sa.Column("profession_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intervention_key"],
            ["intervention.key"],
            name=op.f("fk_intervention_facilitator_intervention_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_intervention_facilitator_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["profession_key"],
            ["profession.key"],
            name=op.f("fk_intervention_facilitator_profession_key"),
        ),
        sa.PrimaryKeyConstraint(
            "intervention_key", "profession_key", name=op.f("pk_intervention_facilitator")
        ),
    )
    op.create_index(
        op.f("ix_intervention_facilitator_passage_key"),
        "intervention_facilitator",
        ["passage_key"],
        unique=False,
    )
    op.create_table(
        "intervention_mode",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("intervention_key", sa.String(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "in-person",
                "telephone",
                "video",
                "online",
                "written",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["intervention_key"],
            ["intervention.key"],
            name=op.f("fk_intervention_mode_intervention_key"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_intervention_mode_passage_key")
        ),
        sa.PrimaryKeyConstraint("intervention_key", "mode", name=op.f("pk_intervention_mode")),
    )
    op.create_index(
        op.f("ix_intervention_mode_passage_key"), "intervention_mode", ["passage_key"], unique=False
    )
    op.create_table(
        "position",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("disagreement_key", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disagreement_key"], ["disagreement.key"], name=op.f("fk_position_disagreement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_position_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_position")),
    )
    op.create_index(
        op.f("ix_position_disagreement_key"), "position", ["disagreement_key"], unique=False
    )
    op.create_index(op.f("ix_position_passage_key"), "position", ["passage_key"], unique=False)
    op.create_table(
        "risk_of_bias",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("measurement_key", sa.String(), nullable=True),
        sa.Column(
            "tool",
            sa.Enum(
                "RoB 1",
                "RoB 2",
                "ROBINS-I",
                name="riskofbiastool",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("judgement", sa.String(), nullable=False),
        sa.Column("assessor", sa.String(), nullable=False),
        sa.Column("support", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["measurement_key"], ["measurement.key"], name=op.f("fk_risk_of_bias_measurement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_risk_of_bias_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_risk_of_bias_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_risk_of_bias")),
    )
    op.create_index(
        op.f("ix_risk_of_bias_measurement_key"), "risk_of_bias", ["measurement_key"], unique=False
    )
    op.create_index(
        op.f("ix_risk_of_bias_passage_key"), "risk_of_bias", ["passage_key"], unique=False
    )
    op.create_index(op.f("ix_risk_of_bias_study_key"), "risk_of_bias", ["study_key"], unique=False)
    op.create_table(
        "arm_result",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("measurement_key", sa.String(), nullable=False),
        sa.Column("arm_key", sa.String(), nullable=False),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=True),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("sd", sa.Float(), nullable=True),
        sa.Column("se", sa.Float(), nullable=True),
        sa.Column("median", sa.Float(), nullable=True),
        sa.Column("percent", sa.Float(), nullable=True),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("ci_level", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("derivation_key", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("ci_low <= ci_high", name=op.f("ck_arm_result_interval")),
        sa.CheckConstraint("events >= 0 AND events <= n", name=op.f("ck_arm_result_events")),
        sa.CheckConstraint(
            "events IS NOT NULL OR mean IS NOT NULL OR median IS NOT NULL OR percent IS NOT NULL",
            name=op.f("ck_arm_result_some_value"),
        ),
        sa.CheckConstraint("n >= 0", name=op.f("ck_arm_result_n")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_arm_result_percent")),
        sa.CheckConstraint("sd >= 0", name=op.f("ck_arm_result_sd")),
        sa.CheckConstraint("se >= 0", name=op.f("ck_arm_result_se")),
        sa.ForeignKeyConstraint(["arm_key"], ["arm.key"], name=op.f("fk_arm_result_arm_key")),
        sa.ForeignKeyConstraint(
            ["derivation_key"], ["derivation.key"], name=op.f("fk_arm_result_derivation_key")
        ),
        sa.ForeignKeyConstraint(
            ["measurement_key"], ["measurement.key"], name=op.f("fk_arm_result_measurement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_arm_result_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_arm_result")),
    )
    op.create_index(op.f("ix_arm_result_arm_key"), "arm_result", ["arm_key"], unique=False)
    op.create_index(
        op.f("ix_arm_result_derivation_key"), "arm_result", ["derivation_key"], unique=False
    )
    op.create_index(
        op.f("ix_arm_result_measurement_key"), "arm_result", ["measurement_key"], unique=False
    )
    op.create_index(op.f("ix_arm_result_passage_key"), "arm_result", ["passage_key"], unique=False)
    op.create_table(
        "characteristic",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "age",
                "allocation",
                "attendance",
                "baseline",
                "blinding",
                "cost",
                "data",
                "follow-up",
                "funding",
                "hypothesis",
                "moderator",
                "mortality",
                "prognosis",
                "recruitment",
                "setting",
                "treatment",
                "other",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("arm_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["arm_key"], ["arm.key"], name=op.f("fk_characteristic_arm_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_characteristic_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_characteristic_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_characteristic")),
    )
    op.create_index(op.f("ix_characteristic_arm_key"), "characteristic", ["arm_key"], unique=False)
    op.create_index(
        op.f("ix_characteristic_passage_key"), "characteristic", ["passage_key"], unique=False
    )
    op.create_index(
        op.f("ix_characteristic_study_key"), "characteristic", ["study_key"], unique=False
    )
    op.create_table(
        "contrast",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("measurement_key", sa.String(), nullable=False),
        sa.Column("arm_key", sa.String(), nullable=True),
        sa.Column("comparator_arm_key", sa.String(), nullable=True),
        sa.Column(
            "statistic",
            sa.Enum(
                "HR",
                "OR",
                "RR",
                "RD",
                "MD",
                "SMD",
                "ES",
                "d",
                "b",
                "t",
                "F",
                "eta2",
                "p",
                name="statistic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("estimate", sa.Float(), nullable=True),
        sa.Column("ci_low", sa.Float(), nullable=True),
        sa.Column("ci_high", sa.Float(), nullable=True),
        sa.Column("ci_level", sa.Float(), nullable=True),
        sa.Column("se", sa.Float(), nullable=True),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column(
            "p_relation",
            sa.Enum(
                "=",
                "<",
                "<=",
                ">",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("adjusted", sa.Boolean(), nullable=False),
        sa.Column("adjusted_for", sa.String(), nullable=True),
        sa.Column("analysis", sa.String(), nullable=True),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column("derivation_key", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "statistic NOT IN ('HR', 'OR', 'RR') OR estimate > 0",
            name=op.f("ck_contrast_ratio_positive"),
        ),
        sa.CheckConstraint(
            "(p IS NULL) = (p_relation IS NULL)", name=op.f("ck_contrast_p_relation")
        ),
        sa.CheckConstraint("ci_low <= ci_high", name=op.f("ck_contrast_interval")),
        sa.CheckConstraint(
            "estimate IS NOT NULL OR p IS NOT NULL", name=op.f("ck_contrast_some_value")
        ),
        sa.CheckConstraint("n >= 0", name=op.f("ck_contrast_n")),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name=op.f("ck_contrast_p")),
        sa.CheckConstraint("se >= 0", name=op.f("ck_contrast_se")),
        sa.ForeignKeyConstraint(["arm_key"], ["arm.key"], name=op.f("fk_contrast_arm_key")),
        sa.ForeignKeyConstraint(
            ["comparator_arm_key"], ["arm.key"], name=op.f("fk_contrast_comparator_arm_key")
        ),
        sa.ForeignKeyConstraint(
            ["derivation_key"], ["derivation.key"], name=op.f("fk_contrast_derivation_key")
        ),
        sa.ForeignKeyConstraint(
            ["measurement_key"], ["measurement.key"], name=op.f("fk_contrast_measurement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_contrast_passage_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contrast")),
    )
    op.create_index(op.f("ix_contrast_arm_key"), "contrast", ["arm_key"], unique=False)
    op.create_index(
        op.f("ix_contrast_comparator_arm_key"), "contrast", ["comparator_arm_key"], unique=False
    )
    op.create_index(
        op.f("ix_contrast_derivation_key"), "contrast", ["derivation_key"], unique=False
    )
    op.create_index(
        op.f("ix_contrast_measurement_key"), "contrast", ["measurement_key"], unique=False
    )
    op.create_index(op.f("ix_contrast_passage_key"), "contrast", ["passage_key"], unique=False)
    op.create_table(
        "participants",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_key", sa.String(), nullable=False),
        sa.Column("arm_key", sa.String(), nullable=True),
        sa.Column("report_key", sa.String(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "patients",
                "caregivers",
                "professionals",
                "leaders",
                "members",
                name="participantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "flow",
            sa.Enum(
                "approached",
                "enrolled",
                "randomised",
                "analysed",
                "completed",
                name="flow",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_participants_number")),
        sa.ForeignKeyConstraint(["arm_key"], ["arm.key"], name=op.f("fk_participants_arm_key")),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_participants_passage_key")
        ),
        sa.ForeignKeyConstraint(
            ["report_key"], ["report.key"], name=op.f("fk_participants_report_key")
        ),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.key"], name=op.f("fk_participants_study_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_participants")),
    )
    op.create_index(op.f("ix_participants_arm_key"), "participants", ["arm_key"], unique=False)
    op.create_index(
        op.f("ix_participants_passage_key"), "participants", ["passage_key"], unique=False
    )
    op.create_index(
        op.f("ix_participants_report_key"), "participants", ["report_key"], unique=False
    )
    op.create_index(op.f("ix_participants_study_key"), "participants", ["study_key"], unique=False)
    op.create_table(
        "survival_time",
        sa.Column("passage_key", sa.String(), nullable=False),
        sa.Column("measurement_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arm_key", sa.String(), nullable=False),
        sa.Column("months", sa.Float(), nullable=False),
        sa.Column("died", sa.Boolean(), nullable=False),
        sa.CheckConstraint("months >= 0", name=op.f("ck_survival_time_months")),
        sa.ForeignKeyConstraint(["arm_key"], ["arm.key"], name=op.f("fk_survival_time_arm_key")),
        sa.ForeignKeyConstraint(
            ["measurement_key"], ["measurement.key"], name=op.f("fk_survival_time_measurement_key")
        ),
        sa.ForeignKeyConstraint(
            ["passage_key"], ["passage.key"], name=op.f("fk_survival_time_passage_key")
        ),
        sa.PrimaryKeyConstraint("measurement_key", "position", name=op.f("pk_survival_time")),
    )
    op.create_index(op.f("ix_survival_time_arm_key"), "survival_time", ["arm_key"], unique=False)
    op.create_index(
        op.f("ix_survival_time_passage_key"), "survival_time", ["passage_key"], unique=False
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("survival_time")
    op.drop_table("participants")
    op.drop_table("contrast")
    op.drop_table("characteristic")
    op.drop_table("arm_result")
    op.drop_table("risk_of_bias")
    op.drop_table("position")
    op.drop_table("intervention_mode")
    op.drop_table("intervention_facilitator")
    op.drop_table("intervention_component")
    op.drop_table("intervention_approach")
    op.drop_table("finding")
    op.drop_table("arm")
    op.drop_table("theme_finding")
    op.drop_table("study_report")
    op.drop_table("study_country")
    op.drop_table("study_cancer")
    op.drop_table("strategy")
    op.drop_table("scale")
    op.drop_table("reference_deviation")
    op.drop_table("published_pool")
    op.drop_table("minimal_important_difference")
    op.drop_table("measurement")
    op.drop_table("intervention")
    op.drop_table("inclusion")
    op.drop_table("implementation_finding")
    op.drop_table("gap")
    op.drop_table("factor")
    op.drop_table("disagreement")
    op.drop_table("claim_value")
    op.drop_table("cfir_eric_match")
    op.drop_table("certainty")
    op.drop_table("study")
    op.drop_table("outcome")
    op.drop_table("instrument")
    op.drop_table("eric_strategy")
    op.drop_table("claim")
    op.drop_table("theme")
    op.drop_table("strategy_cluster")
    op.drop_table("review")
    op.drop_table("profession")
    op.drop_table("outcome_area")
    op.drop_table("implementation_outcome")
    op.drop_table("further_passage")
    op.drop_table("design")
    op.drop_table("country")
    op.drop_table("construct")
    op.drop_table("component")
    op.drop_table("comparator")
    op.drop_table("cancer")
    op.drop_table("approach")
    op.drop_table("passage")
    op.drop_table("derivation")
    op.drop_table("synonym")
    op.drop_table("store_fact")
    op.drop_table("search_entry")
    op.drop_table("report")
