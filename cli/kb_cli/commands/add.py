"""`kb add`: write a record into a seed file by answering questions."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb_cli.completion import values_of
from kb_cli.diagnostics import ExitCode

if TYPE_CHECKING:
    from kb.curation.interviewing import Interview
    from kb_cli.dialogue import Dialogue

group = typer.Typer(
    no_args_is_help=True, help="Add a record to a seed file by answering questions."
)

Study = Annotated[
    str,
    typer.Argument(
        metavar="STUDY", help="Key of the study in the file.", autocompletion=values_of("study")
    ),
]
StudyOrReview = Annotated[
    str,
    typer.Argument(
        metavar="STUDY",
        help="Key of the study or review in the file.",
        autocompletion=values_of("study"),
    ),
]
File = Annotated[
    Path | None,
    typer.Option("--file", "-f", metavar="FILE", help="Its seed file; else STUDY.yaml, here."),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="add", rich_help_panel="Curating")


@group.command(epilog="Example: kb add study own/")
def study(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="A new file, or a folder for it; else named by its key, here."
        ),
    ] = None,
) -> None:
    """Ask for a study, and write it into a new seed file.

    Its report, design and passage come first; then countries, cancers,
    interventions, arms and numbers of participants. What was answered is shown
    before it is written.
    """
    from kb.curation.choosing import Records
    from kb.curation.interviewing import Interview
    from kb.curation.writing import composed, write_new
    from kb.errors import KbError
    from kb_cli.diagnostics import tell
    from kb_cli.dialogue import Dialogue

    folder = path if path is not None and _is_folder(path) else Path()
    file = path if path is not None and not _is_folder(path) else None
    if file is not None and file.exists():
        raise KbError(
            f"{file} is there already.",
            "Name a new file; `kb add result`, `theme` and `factor` add to one.",
        )
    records = Records.known_to(None)
    if file is None:
        for other in sorted(folder.glob("*.yaml")):
            records.put("study", other.stem, {})
    tell("Enter skips what is optional, ? lists what may be answered, Ctrl-C stops.")
    dialogue = Dialogue("Nothing was written.")
    interview = Interview(dialogue, records)
    interview.study()
    written = file or folder / f"{interview.root}.yaml"
    text = composed(interview.additions)
    if not _agreed(dialogue, written, text):
        tell("nothing was written")
        return
    write_new(written, text)
    _checked(written, interview.root)


@group.command(epilog="Example: kb add result goodwin-2001 --file own/goodwin-2001.yaml")
def result(key: Study, file: File = None) -> None:
    """Ask for a measurement and its results, and add them to the seed file of a study.

    A result is a comparison between arms, what one arm showed, or a direction
    of effect. Comments, order and every other line of the file stay as they are.
    """
    _add(key, file, ("study",), lambda interview: interview.result())


@group.command(epilog="Example: kb add theme baker-2019 --file own/baker-2019.yaml")
def theme(key: StudyOrReview, file: File = None) -> None:
    """Ask for a theme that a study or review reports, and add it to its seed file."""
    _add(key, file, ("study", "review"), lambda interview: interview.themes())


@group.command(epilog="Example: kb add factor low-2010 --file own/low-2010.yaml")
def factor(key: StudyOrReview, file: File = None) -> None:
    """Ask for a barrier or facilitator that a study or review reports, and add it to its file."""
    _add(key, file, ("study", "review"), lambda interview: interview.factors())


def _is_folder(path: Path) -> bool:
    return path.is_dir() or path.suffix not in {".yaml", ".yml"}


def _add(
    key: str, file: Path | None, kinds: tuple[str, ...], conversation: "Callable[[Interview], None]"
) -> None:
    from kb.curation.choosing import Records
    from kb.curation.interviewing import Interview
    from kb.curation.writing import Unplaceable, add_to, spelled
    from kb.errors import KbError
    from kb_cli.diagnostics import tell
    from kb_cli.dialogue import Dialogue
    from kb_cli.output import write

    path = file or Path(f"{key}.yaml")
    if not path.is_file():
        raise KbError(f"There is no file {path}.", _where(key))
    records = Records.known_to(path)
    kind = next((kind for kind in kinds if key in records.own.get(kind, ())), None)
    if kind is None:
        own = ", ".join(sorted(key for kind in kinds for key in records.own.get(kind, ())))
        holds = f"It holds {own}." if own else "`kb check` says what is wrong with it."
        raise KbError(f"{path} holds no {' or '.join(kinds)} '{key}'.", holds)
    tell("Enter skips what is optional, ? lists what may be answered, Ctrl-C stops.")
    dialogue = Dialogue(f"{path} is as it was.")
    interview = Interview(dialogue, records, kind, key)
    conversation(interview)
    if not (interview.additions and _agreed(dialogue, path, spelled(interview.additions))):
        tell(f"nothing was added; {path} is as it was")
        return
    try:
        add_to(path, interview.additions)
    except Unplaceable as error:
        write(error.text)
        raise
    _checked(path, key)


def _agreed(dialogue: "Dialogue", path: Path, text: str) -> bool:
    """Show what is to be written, and return whether it is right."""
    dialogue.show(text)
    return dialogue.confirm(f"Write this to {path}?", default=True)


def _where(key: str) -> str:
    """Return how to come by the file of a study or review that comes with the program."""
    from kb.curation.bookkeeping import shipped_seeds

    for folder in ("studies", "reviews"):
        shipped = shipped_seeds() / folder / f"{key}.yaml"
        if shipped.is_file():
            return f"Copy the one that comes with the program first: cp '{shipped}' ."
    return "Name it with --file; `kb add study` writes a new one."


def _checked(path: Path, key: str) -> None:
    """Say whether a file that was written is sound, and what comes next."""
    from kb.curation.checking import check_files
    from kb.curation.wording import counted
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    tell(f"wrote {path}")
    gathered = check_files(path)
    if gathered.problems:
        write("\n".join(map(str, gathered.problems)))
        tell(
            f"{counted(len(gathered.problems), 'problem')} in {path}",
            f"Mend them in an editor; `kb check {path}` looks again.",
        )
        raise typer.Exit(ExitCode.FAILED)
    write(f"{path}: {counted(gathered.count(), 'row')}, no problem found")
    place = shlex.quote(str(path))
    tell(
        f"`kb load {place} --dry-run` shows what it changes in your store",
        f"`kb add result {key} -f {place}` adds what was measured",
    )
