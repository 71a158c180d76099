"""The expressions of checks: two sides and a comparison, such as
`value("li-zhicheng/r086", 2) == share(13, 19)`.

An expression is read as Python and nothing of it is ever run: numbers, `+ - * /`, comparisons and
the functions in `FUNCTIONS` are all that it may hold. Numbers are exact fractions. The claimed side
stands first.
"""

import ast
import operator
import shlex
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kb.audit.figures import Figure, figure
from kb.errors import KbError
from kb.facets import FACETS
from kb.question import SUBJECTS

LENGTH_LIMIT = 1000
"""Characters that an expression may have."""

DEPTH_LIMIT = 20
"""Levels that an expression may be nested."""

LARGEST = 10**15
"""The largest number, without its sign, that an expression may hold or come to."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Callable[[Fraction, Fraction], bool]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_KEY, _NUMBER, _WORD = "a key in quotes", "a number", "a text in quotes"
FUNCTIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "value": ((_KEY, _NUMBER), "a number of a claim as printed: the first, or the one counted"),
    "studies": ((_KEY,), "the studies that a claim rests on"),
    "of": ((_KEY,), "of how many studies"),
    "claims": ((_KEY,), "how many claims are named, any number of them"),
    "published": ((_KEY,), "the year of a report"),
    "pooled": ((_KEY, _WORD), "a printed number of a published pool, such as 'estimate'"),
    "count": ((_WORD,), "the rows that the base has for a question such as 'kb studies'"),
    "share": ((_NUMBER, _NUMBER), "the first number in percent of the second"),
    "years": ((_NUMBER, _NUMBER), "the years from the first to the second"),
}
"""What an expression may call: the arguments of each function and what it gives."""

REFERENCES: Mapping[str, str] = {
    "value": "claim",
    "studies": "claim",
    "of": "claim",
    "claims": "claim",
    "published": "report",
    "pooled": "published_pool",
}
"""The tables whose keys the functions name."""

POOLED_FIELDS = ("estimate", "ci_low", "ci_high", "p", "i2", "studies", "participants")
"""The numbers of a published pool that `pooled` may ask for."""

_OPTIONAL = {"value": 1}  # how many arguments must be given, where the last may be left out


@dataclass(frozen=True)
class Call:
    """A function call in an expression: what it names, and its place, counted from 1."""

    function: str
    words: tuple[str, ...]
    place: int
    number: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of an expression: both sides, and whether the comparison holds."""

    claimed: Figure
    recomputed: Figure
    comparison: str
    holds: bool


class BadExpression(KbError):
    """An expression that cannot be read: what is wrong, and where in it."""


Look = Callable[[Call], Figure]
"""Looks up what a call names; raises `KbError` where there is no such thing."""


