"""Tables in CSV files: which effects they give, what stays out of them, and what is refused."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.pooling.analysing.analysis import analyse
from kb.pooling.evidence import Selection
from kb.pooling.options import PoolOptions
from kb.pooling.tables import file as table_file
from kb.pooling.tables.file import TableError
from kb.pooling.tables.table import read_table

COUNTS = "slab,ai,bi,ci,di\nAlder (made up),4,119,11,128\nBeech (made up),6,300,29,274\n"
EFFECTS = "slab,yi,vi\nAlder (made up),0.3,0.04\nBeech (made up),-0.1,0.02\n"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "made_up.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path: Path, **options: Any) -> Selection:
    return read_table(path, PoolOptions.of(**options))[0]


def effects(selection: Selection) -> list[tuple[float, float]]:
    return [(entry.yi, entry.vi) for entry in selection.entries]


CHANGES: dict[str, Callable[[str], str]] = {
    "semicolon": lambda text: text.replace(",", ";"),
    "tab": lambda text: text.replace(",", "\t"),
    "semicolon and decimal comma": lambda text: text.replace(",", ";").replace("0.", "0,"),
    "tab and decimal comma": lambda text: text.replace(",", "\t").replace("0.", "0,"),
    "byte order mark": lambda text: "\ufeff" + text,
    "lines of Windows": lambda text: text.replace("\n", "\r\n"),
    "lines of old Macs": lambda text: text.replace("\n", "\r"),
    "no line end": lambda text: text.rstrip("\n"),
    "blank lines": lambda text: text.replace("\n", "\n\n"),
    "columns without a name": lambda text: text.replace("\n", ",,\n"),
    "quotation marks": lambda text: text.replace("Alder (made up)", '"Alder (made up)"'),
    "minus sign": lambda text: text.replace("-0.1", "\N{MINUS SIGN}0.1"),
    "capitals and blanks": lambda text: text.replace("yi,vi", " YI , Vi "),
    "exponents": lambda text: text.replace("0.04", "4e-2").replace("0.02", ".02"),
    "rows without a cell": lambda text: text.replace("\n", "\n,,\n"),
}


class TestFile:
    def test_is_known_by_its_bytes(self, write: Write) -> None:
        path = write(EFFECTS)
        _, file = read_table(path, PoolOptions())
        assert file.name == str(path)
        assert file.sha256 == sha256(EFFECTS.encode()).hexdigest()

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_may_come_from_many_programs(self, change: Callable[[str], str], write: Write) -> None:
        selection = read(write(change(EFFECTS)))
        assert effects(selection) == [(0.3, 0.04), (-0.1, 0.02)]
        assert [entry.label for entry in selection.entries] == [
            "Alder (made up)",
            "Beech (made up)",
        ]

    def test_may_be_in_latin_1(self, write: Write) -> None:
        text = EFFECTS.replace("Alder", "Müller")
        assert read(write(text.encode("latin-1"))).entries[0].label == "Müller (made up)"

    def test_names_rows_in_quotation_marks_with_commas_and_line_breaks(self, write: Write) -> None:
        text = 'slab,yi,vi\n"Alder, B.\n(made up)",0.3,0.04\nBeech (made up),x,0.02\n'
        with pytest.raises(TableError, match="line 4, column yi: 'x' is not a number"):
            read(write(text))

    def test_may_have_the_row_names_of_r(self, write: Write) -> None:
        text = '"","yi","vi"\n"1",0.3,0.04\n"2",-0.1,0.02\n'
        selection = read(write(text))
        assert effects(selection) == [(0.3, 0.04), (-0.1, 0.02)]
        assert selection.entries[0].values == {}

    def test_has_no_control_characters_in_its_names(self, write: Write) -> None:
        assert read(write(EFFECTS.replace("Alder", "\x1b[31mAlder"))).entries[0].label == (
            "[31mAlder (made up)"
        )

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            pytest.param("", "is empty", id="empty"),
            pytest.param("\n \n", "is empty", id="blank"),
            pytest.param("yi,vi\n", "has no rows", id="header alone"),
            pytest.param("yi,vi\n,\n", "has no rows", id="row without a cell"),
            pytest.param(b"yi,vi\n\x00\x01", "is not a text file", id="binary"),
            pytest.param(b"%PDF-1.4\nyi,vi", "is a PDF", id="pdf"),
            pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "with a password", id="locked"),
            pytest.param("0.1,0.2\n0.3,0.4\n", "No columns of", id="no header"),
            pytest.param("\x01\n0.3\n", "names no column", id="header without a name"),
            pytest.param(
                ",".join(f"c{i}" for i in range(20)) + "\n1" + ",1" * 19,
                "c11 and 8 more",
                id="wide",
            ),
            pytest.param('yi,vi\n"0.1,0.2\n', "unexpected end of data", id="open quotation"),
            pytest.param("yi,yi,vi\n1,2,3\n", "the column 'yi' is there 2 times", id="twice"),
            pytest.param("yi,vi\n1,2,3\n4\n", "2 problems", id="shape"),
            pytest.param(f"yi,vi\n{'9' * 140_000},1\n", "field larger", id="long cell"),
        ],
    )
    def test_that_is_no_table_is_refused(
        self, content: str | bytes, problem: str, write: Write
    ) -> None:
        with pytest.raises(KbError, match=problem) as caught:
            read(write(content))
        assert caught.value.remedy

    def test_that_is_not_there_or_no_file_is_refused(self, tmp_path: Path) -> None:
        for path in (tmp_path / "none.csv", tmp_path, Path("nul\0")):
            with pytest.raises(KbError) as caught:
                read(path)
            assert caught.value.remedy

    def test_that_is_too_large_is_refused(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(table_file, "MOST_BYTES", 10)
        with pytest.raises(KbError, match="is larger than"):
            read(write(EFFECTS))

    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.one_of(
            st.binary(max_size=200),
            st.builds(
                lambda header, rows: f"{header}\n{rows}".encode(),
                st.sampled_from(["yi,vi,slab", "ai,bi,ci,di", "xi,ni,year", "ri;ni;study"]),
                st.text(alphabet='yivaslb,;\t\n\r"0123456789.eE+- NA\x1b', max_size=200),
            ),
        ),
        st.sampled_from([None, "OR", "PFT"]),
    )
    def test_with_hostile_bytes_is_read_or_refused(
        self, write: Write, content: bytes, measure: str | None
    ) -> None:
        path, options = write(content), PoolOptions.of(measure=measure)
        with suppress(KbError):
            selection, _ = read_table(path, options)
            if selection.entries:
                analysis = analyse(selection, options)
                json.dumps([analysis.result, analysis.extras()], allow_nan=False)

    def test_does_not_get_to_the_terminal_through_a_message(self, write: Write) -> None:
        with pytest.raises(TableError) as caught:
            read(write("yi,vi\n\x1b[31mred,1\n"))
        assert caught.value.problems == ("line 2, column yi: '[31mred' is not a number",)


class TestMeasure:
    def test_of_effects_is_generic_and_may_be_named(self, write: Write) -> None:
        path = write(EFFECTS)
        plain, named = read(path), read(path, measure="HR")
        assert (plain.measure and plain.measure.code) == "GEN"
        assert (named.measure and named.measure.code) == "HR"
        assert effects(plain) == effects(named)

    def test_of_effects_may_have_standard_errors(self, write: Write) -> None:
        (entry,) = read(write("yi,sei\n0.3,0.2\n")).entries
        assert entry.vi == pytest.approx(0.04)

    @pytest.mark.parametrize(
        ("header", "code"),
        [("ri,ni", "ZCOR"), ("hr,ci_low,ci_high", "HR"), ("o_minus_e,v", "HR")],
    )
    def test_is_the_only_one_that_the_columns_give(
        self, header: str, code: str, write: Write
    ) -> None:
        rows = {"ri,ni": "0.3,40", "hr,ci_low,ci_high": "0.8,0.6,1.1", "o_minus_e,v": "2,9"}
        measure = read(write(f"{header}\n{rows[header]}\n")).measure
        assert measure is not None
        assert measure.code == code

    @pytest.mark.parametrize(
        ("header", "measures"),
        [
            ("ai,bi,ci,di", "OR, RR, RD, PETO, AS"),
            ("ai,n1i,ci,n2i", "OR, RR, RD, PETO, AS"),
            ("m1i,sd1i,n1i,m2i,sd2i,n2i", "MD, SMD, SMDH, ROM"),
            ("xi,ni", "PR, PLO, PAS, PFT"),
            ("x1i,t1i,x2i,t2i", "IRR, IRD"),
        ],
    )
    def test_is_asked_for_where_several_fit(self, header: str, measures: str, write: Write) -> None:
        row = ",".join("1" for _ in header.split(","))
        with pytest.raises(KbError, match="several measures") as caught:
            read(write(f"{header}\n{row}\n"))
        assert caught.value.remedy == f"Choose one with --measure: {measures}."

    def test_of_mantel_and_haenszel_is_one_that_they_pool(self, write: Write) -> None:
        with pytest.raises(KbError) as caught:
            read(write(COUNTS), method="MH")
        assert caught.value.remedy == "Choose one with --measure: OR, RR, RD."

    @pytest.mark.parametrize("measure", [None, "OR", "PETO"])
    def test_of_petos_method_is_his(self, measure: str | None, write: Write) -> None:
        found = read(write(COUNTS), method="PETO", measure=measure).measure
        assert found is not None
        assert found.code == "PETO"

    def test_that_the_columns_do_not_give_names_those_it_needs(self, write: Write) -> None:
        with pytest.raises(KbError, match="do not give SMD: it has slab, ai") as caught:
            read(write(COUNTS), measure="SMD")
        assert "m1i, sd1i, n1i, m2i, sd2i and n2i" in caught.value.remedy

    def test_takes_the_counts_where_both_are_there_and_says_so(self, write: Write) -> None:
        path = write("ai,bi,ci,di,yi,vi\n4,119,11,128,0.5,0.1\n")
        plain, named = read(path), read(path, measure="OR")
        assert effects(plain) == [(0.5, 0.1)]
        assert "--measure OR, RR, RD, PETO, AS is computed from other columns" in plain.rule[0]
        assert named.entries[0].yi == pytest.approx(-0.938694)
        assert named.rule == ("OR is computed from ai, bi, ci and di; yi and vi are not used.",)

    def test_takes_a_name_in_its_own_case_first(self, write: Write) -> None:
        assert effects(read(write("YI,yi,vi\n9,0.3,0.04\n"))) == [(0.3, 0.04)]


class TestRows:
    def test_show_what_the_arms_had(self, write: Write) -> None:
        alder, _ = read(write(COUNTS), measure="OR").entries
        assert alder.shown == ("4/123", "11/139")
        assert alder.n == (123, 139)
        assert alder.basis == "computed from ai, bi, ci and di"
        means = "m1i,sd1i,n1i,m2i,sd2i,n2i\n36.6,37.6,20,41,30.25,22\n"
        (row,) = read(write(means), measure="MD").entries
        assert row.shown == ("36.6 (37.6)", "41 (30.25)")
        assert row.n == (20, 22)

    def test_show_a_single_group(self, write: Write) -> None:
        for header in ("xi,ni\n11,29\n", "xi,mi\n11,18\n"):
            (row,) = read(write(header), measure="PLO").entries
            assert row.shown == ("11/29", "")
            assert row.n == (29, None)

    def test_with_sizes_beside_the_effect_have_them(self, write: Write) -> None:
        entries = read(write("yi,vi,n1i,n2i\n0.3,0.04,20,22\n0.1,0.02,,30\n")).entries
        assert [entry.n for entry in entries] == [(20, 22), (None, 30)]

    def test_have_their_counts_for_methods_that_pool_them(self, write: Write) -> None:
        cells = read(write(COUNTS), measure="OR").counts
        sizes = "slab,ai,n1i,ci,n2i\nAlder (made up),4,123,11,139\nBeech (made up),6,306,29,303\n"
        assert cells == {
            "ai": (4, 6),
            "bi": (119, 300),
            "ci": (11, 29),
            "di": (128, 274),
        }
        assert read(write(sizes), measure="OR").counts == cells
        assert read(write(EFFECTS)).counts is None

    def test_are_named_by_the_columns_there_are(self, write: Write) -> None:
        for header, row, name in (
            ("slab,author,year,study", "A,B,1999,C", "A"),
            ("author,year,study", "B,1999,C", "B 1999"),
            ("author,study", "B,C", "B"),
            ("study,trial", "C,7", "C"),
            ("trial", "7", "row 1"),
            ("slab,trial", ",7", "row 1"),
        ):
            (entry,) = read(write(f"{header},yi,vi\n{row},0.1,0.2\n")).entries
            assert entry.label == name

    def test_of_the_same_name_are_told_apart_as_in_metafor(self, write: Write) -> None:
        """metafor 3.8.1 calls X, X, X.1, Y so: a made name may be in use already."""
        rows = "".join(f"{name},0.1,0.2\n" for name in ("X", "X", "X.1", "Y"))
        selection = read(write(f"slab,yi,vi\n{rows}"))
        assert [each.label for each in selection.entries] == ["X.1.1", "X.2", "X.1.2", "Y"]
        assert "Several rows have the same name (X)" in selection.cautions[0]

    def test_of_the_same_trial_are_a_caution(self, write: Write) -> None:
        path = write("slab,trial,yi,vi\nA,1,0.1,0.2\nB,1,0.2,0.2\nC,2,0.3,0.2\n")
        assert "Several rows have the same trial (1)" in read(path).cautions[0]
        selection = read(path, dependence="aggregate")
        assert selection.cautions == ()
        assert [each.study for each in selection.entries] == ["1", "1", "2"]

    def test_without_a_trial_are_refused_where_it_matters(self, write: Write) -> None:
        path = write("slab,trial,yi,vi\nA,1,0.1,0.2\nB,,0.2,0.2\n")
        with pytest.raises(TableError, match="line 3, column trial: it is empty"):
            read(path, dependence="robust")

    def test_of_different_trials_have_no_dependence(self, write: Write) -> None:
        with pytest.raises(KbError, match="No two rows of"):
            read(write(EFFECTS), dependence="three-level")

    def test_carry_the_other_columns(self, write: Write) -> None:
        text = "slab,yi,vi,year,dose,mode\nA,0.1,0.2,1999,1.5,group\nB,0.2,0.2,,NA,\n"
        first, second = read(write(text)).entries
        assert first.values == {"year": 1999, "dose": 1.5, "mode": "group"}
        assert second.values == {"year": None, "dose": None, "mode": None}
        assert (first.year, second.year) == (1999, None)

    def test_without_an_effect_are_set_aside_with_the_reason(self, write: Write) -> None:
        selection = read(write("slab,yi,vi\nA,0.1,0.2\nB,NA,0.2\nC,0.3,\nD,,\n"))
        assert [entry.label for entry in selection.entries] == ["A"]
        assert [(each.label, each.what, each.reason) for each in selection.set_aside] == [
            ("B", "line 3 of the file", "no effect"),
            ("C", "line 4 of the file", "no variance"),
            ("D", "line 5 of the file", "no effect and no variance"),
        ]

    def test_may_be_all_without_an_effect(self, write: Write) -> None:
        selection = read(write("ai,bi,ci,di\n1,,3,4\n,2,3,4\n"), measure="OR")
        assert selection.entries == ()
        assert [each.reason for each in selection.set_aside] == ["bi is missing", "ai is missing"]

    def test_without_an_event_keep_their_place(self, write: Write) -> None:
        text = "slab,ai,bi,ci,di\nA,0,20,0,22\nB,,20,3,9\nC,2,20,3,9\n"
        selection = read(write(text), measure="RD", exclude=["C"])
        assert [entry.label for entry in selection.entries] == ["A"]
        assert {each.label: each.what for each in selection.set_aside} == {
            "C": "line 4 of the file",
            "B": "line 3 of the file",
        }


class TestCells:
    def test_that_are_wrong_are_named_at_once(self, write: Write) -> None:
        text = "slab,ai,n1i,ci,n2i\nA,4,12x,-1,139\nB,40,30,2,20\nC,1,2,3,4\n"
        with pytest.raises(TableError) as caught:
            read(write(text), measure="OR")
        assert caught.value.problems == (
            "line 2, column n1i: '12x' is not a number",
            "line 2, column ci: -1 is not 0 or more",
            "line 3, column ai: 40 is more than the 30 of n1i",
        )
        assert "has 3 problems:" in caught.value.problem

    @pytest.mark.parametrize(
        ("header", "row", "problem"),
        [
            ("yi,vi", "0.1,0", "column vi: 0 is not above 0"),
            ("yi,sei", "0.1,-2", "column sei: -2 is not above 0"),
            ("yi,vi", "inf,1", "column yi: 'inf' is not a number"),
            ("yi,vi", "1e999,1", "column yi: '1e999' is not a number"),
            ("yi,vi", "1_0,1", "column yi: '1_0' is not a number"),
            ("yi,vi", "٣,1", "column yi: '٣' is not a number"),
            ("ri,ni", "1.5,10", "column ri: 1.5 is not from -1 to 1"),
            ("hr,ci_low,ci_high", "1,2,1", "column ci_low: 2 is more than the 1 of ci_high"),
            ("yi;vi", "0,1;0.2", "column yi: '0,1' is not a number"),
            ("ri;ni", "0,1;1,234", "column ni: '1,234' is not a number"),
        ],
    )
    def test_that_cannot_be_are_refused(
        self, header: str, row: str, problem: str, write: Write
    ) -> None:
        with pytest.raises(TableError, match=problem):
            read(write(f"{header}\n{row}\n"))

    def test_of_many_problems_the_first_are_shown(self, write: Write) -> None:
        with pytest.raises(TableError) as caught:
            read(write("yi,vi\n" + "x,1\n" * 30))
        assert len(caught.value.problems) == 30
        assert caught.value.problem.endswith("and 10 more")

    def test_of_rows_that_are_left_out_do_not_matter(self, write: Write) -> None:
        path = write("slab,yi,vi\nA,0.1,0.2\nB,x,0.2\n")
        assert effects(read(path, exclude=["B"])) == [(0.1, 0.2)]


class TestOptions:
    def test_leave_out_rows_by_name(self, write: Write) -> None:
        selection = read(write(EFFECTS), exclude=["Beech (made up)"])
        assert [entry.label for entry in selection.entries] == ["Alder (made up)"]
        assert selection.set_aside[0].reason == "left out by --exclude"

    def test_leave_out_no_row_that_is_not_there(self, write: Write) -> None:
        with pytest.raises(KbError, match=r"No row of .* is called 'Elm'") as caught:
            read(write(EFFECTS), exclude=["Elm"])
        assert "Alder (made up), Beech (made up)" in caught.value.remedy

    def test_take_rows_up_to_a_year(self, write: Write) -> None:
        selection = read(write("slab,Year,yi,vi\nA,1999,1,1\nB,2005,1,1\nC,,1,1\n"), as_of=2000)
        assert [entry.label for entry in selection.entries] == ["A"]
        assert [each.reason for each in selection.set_aside] == [
            "published in 2005, after 2000",
            "its year is not known, and --as-of takes what was published by 2000",
        ]

    def test_take_no_year_without_a_column(self, write: Write) -> None:
        with pytest.raises(KbError, match="--as-of needs a column year"):
            read(write(EFFECTS), as_of=2000)

    @pytest.mark.parametrize(
        "option",
        [
            {"window": "3..12"},
            {"rule": ["first"]},
            {"adjusted": True},
            {"include": ["subsets"]},
        ],
        ids=lambda option: next(iter(option)),
    )
    def test_of_the_store_are_refused(self, option: dict[str, Any], write: Write) -> None:
        with pytest.raises(KbError, match=f"--{next(iter(option))} chooses among the results"):
            read(write(EFFECTS), **option)


NUMBERS = st.tuples(st.integers(0, 30), st.integers(1, 60), st.integers(1, 30), st.integers(0, 60))
EVENTFUL = st.lists(NUMBERS, min_size=1, max_size=8).filter(
    lambda rows: any(a and d for a, _, _, d in rows)
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=EVENTFUL, data=st.data())
@pytest.mark.parametrize("method", ["REML", "MH"])
def test_order_of_rows_and_columns_does_not_matter(
    method: str, rows: list[tuple[int, ...]], data: st.DataObject, write: Write
) -> None:
    header = ["slab", "ai", "bi", "ci", "di"]
    lines = [[f"Study {i} (made up)", *map(str, row)] for i, row in enumerate(rows)]
    order = data.draw(st.permutations(range(5)))
    shuffled = data.draw(st.permutations(lines))
    options = PoolOptions.of(measure="OR", method=method)

    def pooled(columns: list[str], table: list[list[str]]) -> dict[str, Any]:
        path = write("\n".join(",".join(cells) for cells in [columns, *table]) + "\n")
        selection, _ = read_table(path, options)
        analysis = analyse(selection, options)
        weights = {e.label: w for e, w in zip(selection.entries, analysis.weights, strict=True)}
        return {**analysis.result, **weights}

    one = pooled(header, lines)
    other = pooled([header[i] for i in order], [[line[i] for i in order] for line in shuffled])
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert other[name] == (
            value if isinstance(value, str | None) else pytest.approx(value, rel=1e-6, abs=1e-8)
        ), name


def test_a_selection_of_a_file_is_like_one_of_the_store(write: Write) -> None:
    """What pools it, judges it and shows it knows no difference."""
    selection = read(write(EFFECTS))
    assert selection.k == selection.trials == 2
    assert selection.favours == ""
    assert analyse(replace(selection), PoolOptions()).result["k"] == 2


class TestCountsOfZero:
    TEXT = "slab,ai,n1i,ci,n2i\nAlder (made up),0,20,3,20\nBeech (made up),0,30,0,30\n"
    MORE = "Cedar (made up),5,40,8,40\nElm (made up),10,10,12,12\n"

    def test_are_cautions_that_name_the_studies(self, write: Write) -> None:
        added, empty = read(write(self.TEXT + self.MORE), measure="OR").cautions
        assert added.startswith("Alder (made up), Beech (made up) and Elm (made up): an arm has no")
        assert "1/2 was added to each of its four counts" in added
        assert empty.startswith("Beech (made up) and Elm (made up): a study without events in both")
        assert "tells nothing of a ratio (Cochrane Handbook 10.4.4); it entered" in empty

    def test_need_no_correction_by_methods_for_counts(self, write: Write) -> None:
        selection = read(write(self.TEXT + self.MORE), measure="OR", method="MH")
        (caution,) = selection.cautions
        assert caution.endswith("it has no part in the sums.")

    def test_do_not_matter_to_a_difference(self, write: Write) -> None:
        assert read(write(self.TEXT + self.MORE), measure="RD").cautions == ()

    @pytest.mark.parametrize("measure", ["OR", "RR"])
    def test_that_all_tell_nothing_are_no_finding(self, measure: str, write: Write) -> None:
        rows = "A,0,20,0,22\nB,0,9,0,8\n"
        selection = read(write(f"slab,ai,n1i,ci,n2i\n{rows}"), measure=measure)
        assert selection.k == 2, "metafor pools them too"
        assert "comes from the added 1/2 and is no finding" in selection.cautions[-1]

    def test_of_times_at_risk_are_told_too(self, write: Write) -> None:
        text = "slab,x1i,t1i,x2i,t2i\nA,0,20,3,22\nB,4,9,2,8\n"
        (caution,) = read(write(text), measure="IRR").cautions
        assert "1/2 was added to each of its two counts of events" in caution
