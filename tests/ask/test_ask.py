"""Questions in words: what they are taken to mean, and that any text is taken for something."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kb.answer import Answer
from kb.ask import Understood, understand
from kb.ask.words import plain_words
from kb.base import Base, DataState
from kb.question import Question
from kb_cli.main import app

TABLE = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text(encoding="utf-8"))
QUESTIONS = [case for cases in TABLE.values() for case in cases]
UNDERSTOOD = [case["ask"] for case in QUESTIONS if "refused" not in case]

NO_DATA = DataState("", "")
Parsed = tuple[Question, str | None, bool]
"""A question, the measure to be pooled, and whether sources are to be shown."""

Parse = Callable[[str], Parsed]


@pytest.fixture(scope="session")
def parse(shipped: Path) -> Parse:
    """Return what the command line makes of a command: the question, and what it asks beside it."""
    runner = CliRunner()

    def parsed(command: str) -> Parsed:
        from kb.pooling import pooling
        from kb_cli import answering
        from kb_cli.commands import asking

        seen: list[Parsed] = []

        def keep(found: Any, *_: Any, sources: bool, **__: Any) -> None:
            seen.append((found.question, None, sources))

        def keep_pooled(found: Any, *_: Any, sources: bool, **__: Any) -> None:
            question, options = found
            seen.append((replace(question, subject="pool"), options.measure, sources))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "present_answer", keep)
            patch.setattr(Base, "answer", lambda _, question: Answer(question, [], NO_DATA))
            patch.setattr(answering, "present_pooled", keep_pooled)
            patch.setattr(pooling, "pool", lambda _, question, options: (question, options))
            words = command.removeprefix("kb ")
            run = runner.invoke(app, f"{words} --db {shipped}", catch_exceptions=False)
        assert run.exit_code == 0, run.output
        return seen[0]

    return parsed


def test_the_table_holds_enough_questions_and_none_twice() -> None:
    asked = [case["ask"] for case in QUESTIONS]
    assert len(asked) >= 200
    assert len(asked) == len(set(asked))
    assert all(len(cases) >= 15 for cases in TABLE.values())
    fields = {"ask", "command", "unused", "nearest", "says", "refused"}
    assert all(case.keys() <= fields for case in QUESTIONS)
    assert all(("command" in case) != ("refused" in case) for case in QUESTIONS)


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["ask"])
def test_a_question_is_understood_as_the_table_says(case: dict[str, Any], base: Base) -> None:
    understood = understand(case["ask"], base.vocabulary)
    assert understood.unused == case.get("unused", [])
    assert (understood.refusal is not None) == case.get("refused", False)
    if "command" in case:
        assert understood.command == case["command"]
    notes = list(understood.notes)
    if understood.unused:
        first = notes.pop(0)
        assert all(word in first for word in understood.unused[:8])
        for word, near in case.get("nearest", {}).items():
            assert f"{word} (did you mean {near}?)" in first
        assert first.count("did you mean") == len(case.get("nearest", {}))
    says = case.get("says", [])
    assert len(notes) == len(says), notes
    assert all(part in note for part, note in zip(says, notes, strict=True)), notes


def parts(understood: Understood) -> Parsed:
    return understood.question, understood.measure, understood.wants_sources


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_the_printed_command_asks_the_same(text: str, base: Base, parse: Parse) -> None:
    understood = understand(text, base.vocabulary)
    assert parse(understood.command) == parts(understood)


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_is_understood_is_answered(text: str, base: Base) -> None:
    found = base.ask(text)
    assert found.notes[0] == f"Understood as: {understand(text, base.vocabulary).command}"
    assert found.notes[1:] or (found.rows if isinstance(found, Answer) else found.verdict.reasons)


@pytest.mark.parametrize("who", ["researcher", "guideline developer", "implementation team"])
def test_what_is_typed_first_gets_rows(who: str, base: Base) -> None:
    found = base.ask(TABLE[who][0]["ask"])
    assert isinstance(found, Answer)
    assert found.rows


def test_the_same_words_are_always_taken_alike(base: Base) -> None:
    for text in UNDERSTOOD[::40]:
        assert understand(text, base.vocabulary) == understand(text, base.vocabulary)


@pytest.mark.parametrize(
    "change",
    [str.upper, str.title, lambda text: f"  {text} ?!", lambda text: text.replace(" ", "\n\t")],
    ids=["capitals", "title", "punctuation", "lines"],
)
def test_case_and_punctuation_do_not_matter(change: Callable[[str], str], base: Base) -> None:
    for text in (
        "which rcts measured pain with segt",
        "barriers to travel in canada",
        "list themes",
    ):
        expected = understand(text, base.vocabulary).question
        assert understand(change(text), base.vocabulary).question == expected


def test_a_very_long_question_is_read_to_its_end(base: Base) -> None:
    understood = understand("lorem ipsum dolor " * 1000 + "pain", base.vocabulary)
    assert understood.command == "kb studies --outcome pain"
    assert understood.unused == ["lorem", "ipsum", "dolor"]


def test_many_unused_words_are_counted_and_not_all_listed(base: Base) -> None:
    text = " ".join(f"zzword{letter}" for letter in "abcdefghijkl")
    understood = understand(f"pain {text}", base.vocabulary)
    assert len(understood.unused) == 12
    assert understood.notes[0].endswith("zzwordh and 4 more.")


def test_words_are_compared_in_one_form() -> None:
    assert plain_words("Miroševič’s  naïve-trial, O’Brien") == "mirosevic naive trial o'brien"
    assert plain_words("didn't can't won't cannot") == "did not can not will not can not"
    assert plain_words("2001") == "2001"


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.one_of(
            st.sampled_from(sorted({word for case in QUESTIONS for word in case["ask"].split()})),
            st.integers(0, 10**12).map(str),
            st.integers(1900, 2100).map(str),
            st.text(max_size=5),
        ),
        max_size=15,
    ).map(" ".join),
)
SHARED = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SHARED
@given(TEXTS)
@example("")
@example("\0")
@example("\ud800")
@example("not not not no without")
@example("between 0 and 0 patients under 0 n < 0")
@example("before 1900 and after 2099 not since 2000 or until 1950")
@example("² ½ Ⅷ ２００１ ٢٠٠١ patients")
@example("a" * 5000)
@example("'" * 50 + '"' * 50 + "\\" * 50)
def test_any_text_is_understood_or_refused_and_never_breaks(base: Base, text: str) -> None:
    understood = understand(text, base.vocabulary)
    assert isinstance(understood, Understood)
    assert understood.refusal is None or not understood.question.criteria


@settings(SHARED, max_examples=40)
@given(TEXTS)
def test_the_command_of_any_text_asks_the_same(base: Base, parse: Parse, text: str) -> None:
    understood = understand(text, base.vocabulary)
    assert parse(understood.command) == parts(understood)


def run(shipped: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["ask", *words, "--db", str(shipped)])


def test_the_command_line_prints_what_was_understood(shipped: Path) -> None:
    shown = run(shipped, "which RCTs measured pain with SEGT?")
    assert shown.exit_code == 0
    assert "understood as: kb studies --design rct --approach segt --outcome pain" in shown.stdout


def test_words_need_no_quotes(shipped: Path) -> None:
    assert (
        run(shipped, "barriers", "to", "travel").stdout == run(shipped, "barriers to travel").stdout
    )


def test_sources_asked_for_in_words_are_shown(shipped: Path) -> None:
    plain, sourced = (
        run(shipped, text).stdout for text in ("pool survival", "pool survival with sources")
    )
    assert "PMID 11742045" in sourced
    assert "PMID 11742045" not in plain


@pytest.mark.parametrize(
    "text", ["", "   ", "?!", "🙂", "frobnicate", "what is the weather today?"]
)
def test_a_question_without_meaning_is_an_error_that_teaches(text: str, shipped: Path) -> None:
    from kb.errors import UnknownValue

    failed = run(shipped, text)
    assert failed.exit_code == 1
    assert isinstance(failed.exception, UnknownValue)
    assert failed.exception.problem.endswith(".")
    assert "kb" in failed.exception.remedy
    assert failed.stdout == ""
