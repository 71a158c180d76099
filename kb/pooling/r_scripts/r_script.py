"""A script for R's metafor that pools the same effects and says itself whether it agrees."""

from collections.abc import Iterator
from typing import Any

import kb
from kb.errors import KbError
from kb.pooling.analysing.analysis import Analysis
from kb.pooling.answer import PooledAnswer
from kb.pooling.corrections import of_effects
from kb.pooling.evidence import Entry
from kb.pooling.r_scripts import r_models
from kb.pooling.r_scripts.r_checks import Check, checks
from kb.pooling.r_scripts.r_literals import comment, constant, data_frame, text, vector

_METAFOR = (
    'It needs R with its package metafor: install.packages("metafor"). Viechtbauer W. Conducting '
    "meta-analyses in R with the metafor package. J Stat Softw 2010;36(3):1-48."
)


def r_script(answer: PooledAnswer) -> str:
    """Return R code that pools the effects of an answer by metafor, and compares the results.

    It ends in an error where a number differs by more than a millionth of its size. Raises
    `KbError` where there is no effect.
    """
    analysis = answer.analysis
    if analysis is None:
        raise KbError(
            "There is no effect to pool, and so nothing for an R script to do.",
            "The verdict says what is missing.",
        )
    return "\n\n".join(part for part in _parts(answer, analysis) if part) + "\n"


def _parts(answer: PooledAnswer, analysis: Analysis) -> Iterator[str]:
    yield _header(answer)
    yield "suppressPackageStartupMessages(library(metafor))\noptions(show.signif.stars = FALSE)"
    yield f"dat <- {data_frame(_columns(answer, analysis))}"
    yield _from_counts(answer)
    yield r_models.aggregated(answer, analysis)
    yield r_models.control(analysis)
    yield r_models.about_mantel_haenszel(answer)
    yield r_models.model(answer, analysis)
    yield r_models.printed(answer, analysis)
    yield r_models.robust(answer)
    yield r_models.subgroups(answer, analysis)
    yield r_models.regression(answer, analysis)
    drawn = r_models.transformation(analysis, "atransf")
    yield f"if (interactive()) forest(res, header = TRUE{drawn})"
    yield _agreement(checks(analysis, weights=_weighs(answer, analysis)))


def _header(answer: PooledAnswer) -> str:
    lines = [
        comment("The pooled effect of"),
        comment(answer.command(), "  "),
        comment("by metafor. At its end this script says whether metafor agrees."),
        "#",
        comment(_origin(answer)),
        comment(f"Verdict: {answer.verdict.status}."),
        *(comment(reason, "  ") for reason in answer.verdict.reasons),
        comment("The effects, and where they come from:"),
        *(line for entry in answer.entries for line in _sources(entry)),
        "#",
        comment(_METAFOR),
    ]
    return "\n".join(lines)


def _origin(answer: PooledAnswer) -> str:
    by = f"Written by evidence-kb {kb.__version__}"
    if answer.file is not None:
        return f"{by} from the file {answer.file.name}, SHA-256 {answer.file.sha256}."
    assert answer.data is not None
    return f"{by} from its data {answer.data.version}, hash {answer.data.hash}."


def _sources(entry: Entry) -> Iterator[str]:
    shown = f" ({entry.shown[0]} v {entry.shown[1]})" if entry.shown else ""
    yield comment(f"{entry.label}: {entry.basis or 'as given'}{shown}", "  ")
    for passage in entry.passages:
        where = f"{passage['citation']}, {passage['locator']}, {passage['address']}"
        yield comment(f'{where}: "{passage["quote"]}"', "    ")


def _columns(answer: PooledAnswer, analysis: Analysis) -> dict[str, Any]:
    """Return the columns of the data frame, a value for each entry."""
    entries = answer.entries
    columns: dict[str, Any] = {
        "label": [entry.label for entry in entries],
        "study": [entry.study for entry in entries],
        "yi": [entry.yi for entry in entries],
        "vi": [entry.vi for entry in entries],
        **(answer.selection.counts or {}),
    }
    if _weighs(answer, analysis):
        columns["weight"] = analysis.weights
    if answer.options.dependence != "aggregate":
        columns |= r_models.kinds(answer, analysis)
    return columns


def _weighs(answer: PooledAnswer, analysis: Analysis) -> bool:
    """Return whether metafor, too, has a weight for each entry."""
    if analysis.result["model"] == "three-level" or answer.options.dependence == "aggregate":
        return False
    return None not in analysis.weights


def _from_counts(answer: PooledAnswer) -> str:
    """Return what computes the effects from the counts, "" where they do not come from counts."""
    selection = answer.selection
    if selection.counts is None or any(entry.flipped for entry in answer.entries):
        return ""
    assert selection.measure is not None
    code = selection.measure.code
    corrections = of_effects(answer.options, code)
    given = ", ".join(
        [
            *(f"{name} = dat${name}" for name in selection.counts),
            *(f"{name} = {constant(value)}" for name, value in corrections.items()),
        ]
    )
    return "\n".join(
        [
            comment("The effects again, from the counts of the arms."),
            f"again <- escalc(measure = {text(code)}, {given})",
            "print(cbind(dat, escalc_yi = c(again$yi), escalc_vi = again$vi), digits = 10)",
            "stopifnot(all.equal(c(again$yi), dat$yi), all.equal(again$vi, dat$vi))",
        ]
    )


def _agreement(held: tuple[Check, ...]) -> str:
    """Return the comparison of all numbers, which stops the script where one differs."""
    theirs = ",\n  ".join(check.theirs for check in held)
    return "\n".join(
        [
            comment("What evidence-kb found, and whether metafor agrees to a millionth."),
            f"number <- {vector(check.name for check in held)}",
            f"ours <- {vector(check.ours for check in held)}",
            f"theirs <- unname(c(\n  {theirs}\n))",
            "found <- data.frame(number, evidence_kb = ours, metafor = theirs)",
            "print(found, digits = 10, row.names = FALSE, right = FALSE)",
            "close <- function(x, y) isTRUE(all.equal(x, y, tolerance = 1e-6))",
            "differs <- !mapply(close, theirs, ours)",
            'if (any(differs)) stop("metafor differs in ", toString(number[differs]))',
            'cat("metafor agrees with evidence-kb in all of these numbers.\\n")',
        ]
    )
