import itertools
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, select

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import SeedProblems, StillUsed, load
from kb.curation.rows import passage_key
from kb.errors import KbError
from kb.store.engine import reading
from kb_schema.tables import metadata
from tests.curation.conftest import Own, in_a_file

BETWEEN = passage_key("second-2003", "abstract", "Between 1993 and 1998")
OWN_STUDY = """\
study:
  key: own-2020
  label: Own 2020
  design: rct
  passage: &p {report: first-2001, locator: p. 9, seen: full-text, quote: another trial}
  countries:
    - {country: usa, passage: *p}
"""


def test_every_table_gets_its_rows(own: Own) -> None:
    with reading(own.engine) as connection:
        empty = [
            table.name
            for table in metadata.sorted_tables
            if connection.execute(select(table).limit(1)).first() is None
        ]

    assert empty == ["record_change"], "what fills an empty store is one event"


def test_second_load_changes_nothing(own: Own) -> None:
    before = own.contents()

    assert own.load() == []
    assert own.contents() == before


def test_one_number_that_is_edited_is_the_whole_difference(own: Own) -> None:
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    difference = load(own.engine, own.folder, dry_run=True)
    (change,) = difference.changes

    assert (change.kind, change.table, change.key) == (
        "changed",
        "contrast",
        "first-2001/survival/hr",
    )
    assert change.fields == {"estimate": (1.06, 1.07)}
    assert own.load() == [("changed", "contrast", "first-2001/survival/hr")]
    assert own.load() == []


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (
            "    - {key: randomised, kind: patients,",
            """\
    - {key: analysed, kind: patients, flow: analysed, number: 9, passage: *design}
    - {key: randomised, kind: patients,""",
            {("added", "participants", "first-2001/analysed")},
        ),
        (
            "  synonyms: [best]\n",
            "  synonyms: [best, trial of the year]\n",
            {("added", "synonym", "study/trial of the year/first-2001")},
        ),
        (
            "  synonyms: [best]\n",
            "",
            {("removed", "synonym", "study/best/first-2001")},
        ),
        (
            "    - {cancer: breast, stage: metastatic, passage: *design}\n",
            "    - {cancer: breast, stage: advanced, passage: *design}\n",
            {("changed", "study_cancer", "first-2001/breast")},
        ),
        (
            "        - {arm: segt, months: 17.9, died: true, passage: *survival}\n",
            "",
            {
                ("changed", "survival_time", "first-2001/survival/0"),
                ("removed", "survival_time", "first-2001/survival/1"),
            },
        ),
        (
            "        - {key: first, statement: 235 women, passage: *design}\n",
            """\
        - {key: first, statement: 235 women, passage: *design}
        - {key: second, statement: 237 women, passage: *pain}
""",
            {("added", "position", "first-2001/number/second")},
        ),
        (
            "    - {field: recruitment_start, report:",
            "    - {field: recruitment_end, report:",
            {
                (
                    "removed",
                    "further_passage",
                    f"study/first-2001/recruitment_start/{BETWEEN}",
                ),
                (
                    "added",
                    "further_passage",
                    f"study/first-2001/recruitment_end/{BETWEEN}",
                ),
            },
        ),
        (
            "seen: record, quote: median survival 17.9 months",
            "seen: full-text, quote: median survival 17.9 months",
            {
                (
                    "changed",
                    "passage",
                    passage_key("second-2003", "table 2", "median survival 17.9 months"),
                )
            },
        ),
    ],
)
def test_nested_records_come_change_and_go(
    own: Own, old: str, new: str, changes: set[tuple[str, str, str]]
) -> None:
    own.edit(own.study, old, new)
    text = own.study.read_text("utf-8")

    assert set(own.load()) == changes
    assert own.load() == []

    own.study.write_text(text.replace(new, old, 1) if new else text, encoding="utf-8")


def test_whole_branch_goes_with_the_record_it_is_nested_in(own: Own) -> None:
    study = yaml.safe_load(own.study.read_text("utf-8"))
    measurement = study["study"]["measurements"].pop(1)
    assert measurement["key"] == "survival"
    own.study.write_text(yaml.safe_dump(study), encoding="utf-8")

    assert {(kind, table) for kind, table, _ in own.load()} == {
        ("removed", "measurement"),
        ("removed", "contrast"),
        ("removed", "survival_time"),
    }
    assert own.keys("measurement") == {"first-2001/pain"}


def test_records_that_the_files_do_not_mention_stay(own: Own, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN_STUDY, encoding="utf-8")
    own.load(file)

    assert own.load() == []
    assert own.keys("study") == {"first-2001", "own-2020"}
    assert own.load(file) == []


