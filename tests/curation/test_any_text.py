"""Whatever a file holds, it is told of or taken; it never stops the program."""

import random
from pathlib import Path

import pytest

from kb.curation.checking import Known, note_problems
from kb.curation.gathering import gather

HERE = Path(__file__).parent
TEXTS = [file.read_bytes() for file in sorted(HERE.glob("*/*.yaml"))]
PIECES = (
    *(b"&p ", b"*p", b"*design", b"[", b"]", b"{", b"}", b": ", b"- ", b"\n", b"\t", b'"', b"'"),
    *(b"|\n", b">-\n", b"---\n", b"...\n", b"%YAML 1.1\n", b"!!int ", b"!x ", b"? ", b"<<: "),
    *(b"\xff", b"\x00", b"\xef\xbb\xbf", b"#", b",", b"null", b"~", b"  ", b"@", b"`", b"\r"),
)


@pytest.mark.parametrize("seed", range(12))
def test_spoilt_text_never_stops_the_check(seed: int, tmp_path: Path, sound_records: Known) -> None:
    chance = random.Random(seed)
    file = tmp_path / "spoilt.yaml"
    refused = 0
    for _ in range(25):
        file.write_bytes(spoil(chance.choice(TEXTS), chance))
        gathered = gather(file)
        note_problems(gathered, sound_records)
        refused += bool(gathered.problems)

        assert all(problem.line >= 1 and problem.message for problem in gathered.problems)
        assert all("\x1b" not in str(problem) for problem in gathered.problems)

    assert refused > 10


def spoil(text: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(text)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(spoilt) + 1)
        what = chance.random()
        if what < 0.5:
            spoilt[at:at] = chance.choice(PIECES)
        elif what < 0.8:
            del spoilt[at : at + chance.randint(1, 30)]
        else:
            start = chance.randrange(len(spoilt) + 1)
            spoilt[at:at] = spoilt[start : start + chance.randint(1, 80)]
    return bytes(spoilt)
