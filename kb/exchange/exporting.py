"""Write the evidence of a base in an outside format: whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.base import Base, Record
from kb.errors import KbError, UnknownValue
from kb.exchange.writers.formats import FORMATS, Format, Kind
from kb.exchange.writers.placing import placed_file, placed_folder
from kb.facets import ABOUT_MEASUREMENTS
from kb.order import by_key, oldest_first
from kb.pooling.options import PoolOptions
from kb.question import Question
from kb.selection import studies
from kb.store.lists import among
from kb.store.relations import report, risk_of_bias, study, study_report

if TYPE_CHECKING:
    from kb.exchange.writers.robvis import Judged


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Attributes:
        format: the outside format.
        question: the evidence that is wanted; without criteria all of it.
        options: how to pool, for a format of pooled effects.
        tool: the tool of the judgements on risk of bias that are wanted.
    """

    format: Format
    question: Question
    options: PoolOptions = field(default_factory=PoolOptions.of)
    tool: str | None = None


@dataclass(frozen=True)
class Written:
    """What was written: rows by file or sheet, the text where it is one, and what to tell of it."""

    rows: Mapping[str, int]
    text: str = ""
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(self.rows.values())


def format_of(name: str) -> Format:
    """Return the format of that name. Raises `UnknownValue`."""
    if name in FORMATS:
        return FORMATS[name]
    near = get_close_matches(name.lower(), FORMATS, n=2) or list(FORMATS)
    raise UnknownValue(f"Nothing is exported as '{name}'.", f"Use {', '.join(near)}.")


def export(base: Base, wanted: Wanted, output: Path | None, *, force: bool = False) -> Written:
    """Write what is wanted to `output`; a text is returned in place of being written without one.

    Raises `KbError` where there is nothing to write or it cannot be placed; then nothing is.
    """
    _check(wanted, output)
    kind = wanted.format.kind
    if kind is Kind.TEXT:
        written = _TEXTS[wanted.format.name](base, wanted)
        if output is not None:
            _place_text(written.text, output, force=force)
        return written
    assert output is not None
    if kind is Kind.FILE:
        from kb.exchange.writers import xlsx

        with placed_file(output, force=force) as part:
            return Written(xlsx.write(base.connection, base.data, part))
    with placed_folder(output, wanted.format.leaves, force=force) as part:
        return _FOLDERS[wanted.format.name](base, part)


def _check(wanted: Wanted, output: Path | None) -> None:
    chosen = wanted.format
    if output is None and chosen.kind is not Kind.TEXT:
        raise KbError(
            f"{chosen.name} is a {chosen.kind}, and not text for the screen.",
            f"Say where to write it: --output {chosen.kind.upper()}.",
        )
    if wanted.question.criteria and not chosen.narrowed:
        narrowed = ", ".join(each.name for each in FORMATS.values() if each.narrowed)
        raise KbError(
            f"{chosen.name} is always the whole base, which --{wanted.question.criteria[0].facet} "
            "would narrow.",
            f"Leave it out, or choose one that can be narrowed: {narrowed}.",
        )
    if wanted.options != PoolOptions.of() and not chosen.pooled:
        raise KbError(
            f"{chosen.name} pools nothing, and {' '.join(wanted.options.flags())} says how to.",
            "Leave it out, or export metafor.",
        )
    if wanted.tool is not None and chosen.name != "robvis":
        raise KbError("--tool chooses judgements on risk of bias.", "It goes with --as robvis.")


def _place_text(text: str, output: Path, *, force: bool) -> None:
    if output.exists() and not (output.is_file() or output.is_dir()):
        output.write_text(text, encoding="utf-8", newline="")  # a device or a pipe
        return
    with placed_file(output, force=force) as part:
        part.write_text(text, encoding="utf-8", newline="")


def _json(base: Base, _: Wanted) -> Written:
    from kb.exchange.writers import json_document

    text, rows = json_document.write(base.connection, base.data)
    return Written({"rows": rows}, text)


def _metapsy(base: Base, wanted: Wanted) -> Written:
    from kb.exchange.writers import metapsy
    from kb.exchange.writers.comparisons import comparisons

    found = comparisons(base, wanted.question)
    text, rows, notes = metapsy.write(base, found)
    if not rows:
        raise KbError(
            "No comparison has numbers that Metapsy has columns for.",
            "kb results shows what there is; --as metafor takes hazard ratios too.",
        )
    return Written({"comparisons": rows}, text, tuple(notes))