def test_a_claim_about_a_review_is_not_nested_in_it(own: Own) -> None:
    """Claims of another file that name the review stay where the review's file alone is loaded."""
    assert "free" in own.keys("claim")
    assert own.load(own.review) == []
    assert "free" in own.keys("claim")


def test_orphaned_passages_go_and_shared_ones_stay(own: Own) -> None:
    quotes = {"first-2001/abstract-", "second-2003/table-2-"}
    own.edit(own.study, "quote: median survival 17.9 months", "quote: it was 17.9 months")
    before = own.keys("passage")
    changes = own.load()
    gone, new = before - own.keys("passage"), own.keys("passage") - before

    assert {key[:-8] for key in before} >= quotes
    assert [key[:-8] for key in (*gone, *new)] == ["second-2003/table-2-"] * 2
    assert sum(kind == "added" and table == "passage" for kind, table, _ in changes) == 1

    own.edit(
        own.study,
        "    - {cancer: breast, stage: metastatic, passage: *design}\n",
        "    - {cancer: breast, stage: metastatic, "
        "passage: {report: first-2001, locator: p. 2, seen: record, quote: breast}}\n",
    )
    after = own.keys("passage")
    own.load()

    assert after < own.keys("passage"), "other facts still stand on the passage of the design"


def test_store_after_edits_is_the_store_made_from_the_edited_files(
    own: Own, open_store: Callable[..., Engine], tmp_path: Path, empty_file: Path
) -> None:
    own.edit(own.study, "quote: median survival 17.9 months", "quote: it was 17.9 months")
    own.edit(own.study, "  synonyms: [best]\n", "")
    own.edit(own.study, "recruitment_end: 1998", "recruitment_end: 1999")
    own.edit(own.review, "statement: Groups connect", "statement: Groups connect people")
    own.load()
    shutil.copyfile(empty_file, tmp_path / "fresh.db")
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    load(fresh, own.folder)

    assert Own(fresh, own.folder).hash() == own.hash()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_terms_of_a_tree_load_in_any_order(own: Own, order: tuple[int, ...]) -> None:
    terms = [
        "  - {key: a, name: A}\n",
        "  - {key: b, name: B, parent: a}\n",
        "  - {key: c, name: C, parent: b}\n",
        "  - {key: d, name: D, parent: b}\n",
    ]
    file = own.folder / "tree.yaml"
    file.write_text("outcomes:\n" + "".join(terms[n] for n in order), encoding="utf-8")

    assert sorted(own.load()) == [("added", "outcome", key) for key in "abcd"]


def test_tree_that_is_turned_round(own: Own) -> None:
    own.edit(
        own.vocabularies,
        "  - {key: pain-intensity, name: Intensity of pain, parent: pain}\n",
        "  - {key: pain-intensity, name: Intensity of pain}\n",
    )
    own.edit(own.vocabularies, "name: Pain, area:", "name: Pain, parent: pain-intensity, area:")

    assert set(own.load()) == {
        ("changed", "outcome", "pain"),
        ("changed", "outcome", "pain-intensity"),
    }


def test_deep_chain_of_terms_loads(own: Own) -> None:
    file = own.folder / "chain.yaml"
    numbers = list(range(3000))
    random.Random(1).shuffle(numbers)
    file.write_text(
        "outcomes:\n"
        + "".join(
            f"  - {{key: t{n}, name: T, parent: {f't{n - 1}' if n else 'pain'}}}\n" for n in numbers
        ),
        encoding="utf-8",
    )

    assert len(own.load()) == 3000


def test_values_that_no_two_may_share_can_be_swapped(own: Own) -> None:
    own.edit(own.study, "doi: 10.1000/first", "doi: 10.1000/cochrane")
    own.edit(own.vocabularies, "doi: 10.1000/cochrane", "doi: 10.1000/first")
    own.edit(own.vocabularies, "number: 1015", "number: 9")
    own.edit(own.vocabularies, "number: 1016", "number: 1015")
    own.edit(own.vocabularies, "number: 9", "number: 1016")
    own.edit(own.vocabularies, "iso: CAN", "iso: XXX")
    own.edit(own.vocabularies, "iso: USA", "iso: CAN")
    own.edit(own.vocabularies, "iso: XXX", "iso: USA")

    assert len(own.load()) == 6
    assert own.load() == []


