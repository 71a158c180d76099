"""Cochrane data packages: made-up ones in every layout, as drafts."""

from contextlib import suppress
from math import exp
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange.drafts import Fate, Reading, ReviewDraft, StudyDraft
from kb.exchange.files import FileProblem, open_file
from kb.exchange.readers import cochrane_package, revman5
from tests.exchange.revman_files import (
    MADE_UP,
    STUDIES,
    accounted,
    analysis,
    csv_text,
    data_rows,
    package,
    package_tables,
    rm5,
    saved,
    zipped,
)

ROWS = "analysis-data/X-data-rows.csv"
SETTINGS = "analysis-data/X-overall-estimates-and-settings.csv"
SUBGROUPS = "analysis-data/X-subgroup-estimates.csv"
RISK = "study-data/X-risk-of-bias.csv"
REFERENCES = "study-data/X-included.ris"


def read(folder: Path, content: bytes, name: str = "made-up.zip") -> Reading:
    return cochrane_package.read(saved(folder, name, content), {})


def read_tables(folder: Path, tables: dict[str, str]) -> Reading:
    return read(folder, zipped(tables))


def study(found: Reading, name: str = "Ash 2001") -> StudyDraft:
    return next(each for each in found.studies() if each.name == name)


def review(found: Reading) -> ReviewDraft:
    assert found.review is not None
    return found.review


def rules(found: Reading, fate: Fate) -> list[str]:
    return [note.rule for note in found.notes if note.fate == fate]


def test_a_package_says_what_the_rm5_of_the_same_review_says(tmp_path: Path) -> None:
    """All but the numbers of rows and of printed digits."""
    made = [each for each in MADE_UP if each["number"] != "2.2"]
    web = read(tmp_path, package(made))
    old = revman5.read(saved(tmp_path, "made-up.rm5", rm5(made)), {})
    for one, other in zip(web.studies(), old.studies(), strict=True):
        assert (one.name, one.year, [arm.name for arm in one.arms]) == (
            other.name,
            other.year,
            [arm.name for arm in other.arms],
        )
        for mine, others in zip(one.measurements, other.measurements, strict=True):
            assert mine.outcome == others.outcome
            assert [
                (r.arm, r.population, r.n, r.events, r.mean, r.sd) for r in mine.arm_results
            ] == [(r.arm, r.population, r.n, r.events, r.mean, r.sd) for r in others.arm_results]
            assert [(c.statistic, c.estimate, c.se) for c in mine.contrasts] == [
                (c.statistic, c.estimate, c.se) for c in others.contrasts
            ]
    for pool, stated in zip(review(web).pools, review(old).pools, strict=True):
        same = ("name", "subgroup", "statistic", "model", "method", "data_type", "ci_level")
        assert [getattr(pool, name) for name in same] == [getattr(stated, name) for name in same]
        assert pool.estimate == pytest.approx(stated.estimate, abs=1e-6)


@pytest.mark.parametrize(
    "files",
    [
        package_tables(),
        {f"made-up/folder/{name}": text for name, text in package_tables().items()},
        {name.rpartition("/")[2]: text for name, text in package_tables().items()},
        {name.replace("X-", "CD000000-"): text for name, text in package_tables().items()},
        {"X-files/X-data.zip": package(), "X-article.pdf": b"%PDF made up"},
        {"X-files/X-data.zip": package(), **package_tables()},
    ],
    ids=["data archive", "deeper folder", "flat", "another prefix", "outer archive", "both"],
)
def test_every_layout_gives_the_same(files: dict[str, str | bytes], tmp_path: Path) -> None:
    found = read(tmp_path, zipped(files))
    plain = read(tmp_path, package(), "plain.zip")
    assert list(found.studies()) == list(plain.studies())
    assert review(found).pools == review(plain).pools