def _metafor(base: Base, wanted: Wanted) -> Written:
    if wanted.question.about(ABOUT_MEASUREMENTS):
        return _pooled(base, wanted)
    if wanted.options != PoolOptions.of():
        raise KbError(
            f"It is not said what to pool, and {' '.join(wanted.options.flags())} says how to.",
            "Name an outcome with --outcome, or leave it out for every comparison.",
        )
    from kb.exchange.writers import metafor
    from kb.exchange.writers.comparisons import comparisons

    found = comparisons(base, wanted.question)
    text, rows = metafor.write_compared(base, found)
    if not rows:
        raise KbError("No comparison has numbers.", "kb results shows what there is.")
    bare = metafor.effects_without_variance(found.rows)
    notes = [*found.notes(), "several measures and outcomes: narrow the rows before pooling them"]
    if bare:
        notes.append(f"{bare:,} without a variance of their own: vi is NA")
    return Written({"comparisons": rows}, text, tuple(notes))


def _pooled(base: Base, wanted: Wanted) -> Written:
    from kb.exchange.writers import metafor
    from kb.pooling.pooling import pool

    answer = pool(base, wanted.question, wanted.options)
    if not answer.entries:
        raise KbError(
            f"There is no effect to export: {' '.join(answer.verdict.reasons)}",
            f"{answer.command()} says what was set aside and why.",
        )
    text, rows = metafor.write_pooled(base, answer)
    verdict = f"{answer.verdict.status}: {' '.join(answer.verdict.reasons)}".removesuffix(": ")
    aside = len(answer.selection.set_aside)
    call = metafor.call_in_r(answer)
    notes = [verdict, f"{aside:,} set aside; {answer.command()} says why"]
    notes.append(f"in R: {call}" if call else f"in R: {answer.command()} --r-script FILE")
    return Written({"effects": rows}, text, tuple(notes))


def _robvis(base: Base, wanted: Wanted) -> Written:
    from kb.exchange.writers import robvis

    judgements = _judgements(base, wanted.question)
    text, rows, tool = robvis.write(judgements, wanted.tool)
    return Written({"assessments": rows}, text, (f'in R: rob_summary(data, tool = "{tool}")',))


def _judgements(base: Base, question: Question) -> list["Judged"]:
    from kb.exchange.writers.robvis import Judged

    keys = base.keys(studies(base, question))
    described = sorted(base.records(study, keys), key=oldest_first)
    place = {row["key"]: number for number, row in enumerate(described)}
    rows = base.records(risk_of_bias, keys, by="study_key")
    rows.sort(key=lambda row: (place[row["study_key"]], by_key(row["key"])))
    return [
        Judged(
            described[place[row["study_key"]]]["label"],
            row["measurement_key"],
            row["tool"],
            row["assessor"],
            row["domain"],
            row["judgement"],
        )
        for row in rows
    ]


def _citations(name: str) -> Callable[[Base, Wanted], Written]:
    def write(base: Base, wanted: Wanted) -> Written:
        from importlib import import_module

        module = import_module(f"kb.exchange.writers.{name}")
        reports = _reports(base, wanted.question)
        if not reports:
            raise KbError("No report tells of such a study.", "Ask for other studies.")
        return Written({"reports": len(reports)}, module.write(reports))

    return write


def _reports(base: Base, question: Question) -> list[Record]:
    """Return the reports of the studies that are wanted; all reports where nothing narrows them."""
    query = select(report.key)
    if question.criteria:
        keys = base.keys(studies(base, question))
        told = select(study_report.report_key).where(among(study_report.study_key, keys))
        query = query.where(report.key.in_(told))
    return base.records(report, base.keys(query))


def _fhir(base: Base, wanted: Wanted) -> Written:
    from kb.exchange.writers import fhir

    text, resources, notes = fhir.write(base, wanted.question)
    return Written({"resources": resources}, text, tuple(notes))


def _data_package(base: Base, folder: Path) -> Written:
    from kb.exchange.writers import data_package

    return Written(data_package.write(base.connection, base.data, folder))


def _datasette(base: Base, folder: Path) -> Written:
    from kb.exchange.writers import datasette

    rows = datasette.write(base.connection, base.data, folder)
    command = "datasette evidence.db --metadata metadata.yaml"
    return Written(rows, notes=(f"in that folder: {command}",))


def _seeds(base: Base, folder: Path) -> Written:
    from kb.exchange.writers import seeds

    return Written(seeds.write(base.connection, folder))


_TEXTS: Mapping[str, Callable[[Base, Wanted], Written]] = {
    "json": _json,
    "metapsy": _metapsy,
    "metafor": _metafor,
    "robvis": _robvis,
    "ris": _citations("ris"),
    "bibtex": _citations("bibtex"),
    "csl-json": _citations("csl_json"),
    "fhir": _fhir,
}
_FOLDERS: Mapping[str, Callable[[Base, Path], Written]] = {
    "data-package": _data_package,
    "datasette": _datasette,
    "seeds": _seeds,
}
