"""Questions to a person: on a terminal with completion, or answered one per line from a pipe.

All of it goes to standard error, beside the data.
"""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import typer

from kb.errors import KbError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.curation.prompting import Question, Value

_LISTED_IN_PLACE = 9
"""Codes that are told with the question; more are listed when they are asked for."""


class Ended(KbError):
    """The answers ended before the questions did."""


class Dialogue:
    """Asks on standard error and reads from standard input; a pipe's answers are shown."""

    def __init__(self, kept: str) -> None:
        """Take what is true if the person stops: that a file is as it was, or was not written."""
        self._kept = kept
        self._terminal = sys.stdin.isatty()
        self._completing = self._terminal and sys.stdout.isatty() and _completer_at_hand()

    def ask(self, question: "Question") -> "Value | None":
        """Return the answer to a question, asked again until it fits; None where it is skipped.

        `?` lists what may be answered, and `? word` what has to do with the word. Raises `Ended`.
        """
        from kb.curation.cells import Unfit

        self._put(question)
        while True:
            answer = self._line(question) or question.default or ""
            if answer.startswith("?"):
                self._list(question, answer[1:].strip())
                continue
            if not answer and question.optional:
                return None
            try:
                value = question.read(answer) if answer else None
            except Unfit as unfit:
                near = f" Nearest: {unfit.nearest}." if unfit.nearest else ""
                self.say(f"{unfit.message}{near}{_allowed(question)}")
                continue
            if value is not None:
                self._confirm_value(question, answer, value)
                return value
            self.say("is needed; it cannot be left out.")

    def confirm(self, words: str, *, default: bool = False) -> bool:
        """Return whether the answer is yes; an empty one is the default."""
        from kb.curation.prompting import TRUTHS

        self._wrapped(f"{words} [{'Y/n' if default else 'y/N'}]")
        while True:
            answer = self._line(None).lower()
            if not answer:
                return default
            if answer in TRUTHS:
                return TRUTHS[answer]
            self.say("Answer y or n.")

    def head(self, words: str) -> None:
        """Say what the next questions are about."""
        self._print(f"\n— {words} —")

    def say(self, words: str) -> None:
        """Say something of the answers that were given."""
        self._wrapped(words, indent="  ")

    def show(self, text: str) -> None:
        """Show a text as it is."""
        self._print(f"\n{text}")

    def _put(self, question: "Question") -> None:
        about = question.words.rstrip(".")
        more = [
            "optional" if question.optional else "",
            _codes(question),
            "yes or no" if question.is_truth else "",
            f"Enter for {question.default}" if question.default else "",
            "new adds one" if question.may_add else "",
        ]
        told = "; ".join(part for part in more if part)
        self._wrapped(f"{question.name}: {about}" + (f" ({told})" if told else ""))

    def _confirm_value(self, question: "Question", answer: str, value: "Value") -> None:
        """Show what an answer was taken for, where that is not what was typed."""
        from kb.curation.prompting import words_left

        if question.column.table.name == "passage" and question.name == "quote":
            self.say(words_left(str(value)))
        elif question.choices and str(value) in question.choices.names:
            name = question.choices.names[str(value)]
            if str(value) != answer or (name and name != answer):
                self.say(f"= {value}" + (f", {name}" if name else ""))

    def _list(self, question: "Question", word: str) -> None:
        if question.choices is None:
            self.say("Any answer of this kind; nothing to choose from.")
            return
        found = question.choices.holding(word) if word else question.choices.names
        if not found:
            self.say(f"Nothing known has to do with '{word}'.")
        for line in _columns(found):
            self._print(f"  {line}")

    def _line(self, question: "Question | None") -> str:
        """Return one answer without the spaces around it. Raises `Ended`."""
        try:
            line = _completed(question) if self._completing else self._read()
        except UnicodeDecodeError as error:
            raise Ended("The answers are not UTF-8 text.", self._kept) from error
        except (EOFError, KeyboardInterrupt) as stopped:
            self._print("")
            if isinstance(stopped, KeyboardInterrupt):
                raise
            about = question.name if question else "yes or no"
            raise Ended(f"The answers ended where {about} was asked.", self._kept) from stopped
        return line.strip()

    def _read(self) -> str:
        typer.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        if not self._terminal:
            self._print("".join(c if c.isprintable() else "?" for c in line.rstrip("\r\n")))
        return line

    def _wrapped(self, words: str, indent: str = "") -> None:
        hanging = "  "
        for line in textwrap.wrap(
            words,
            _width(),
            initial_indent=indent,
            subsequent_indent=indent or hanging,
            break_on_hyphens=False,
        ):
            self._print(line)

    @staticmethod
    def _print(line: str) -> None:
        typer.echo(line, err=True)


def _allowed(question: "Question") -> str:
    if not question.choices:
        return ""
    told = _codes(question)
    return f" {told[0].upper()}{told[1:]}." if told.startswith("?") else f" Use {told}."


def _codes(question: "Question") -> str:
    if not question.choices:
        return ""
    names = list(question.choices.names)
    if question.is_code and len(names) <= _LISTED_IN_PLACE:
        return ", ".join(names)
    return "? lists them" if names else "none is known"


def _columns(found: "Mapping[str, str]") -> list[str]:
    """Return keys with their names, each on a line that fits."""
    wide = max(map(len, found), default=0)
    room = _width() - 2
    lines = (f"{key:<{wide}}  {name}".rstrip() for key, name in found.items())
    return [line if len(line) <= room else f"{line[: room - 1]}…" for line in lines]


def _width() -> int:
    return min(shutil.get_terminal_size().columns, 100)


def _completer_at_hand() -> bool:
    """Return whether the terminal completes words, and let it do so on the tab key."""
    try:
        import readline
    except ImportError:  # as on Windows
        return False
    readline.set_completer_delims("\n")
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    return True


def _completed(question: "Question | None") -> str:
    """Read a line on which the keys and names of what may be answered are completed."""
    import readline

    choices = question.choices if question else None

    def offer(text: str, state: int) -> str | None:
        offered = choices.beginning(text) if choices else []
        return offered[state] if state < len(offered) else None

    readline.set_completer(offer)
    try:
        return input("> ")
    finally:
        readline.set_completer(None)
