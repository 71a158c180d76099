"""Text with LaTeX commands, as BibTeX files hold it, and back."""

import re
from unicodedata import normalize

from kb.exchange.files import printable

_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
"""The combining character of each accent command."""

_NAMED = r"""
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ
pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Delta Δ Omega Ω
ss ß o ø O Ø l ł L Ł ae æ AE Æ oe œ OE Œ aa å AA Å i ı j ȷ dj đ DJ Đ dh ð DH Ð th þ TH Þ ng ŋ NG Ŋ
pm ± times × div ÷ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ approx ≈
textless < textgreater > textbar | textbackslash \ textasciicircum ^ textasciitilde ~
textunderscore _
textquotesingle ' textquotedbl " textquoteleft ‘ textquoteright ’ textquotedblleft “
textquotedblright ” textendash – textemdash — ldots … dots … textellipsis …
copyright © texttrademark ™ textregistered ® textdegree °
"""
_LETTERS = dict(zip(_NAMED.split()[::2], _NAMED.split()[1::2], strict=True))
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}

_COMMAND = re.compile(
    r"""\\(?P<accent>[`'^~=."]|[uHrvdckb](?![A-Za-z]))
          \s*(?P<braced>\{\s*)?(?P<on>\\[ij](?![A-Za-z])|[^\W\d_])(?(braced)\s*\})
      | \\(?P<letter>[A-Za-z]+)\*?(?:\{\}|\s+)?
      | \\(?P<escaped>[^A-Za-z\s])
      | \\\s?
      | (?P<ligature>---?|``|''|[~{}])""",
    re.VERBOSE,
)
_MATHS = re.compile(r"(?<!\\)\$([^$]{0,300}[\\^_<>=][^$]{0,300}|[A-Za-z])(?<!\\)\$")
_ESCAPED = re.compile(r"\{?\\([_%&#$~{}])\}?")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{letter: f"\\{letter}" for letter in "{}#$%&_"},
}
_BETWEEN_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')")


def decoded(text: str) -> str:
    r"""Return a text with its LaTeX commands as letters: `Sch{\"u}nemann` is 'Schünemann'.

    A command without a letter of its own, such as `\emph`, leaves what it applies to. `%`, `&` and
    `#` stand for themselves, escaped or not.
    """
    return printable(_COMMAND.sub(_letter, _MATHS.sub(r"\1", text)))


def verbatim(text: str) -> str:
    """Return an address or an identifier without the backslashes that some programs set in it."""
    return _ESCAPED.sub(r"\1", text).strip("{} ")


def encoded(text: str) -> str:
    """Return a text as `decoded` reads it; letters with accents stay as they are, in UTF-8."""
    return _BETWEEN_LIGATURE.sub("{}", "".join(_SPECIAL.get(letter, letter) for letter in text))


def _letter(found: re.Match[str]) -> str:
    if found["accent"]:
        base = found["on"].removeprefix("\\")
        return normalize("NFC", base + _ACCENTS[found["accent"]])
    if name := found["letter"]:
        blank = " " if name not in _LETTERS and found[0][-1:].isspace() else ""
        return _LETTERS.get(name, blank)
    if found["escaped"]:
        return "" if found["escaped"] in "-/," else found["escaped"].replace("\\", " ")
    return _LIGATURES.get(found["ligature"] or "", " ")