def read(expression: str) -> ast.Compare:
    """Return an expression as a tree that holds nothing but what is allowed.

    Raises `BadExpression`.
    """
    if len(expression) > LENGTH_LIMIT:
        raise BadExpression(
            f"It has {len(expression):,} characters; at most {LENGTH_LIMIT:,} are read."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise BadExpression(
            f"It cannot be understood at place {error.offset or len(expression)}."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadExpression("It is no expression.") from error
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        raise BadExpression("It must be two sides with one comparison between them, such as ==.")
    if type(tree.ops[0]) not in _COMPARISONS:
        raise _refused(tree)
    for side in (tree.left, tree.comparators[0]):
        _refuse_all_else(side, 1)
    return tree


def question_in(command: str) -> tuple[str, dict[str, list[str]]]:
    """Return the subject and the facets of a command line such as 'kb studies --design rct'.

    Raises `BadExpression`.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadExpression(f"'{command}' has a quote that is not closed.") from error
    subject, flags, values = words[1:2], words[2::2], words[3::2]
    facets = [flag.removeprefix("--") for flag in flags]
    if words[:1] != ["kb"] or not set(subject) & set(SUBJECTS) or len(flags) != len(values):
        raise BadExpression(f"'{command}' is not a question such as 'kb studies --design rct'.")
    unknown = [facet for facet in facets if facet not in FACETS]
    if unknown:
        raise BadExpression(f"There is no facet '{unknown[0]}' in '{command}'.")
    return subject[0], {facet: [value] for facet, value in zip(facets, values, strict=True)}


def calls(tree: ast.AST) -> Iterator[Call]:
    """Yield the calls of an expression that was read, in order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield _call(node)


def evaluate(tree: ast.Compare, look: Look) -> Outcome:
    """Return what comes of an expression that was read.

    A share is rounded as the other side is printed. Raises `KbError` where something that it names
    is not there, or a number is divided by 0.
    """
    claimed = _side(tree.left, look)
    recomputed = _side(tree.comparators[0], look)
    sign, compare = _COMPARISONS[type(tree.ops[0])]
    if claimed.agrees_rounded(recomputed):
        holds = sign in {"==", "<=", ">="}
    else:
        holds = compare(claimed.number, recomputed.number)
    return Outcome(claimed, recomputed, sign, holds)


def _refuse_all_else(node: ast.expr, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise BadExpression(
            f"It is nested deeper than {DEPTH_LIMIT} levels at place {_place(node)}."
        )
    match node:
        case ast.Constant(value=value) if type(value) in {int, float}:
            _literal(node)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _refuse_all_else(operand, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            _refuse_all_else(left, depth + 1)
            _refuse_all_else(right, depth + 1)
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            _refuse_arguments(node, name, depth)
        case ast.Call(func=ast.Name(id=name)):
            raise BadExpression(
                f"It calls '{name}' at place {_place(node)}; the functions are "
                f"{', '.join(FUNCTIONS)}."
            )
        case _:
            raise _refused(node)


def _refuse_arguments(node: ast.Call, name: str, depth: int) -> None:
    kinds, _ = FUNCTIONS[name]
    wanted = kinds if name != "claims" else kinds * max(len(node.args), 1)
    least = _OPTIONAL.get(name, len(wanted))
    if node.keywords or not least <= len(node.args) <= len(wanted):
        raise BadExpression(f"{name}() at place {_place(node)} takes {', '.join(kinds)}.")
    for kind, argument in zip(wanted, node.args, strict=False):
        is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        if is_text != (kind != _NUMBER):
            raise BadExpression(
                f"{name}() at place {_place(node)} takes {', '.join(kinds)}; "
                f"at place {_place(argument)} stands something else."
            )
        if kind == _NUMBER and name == "value":
            _counted(argument)
        elif kind == _NUMBER:
            _refuse_all_else(argument, depth + 1)


def _counted(argument: ast.expr) -> int:
    if isinstance(argument, ast.Constant) and type(argument.value) is int and argument.value > 0:
        return argument.value
    raise BadExpression(
        f"value() at place {_place(argument)} takes the place of the value among those of its "
        "claim, counted from 1."
    )


def _call(node: ast.Call) -> Call:
    assert isinstance(node.func, ast.Name)
    words = tuple(str(a.value) for a in node.args if isinstance(a, ast.Constant))
    if node.func.id in {"share", "years"}:
        return Call(node.func.id, (), _place(node))
    if node.func.id == "value":
        number = _counted(node.args[1]) if len(node.args) > 1 else 1
        return Call("value", words[:1], _place(node), number)
    return Call(node.func.id, words, _place(node))


def _side(node: ast.expr, look: Look) -> Figure:
    match node:
        case ast.Constant():
            return _literal(node)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _side(operand, look)
            return inner.with_number(-inner.number) if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(node, _side(left, look), op, _side(right, look))
        case ast.Call(func=ast.Name(id="share"), args=[part, whole]):
            return _share(node, _side(part, look), _side(whole, look))
        case ast.Call(func=ast.Name(id="years"), args=[first, last]):
            return _side(last, look).combined(_side(first, look), operator.sub)
        case ast.Call():
            return look(_call(node))
    raise _refused(node)


def _computed(node: ast.expr, left: Figure, op: ast.operator, right: Figure) -> Figure:
    if isinstance(op, ast.Div) and not right.number:
        raise BadExpression(f"It divides by 0 at place {_place(node)}.")
    return _not_too_large(node, left.combined(right, _ARITHMETIC[type(op)]))


def _share(node: ast.expr, part: Figure, whole: Figure) -> Figure:
    if not whole.number:
        raise BadExpression(f"It divides by 0 at place {_place(node)}.")
    return _not_too_large(node, part.combined(whole, lambda a, b: 100 * a / b)).to_be_rounded()


def _not_too_large(node: ast.expr, computed: Figure) -> Figure:
    if abs(computed.number) > LARGEST:
        raise BadExpression(f"It comes to more than {LARGEST:.0e} at place {_place(node)}.")
    return computed


def _literal(node: ast.Constant) -> Figure:
    found = figure(repr(node.value))
    if found is None or abs(found.number) > LARGEST:
        raise _refused(node)
    return found


def _refused(node: ast.expr) -> BadExpression:
    return BadExpression(
        f"It holds what is not allowed at place {_place(node)}. Allowed are numbers, + - * /, one "
        f"comparison, and {', '.join(FUNCTIONS)}."
    )


def _place(node: ast.expr) -> int:
    return node.col_offset + 1
