"""The arms of one study of an extraction sheet: what each is called, is for and received."""

from collections.abc import Callable, Iterable

from kb.exchange.drafts import ArmDraft
from kb.exchange.files import quoted
from kb.exchange.tabular.spool import Line
from kb.exchange.template.columns import RowKind
from kb.vocabulary import plain
from kb_schema.codes import ArmRole

Warn = Callable[[Line, str, str, str], None]
"""Keeps a note on a row: its column, the kind of thing, and what to say."""

_OFFERED = {ArmRole.INTERVENTION: "approach", ArmRole.CONTROL: "comparator"}


class Arms:
    """The arms that rows name; a name spelt in two ways is one."""

    def __init__(self, lines: Iterable[Line], warn: Warn) -> None:
        self._warn = warn
        self._arms: dict[str, ArmDraft] = {}
        self._compared: dict[int, list[str]] = {}
        rows = list(lines)
        for line in rows:
            self._describe(line)
        named = dict(self._arms)
        for line in rows:
            if line.texts["row"] == RowKind.CONTRAST:
                self._compared[line.row] = self._compare(line, named)

    @property
    def drafts(self) -> list[ArmDraft]:
        """The arms, in the order in which rows name them."""
        return list(self._arms.values())

    def name(self, line: Line) -> str:
        """Return what the arm of a row is called."""
        return self._arms[plain(line.texts["arm"])].name

    def compared_with(self, line: Line) -> str:
        """Return what the arm is called that a contrast compares with."""
        return self._compared[line.row][0]

    def unclear(self, line: Line) -> str:
        """Return why it is not clear which arms a row is of, or nothing."""
        names = self._compared.get(line.row, [])
        if len(names) > 1:
            text = quoted(line.texts["comparator"])
            return f"{text} was received in {' and '.join(names)}: give the name of one."
        if names == [self.name(line)]:
            return f"It compares {quoted(names[0])} with itself."
        return ""

    def _describe(self, line: Line) -> None:
        """Take in what a row says of its arm; what others said before it stands."""
        name = line.texts["arm"]
        draft = self._arms.setdefault(plain(name), ArmDraft(line.row, name))
        role = line.texts.get("role") or self._likely_role(line)
        if role and draft.role and role != draft.role:
            self._differs(line, "role", draft.role)
            return
        draft.role = draft.role or role
        column = _OFFERED.get(ArmRole(role)) if role else None
        offered = line.texts.get(column) if column and self._is_of_arm(line, column) else None
        if offered and draft.offered and plain(offered) != plain(draft.offered):
            self._differs(line, str(column), draft.offered)
        draft.offered = draft.offered or offered
        for other in ("approach", "comparator"):
            if other != column and other in line.texts and self._is_of_arm(line, other):
                message = (
                    f"It says nothing of {quoted(name)}, whose role is {role}; it was left out."
                )
                self._warn(line, other, "value left out", message)

    @staticmethod
    def _likely_role(line: Line) -> str | None:
        """Return the role of an arm of which a row tells only what it received."""
        if "approach" in line.texts:
            return ArmRole.INTERVENTION
        is_control = line.texts["row"] == RowKind.ARM and "comparator" in line.texts
        return ArmRole.CONTROL if is_control else None

    @staticmethod
    def _is_of_arm(line: Line, column: str) -> bool:
        """Return whether a column tells of the arm itself, and not of another."""
        return column == "approach" or line.texts["row"] == RowKind.ARM

    def _differs(self, line: Line, column: str, before: str) -> None:
        message = f"Another row says {quoted(before)} of {quoted(line.texts['arm'])}, which stands."
        self._warn(line, column, "rows differ", message)

    def _compare(self, line: Line, named: dict[str, ArmDraft]) -> list[str]:
        """Return which arms a comparator may be, by name or what they received; or a new one."""
        text = line.texts["comparator"]
        if (known := named.get(plain(text))) is not None:
            return [known.name]
        received = [arm for arm in named.values() if plain(arm.offered or "") == plain(text)]
        others = [arm.name for arm in received if arm.name != self.name(line)]
        if others:
            return others
        return [self._arms.setdefault(plain(text), ArmDraft(line.row, text)).name]
