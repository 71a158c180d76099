"""Whatever a file of citations holds, it is read or refused in a sentence; nothing else happens."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.drafts import Fate, Reading
from kb.exchange.files import FileProblem, ForeignFile, open_file
from kb.exchange.readers import bibtex, clinical_trials, csl_json, pubmed, ris

Reader = Callable[[ForeignFile, Mapping[str, str]], Reading]

PIECES = {
    "ris": "TY  - |JOUR|BOOK|ER  - \n|TI  - |T2  - |AU  - |PY  - |SP  - |EP  - |DO  - |N1  - ",
    "bibtex": "@article{|@book(|@string{|@comment{|a,|title|author|=|{|}|\"|\\|and |\\'|$|%|#|\n@",
    "pubmed": "PMID- |TI  - |AU  - |FAU - |DP  - |PG  - |LID - |[doi]|PT  - |      |CN  - ",
}
COMMON = (
    "\n|\r\n| |,|;|-|.|10.1000/a|https://doi.org/|https://[|2001|é|et al.|<i>|&amp;|\x1b|\u2028"
)
NAMES = """
type title author family given literal issued date-parts DOI note URL page id items studies
protocolSection identificationModule nctId designModule designInfo enrollmentInfo count
armsInterventionsModule armGroups label interventionNames referencesModule references pmid citation
outcomesModule primaryOutcomes
"""


def texts(name: str) -> st.SearchStrategy[str]:
    pieces = st.sampled_from([*PIECES[name].split("|"), *COMMON.split("|")])
    return st.lists(st.one_of(pieces, st.text(max_size=5)), min_size=1).map("".join)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(NAMES.split()),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)


def read_or_refuse(read: Reader, data: bytes, folder: Path) -> None:
    file = folder / "any"
    file.write_bytes(data)
    try:
        reading = read(open_file(file), {})
    except FileProblem:
        return
    drafts = {draft.row for draft in reading.reports} | {each.row for each in reading.studies()}
    refused = [note for note in reading.notes if note.fate == Fate.REFUSED]
    assert reading.rows == len(drafts | {note.row for note in refused})
    assert all(draft.title for draft in reading.reports)
    assert all("\x1b" not in f"{draft.title}{draft.authors}" for draft in reading.reports)
    assert all("\x1b" not in note.message for note in reading.notes)


@pytest.mark.parametrize(
    ("name", "read"), [("ris", ris.read), ("bibtex", bibtex.read), ("pubmed", pubmed.read)]
)
@given(data=st.data())
def test_any_text_is_read_or_refused(
    name: str, read: Reader, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = data.draw(texts(name))

    read_or_refuse(read, text.encode("utf-8", "surrogatepass"), tmp_path_factory.mktemp("any"))


@pytest.mark.parametrize("read", [csl_json.read, clinical_trials.read], ids=["csl", "trials"])
@given(value=JSON)
def test_any_json_is_read_or_refused(
    read: Reader, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = json.dumps(value, ensure_ascii=True)

    read_or_refuse(read, text.encode(), tmp_path_factory.mktemp("any"))
    read_or_refuse(read, f"[{text}]".encode(), tmp_path_factory.mktemp("any"))


@pytest.mark.parametrize(
    "read",
    [ris.read, bibtex.read, pubmed.read, csl_json.read, clinical_trials.read],
    ids=["ris", "bibtex", "pubmed", "csl-json", "clinical-trials"],
)
@given(data=st.binary(min_size=1, max_size=200))
def test_any_bytes_are_read_or_refused(
    read: Reader, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_or_refuse(read, data, tmp_path_factory.mktemp("any"))