def test_arm_that_is_still_used_cannot_be_taken_out(own: Own) -> None:
    before = own.hash()
    own.edit(
        own.study,
        "    - {key: control, role: control, label: usual care, comparator: usual-care, "
        "passage: *design}\n",
        "",
    )
    with pytest.raises(SeedProblems) as refused:
        own.load()

    told = [
        problem
        for problem in refused.value.problems
        if "'control' is not a known arm" in problem.message
    ]
    assert len(told) == len(refused.value.problems) == 4
    assert own.hash() == before


def test_doi_of_a_record_in_the_store_is_taken(own: Own, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("reports:\n  - {key: a, kind: book, title: A, doi: 10.1000/FIRST}\n", "utf-8")

    with pytest.raises(SeedProblems) as refused:
        own.load(file)

    assert "is the doi of the report 'first-2001' already" in str(refused.value.problems[0])


def test_references_may_point_into_the_store(own: Own, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN_STUDY, encoding="utf-8")

    assert ("added", "study", "own-2020") in own.load(file)


def test_seed_problems_are_all_told_and_nothing_is_loaded(own: Own) -> None:
    before = own.hash()
    own.edit(own.study, "design: rct", "design: rtc")
    own.edit(own.study, "recruitment_end: 1998", "recruitment_end: 1990")
    own.edit(own.review, "level: low", "level: lowest")

    with pytest.raises(SeedProblems) as refused:
        own.load()

    assert refused.value.problem == "The seed files have 3 problems."
    assert refused.value.remedy == "Nothing was loaded."
    assert [problem.field for problem in refused.value.problems] == [
        "certainty.level",
        "study.design",
        "study.recruitment_end",
    ]
    assert own.hash() == before


@pytest.mark.parametrize("name", ["nothing.yaml", "folder"])
def test_nothing_to_load(own: Own, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(KbError, match="There "):
        own.load(tmp_path / name)


def test_dry_run_changes_nothing(own: Own, tmp_path: Path) -> None:
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    before = own.contents()
    difference = load(own.engine, own.folder, dry_run=True)

    assert len(difference.changes) == 1
    assert own.contents() == before
    assert {path.name for path in tmp_path.glob("store.db*")} <= {"store.db"}


def test_store_without_shipped_evidence_says_so(own: Own) -> None:
    assert own.facts()["data_version"] == "own+local"
    assert own.facts()["data_hash"] == own.hash()


def test_words_to_search_follow_the_data(own: Own) -> None:
    entries = metadata.tables["search_entry"]
    with reading(own.engine) as connection:
        before = set(connection.scalars(select(entries.c.kind)))
    own.edit(own.study, "statement: Too few staff", "statement: Too few zebras")
    own.load()
    with reading(own.engine) as connection:
        bodies = connection.scalars(select(entries.c.body).where(entries.c.kind == "factor"))
        found = " ".join(bodies)

    assert "zebras" in found
    assert "staff" not in found
    assert {"study", "report", "outcome", "claim"} <= before


class TestShippedEvidence:
    """What comes with the program beside what a person adds."""

    def test_own_study_stays_when_the_shipped_is_loaded_again(
        self, own_shipped: Own, tmp_path: Path
    ) -> None:
        file = tmp_path / "own.yaml"
        file.write_text(OWN_STUDY, encoding="utf-8")
        own_shipped.load(file)
        own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.08")

        assert own_shipped.load() == [("changed", "contrast", "first-2001/survival/hr")]
        assert "own-2020" in own_shipped.keys("study")

    def test_record_that_is_no_longer_shipped_goes(self, own_shipped: Own) -> None:
        own_shipped.edit(
            own_shipped.study, "  key: first-2001\n  label", "  key: first-2001-best\n  label"
        )
        changed = own_shipped.load()

        assert own_shipped.keys("study") == {"first-2001-best"}
        assert ("removed", "study", "first-2001") in changed
        assert ("added", "study", "first-2001-best") in changed
        assert own_shipped.load() == []

    def test_report_that_gets_another_key_keeps_its_doi(self, own_shipped: Own) -> None:
        text = own_shipped.study.read_text("utf-8").replace("second-2003", "second-2004")
        own_shipped.study.write_text(text, encoding="utf-8")
        own_shipped.load()

        assert own_shipped.keys("report") == {"cochrane-2013", "first-2001", "second-2004"}
        assert not any(key.startswith("second-2003") for key in own_shipped.keys("passage"))

    def test_term_that_is_no_longer_shipped_but_still_used(
        self, own_shipped: Own, tmp_path: Path
    ) -> None:
        file = tmp_path / "own.yaml"
        file.write_text(OWN_STUDY, encoding="utf-8")
        own_shipped.load(file)
        before = own_shipped.hash()
        own_shipped.edit(
            own_shipped.vocabularies, "  - {key: usa, name: United States, iso: USA}\n", ""
        )

        for dry_run in (True, False):
            with pytest.raises(StillUsed) as refused:
                load(own_shipped.engine, own_shipped.folder, dry_run=dry_run)
            assert refused.value.problem == (
                "What the evidence no longer has is still used: "
                "study country 'own-2020/usa' uses country 'usa'."
            )
        assert own_shipped.hash() == before
        assert own_shipped.load(file) == []

    def test_report_that_is_no_longer_shipped_but_quoted_by_an_own_study(
        self, own_shipped: Own, tmp_path: Path
    ) -> None:
        file = tmp_path / "own.yaml"
        file.write_text(OWN_STUDY, encoding="utf-8")
        own_shipped.load(file)
        own_shipped.study.unlink()

        with pytest.raises(StillUsed, match=r"study 'own-2020' uses passage .* \(2 rows do so\)"):
            own_shipped.load()

    def test_term_that_shipped_records_still_use(self, own_shipped: Own) -> None:
        before = own_shipped.hash()
        own_shipped.edit(
            own_shipped.vocabularies, "  - {key: canada, name: Canada, iso: CAN}\n", ""
        )

        with pytest.raises(SeedProblems) as refused:
            own_shipped.load()

        assert "'canada' is not a known country" in refused.value.problems[0].message
        assert own_shipped.hash() == before

    def test_branch_of_a_tree_that_is_no_longer_shipped(self, own_shipped: Own) -> None:
        tree = own_shipped.folder / "tree.yaml"
        tree.write_text(
            "outcomes:\n  - {key: a, name: A}\n  - {key: b, name: B, parent: a}\n"
            "  - {key: c, name: C, parent: b, synonyms: [sea]}\n",
            encoding="utf-8",
        )
        own_shipped.load()
        tree.unlink()

        assert set(own_shipped.load()) == {
            ("removed", "outcome", "a"),
            ("removed", "outcome", "b"),
            ("removed", "outcome", "c"),
            ("removed", "synonym", "outcome/sea/c"),
        }

    def test_what_a_person_loads_becomes_that_persons(
        self, own_shipped: Own, tmp_path: Path
    ) -> None:
        own_shipped.edit(own_shipped.review, "statement: Groups connect", "statement: Groups unite")
        own_shipped.load()
        mine = tmp_path / "mine.yaml"
        shutil.copy(own_shipped.review, mine)
        text = mine.read_text("utf-8").replace("Groups unite", "Groups join")
        mine.write_text(text, encoding="utf-8")
        own_shipped.load(mine)
        own_shipped.review.unlink()
        own_shipped.edit(
            own_shipped.study,
            "    - {key: cochrane-2013, review: cochrane-2013, report: first-2001, "
            "status: probable, basis: It is of the right kind, passage: *design}\n",
            "    []\n",
        )
        own_shipped.edit(
            own_shipped.study, "status: confirmed, review: cochrane-2013,", "status: confirmed,"
        )
        own_shipped.load()

        assert own_shipped.keys("review") == {"cochrane-2013"}

    def test_version_tells_whether_the_data_are_as_shipped(
        self, own_shipped: Own, tmp_path: Path
    ) -> None:
        assert own_shipped.facts()["data_version"] == "2099.1"
        assert own_shipped.facts()["data_hash"] == own_shipped.hash()

        mine = tmp_path / "mine"
        shutil.copytree(own_shipped.folder, mine)
        edited = (mine / "study.yaml").read_text("utf-8").replace("estimate: 1.06", "estimate: 3")
        (mine / "study.yaml").write_text(edited, encoding="utf-8")
        own_shipped.load(mine)
        assert own_shipped.facts()["data_version"] == "2099.1+local"

        own_shipped.load(own_shipped.folder)
        assert own_shipped.facts()["data_version"] == "2099.1"

        file = tmp_path / "own.yaml"
        file.write_text(OWN_STUDY, encoding="utf-8")
        own_shipped.load(file)
        assert own_shipped.facts()["data_version"] == "2099.1+local"

        own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.08")
        own_shipped.load()
        assert own_shipped.facts()["data_version"] == "2099.1+local", "an own study is there still"


@in_a_file
def test_first_load_of_the_shipped_evidence_is_quick(empty: Engine) -> None:
    start = time.process_time()
    difference = load(empty, shipped_seeds())

    assert len(difference.of_kind("added")) == len(difference.changes) > 5_000
    assert time.process_time() - start < 8, "about 2 s on the machine it was written on"