def test_every_row_is_accounted_for_under_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, package())
    rows = sum(len(list(data_rows(made))) for made in MADE_UP)
    assert found.rows == rows + len(STUDIES)
    assert len(accounted(found)) == found.rows
    assert study(found).measurements[0].row == 2
    assert (
        study(found)
        .words[2]
        .startswith(
            "Study=Ash_2001 Experimental_cases=12 Experimental_N=60 Control_cases=20 Control_N=62"
        )
    )


def test_generic_data_are_on_the_log_scale_where_the_package_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, package([analysis("1.8")]))
    (contrast,) = study(found).measurements[0].contrasts
    assert (contrast.statistic, contrast.se) == ("HR", 0.14)
    assert contrast.estimate == pytest.approx(exp(-0.35))


def test_the_settings_of_newer_packages_are_read(tmp_path: Path) -> None:
    (pool,) = review(read(tmp_path, package([analysis("2.2")]))).pools
    assert (pool.estimator, pool.test, pool.model) == ("REML", "knha", "random")


def test_an_older_package_has_no_estimator(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.7")])
    tables[SETTINGS] = tables[SETTINGS].replace("Heterogeneity estimator", "Filter criteria")
    (pool,) = review(read_tables(tmp_path, tables)).pools
    assert (pool.estimator, pool.test) == ("DL", "z")


def test_an_unknown_estimator_is_said(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.7")])
    tables[SETTINGS] = tables[SETTINGS].replace("DerSimonian and Laird", "Made-up estimator")
    assert rules(read_tables(tmp_path, tables), Fate.WARNED) == ["unknown estimator"]


def test_a_row_may_be_in_its_subgroup_alone(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.2")])
    head, sign, tail = tables[ROWS].partition("SUBGROUP_AND_OVERALL")
    tables[ROWS] = f"{head}SUBGROUP{tail}"
    overall, online, _ = review(read_tables(tmp_path, tables)).pools
    assert sign
    assert "Ash 2001" not in [each.study for each in overall.members]
    assert "Ash 2001" in [each.study for each in online.members]


def test_a_result_of_zeros_is_none(tmp_path: Path) -> None:
    """As in the public example of R's meta, whose second analysis states 0 [0, 0] over data."""
    made = analysis("1.7")
    zeros = {**made, "pool": dict.fromkeys(made["pool"], 0.0)}
    found = read(tmp_path, package([zeros]))
    assert review(found).pools == []
    assert rules(found, Fate.WARNED) == ["no pooled result"]
    assert len(study(found).measurements[0].arm_results) == 2


@pytest.mark.parametrize("off", ["Overall estimates", "Subgroup estimates"])
def test_estimates_that_are_off_are_no_results(off: str, tmp_path: Path) -> None:
    tables = package_tables([analysis("1.2")])
    header, values = tables[SETTINGS].strip().split("\n")
    cells = dict(zip(header.lstrip("\ufeff").split(","), values.split(","), strict=True))
    tables[SETTINGS] = csv_text(header.lstrip("\ufeff"), [{**cells, off: "false"}])
    pools = review(read_tables(tmp_path, tables)).pools
    kept = [None] if off == "Subgroup estimates" else ["online", "in person"]
    assert [pool.subgroup for pool in pools] == kept


def test_rows_without_settings_are_refused(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1"), analysis("1.6")])
    tables[SETTINGS] = package_tables([analysis("1.1")])[SETTINGS]
    found = read_tables(tmp_path, tables)
    assert rules(found, Fate.REFUSED) == ["no settings"] * 4
    assert len(accounted(found)) == found.rows


def test_an_unknown_data_type_is_said(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables[SETTINGS] = tables[SETTINGS].replace("Dichotomous", "Made-up type")
    found = read_tables(tmp_path, tables)
    assert rules(found, Fate.WARNED)[0] == "unknown data type"
    assert study(found).measurements[0].arm_results == []


@pytest.mark.parametrize("column", ["Experimental mean", "Weight"])
def test_a_number_with_a_comma_refuses_its_row(column: str, tmp_path: Path) -> None:
    tables = package_tables([analysis("1.6")])
    header, first, *rest = tables[ROWS].strip().split("\n")
    names = header.lstrip("\ufeff").split(",")
    cells = dict(zip(names, first.split(","), strict=True)) | {column: "10;2"}
    line = ",".join(cells.values()).replace("10;2", '"10,2"')
    tables[ROWS] = "\n".join([header, line, *rest]) + "\n"
    found = read_tables(tmp_path, tables)
    (note,) = [note for note in found.notes if note.fate == Fate.REFUSED]
    assert note.row == 2
    assert "'10,2' is not a number" in note.message
    assert len(accounted(found)) == found.rows


def test_settings_that_are_there_twice_are_said(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    header, setting = tables[SETTINGS].strip().split("\n")
    tables[SETTINGS] = f"{header}\n{setting}\n{setting}\n"
    found = read_tables(tmp_path, tables)
    assert len(review(found).pools) == 1
    assert "analysis without data" in rules(found, Fate.EXPLAINED)


def test_studies_that_the_package_does_not_list_are_taken_and_said(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables["study-data/X-study-information.csv"] = "\ufeffStudy,Year\nAsh 2001,2001\n"
    found = read_tables(tmp_path, tables)
    assert [each.name for each in found.studies()] == list(STUDIES)
    assert rules(found, Fate.WARNED) == ["study not listed"] * (len(STUDIES) - 1)


def test_a_year_that_is_none_is_said(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    information = tables["study-data/X-study-information.csv"]
    tables["study-data/X-study-information.csv"] = information.replace(
        "Ash 2001,2001", "Ash 2001,20015"
    ).replace("Birch 2002,2002", "Birch 2002,2002b")
    found = read_tables(tmp_path, tables)
    assert (study(found).year, study(found, "Birch 2002").year) == (None, 2002)
    (note,) = [note for note in found.notes if note.rule == "no year"]
    assert (note.row, note.fate) == (study(found).row, Fate.WARNED)


RISK_HEADER = (
    "Study,Domain (judgement): Random sequence generation,Domain (support): Random sequence "
    "generation,Domain (judgement): Blinding: All outcomes,Domain (support): Blinding: All outcomes"
)


def test_risk_of_bias_is_kept_verbatim_with_its_tool(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables[RISK] = (
        f"\ufeff{RISK_HEADER}\nAsh 2001,Low risk,<p>By a made-up table</p>,Not applicable,\n"
        "Birch 2002,Not applicable,,Not applicable,\nNobody 1999,High risk,,Low risk,\n"
    )
    found = read_tables(tmp_path, tables)
    (judged,) = study(found).risk_of_bias
    assert (judged.tool, judged.domain) == ("RoB 1", "Random sequence generation")
    assert (judged.judgement, judged.support) == ("Low risk", "By a made-up table")
    assert rules(found, Fate.EXPLAINED) == ["not judged"]
    assert rules(found, Fate.REFUSED) == ["not judged"]
    assert len(accounted(found)) == found.rows


@pytest.mark.parametrize(
    ("domain", "tool"),
    [
        ("Bias arising from the randomization process", "RoB 2"),
        ("Allocation concealment?", "RoB 1"),
        ("Bias due to confounding", "ROBINS-I"),
    ],
)
def test_the_tool_is_known_by_its_domains(domain: str, tool: str, tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables[RISK] = f"\ufeffStudy,Domain (judgement): {domain}\nAsh 2001,Some concerns\n"
    (judged,) = study(read_tables(tmp_path, tables)).risk_of_bias
    assert (judged.tool, judged.judgement) == (tool, "Some concerns")


def test_domains_of_no_tool_are_refused(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables[RISK] = "\ufeffStudy,Domain (judgement): Made-up domain\nAsh 2001,Low risk\n"
    found = read_tables(tmp_path, tables)
    (note,) = [note for note in found.notes if note.fate == Fate.REFUSED]
    assert "no tool has domains of these names" in note.message


def test_references_go_to_the_study_that_they_name(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    tables[REFERENCES] = (
        "\ufeffTY  - JOUR\nNS  - Ash 2001\nTI  - A made-up trial\nAU  - Ash, B\nPY  - 2001\n"
        "DO  - 10.5555/made.up\nER  - \n\nTY  - JOUR\nNS  - Birch 2002\nER  - \n\n"
        "TY  - JOUR\nTI  - A made-up comment\nER  - \n"
    )
    found = read_tables(tmp_path, tables)
    (report,) = study(found).reports
    assert (report.title, report.doi, report.year) == ("A made-up trial", "10.5555/made.up", 2001)
    assert study(found).words[report.row].startswith("NS=Ash_2001 TI=A_made-up_trial")
    assert [each.title for each in found.reports] == ["A made-up comment"]
    assert rules(found, Fate.EXPLAINED) == ["no reference"]
    assert len(accounted(found) | {found.reports[0].row}) == found.rows


def test_characteristics_come_with_their_studies(tmp_path: Path) -> None:
    ash = study(read(tmp_path, package()))
    assert (ash.year, ash.design_detail) == (2001, "Made-up trial")
    assert ash.characteristics == {"other": "Notes: Made up"}


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    files = {**package_tables(), "X-article.pdf": "%PDF", "X-excluded.ris": "TY  - JOUR\n"}
    found = read(tmp_path, zipped(files))
    assert [note.field for note in found.notes if note.rule == "not read"] == [
        "X-excluded.ris",
        ".pdf",
    ]


def test_a_table_without_rows_is_no_error(tmp_path: Path) -> None:
    tables = package_tables([analysis("1.1")])
    assert tables[SUBGROUPS].count("\n") == 1
    assert len(review(read_tables(tmp_path, tables)).pools) == 1


def test_the_design_may_be_given(tmp_path: Path) -> None:
    file = saved(tmp_path, "made-up.zip", package())
    found = cochrane_package.read(file, {"design": "rct"})
    assert {each.design for each in found.studies()} == {"rct"}
    with pytest.raises(FileProblem, match="takes no value for outcome"):
        cochrane_package.read(file, {"outcome": "pain"})


def test_the_review_is_called_as_its_files_are(tmp_path: Path) -> None:
    assert review(read(tmp_path, package())).name == "X"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.csv": "x"}, "holds no data-rows.csv"),
        ({ROWS: package_tables()[ROWS]}, "holds no overall-estimates-and-settings.csv"),
        (
            {**package_tables(), "Y-parameters.csv": "x"},
            "of a review of diagnostic accuracy",
        ),
        (
            {**package_tables(), "other/Y-data-rows.csv": package_tables(MADE_UP[:1])[ROWS]},
            "holds more than one data-rows.csv",
        ),
    ],
    ids=["no package", "no settings", "diagnostic", "two"],
)
def test_what_is_no_package_is_refused(files: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match=said) as caught:
        read(tmp_path, zipped(files))
    assert caught.value.remedy


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(data=st.data())
def test_changed_tables_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    tables = {
        name: bytearray(text.encode())
        for name, text in package_tables([analysis("1.2"), analysis("1.8")]).items()
    }
    for _ in range(data.draw(st.integers(1, 4))):
        table = tables[data.draw(st.sampled_from(sorted(tables)))]
        place = data.draw(st.integers(0, len(table) - 1))
        table[place] = data.draw(st.sampled_from(b'09-.e,;"\n \xff'))
    path = tmp_path / "changed.zip"
    path.write_bytes(zipped({name: bytes(text) for name, text in tables.items()}))
    with suppress(FileProblem):
        found = cochrane_package.read(open_file(path), {})
        assert len(accounted(found)) == found.rows
