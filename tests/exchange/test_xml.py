"""XML: what is parsed, and what is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange import xml
from kb.exchange.files import FileProblem, open_file
from kb.exchange.xml import parsed_xml
from tests.exchange.revman_files import saved


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"])
def test_the_declared_code_is_read(encoding: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a b="é">Müller</a>'
    root = parsed_xml(saved(tmp_path, "made-up.xml", text.encode(encoding)))
    assert (root.get("b"), root.text) == ("é", "Müller")


ENTITY = '<!DOCTYPE a [<!ENTITY b "made up">]><a>&b;</a>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]><a>&d;</a>'
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>'
TYPE = '<!DOCTYPE a SYSTEM "made-up.dtd"><a/>'


@pytest.mark.parametrize(
    "text",
    [ENTITY, LAUGHS, EXTERNAL, PARAMETER, TYPE],
    ids=["entity", "expansion", "external", "parameter", "type"],
)
def test_document_types_and_entities_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="declares a document type or entities"):
        parsed_xml(saved(tmp_path, "made-up.xml", text))


@pytest.mark.parametrize(
    "data",
    [
        b"made up",
        b"<a><b></a>",
        b"<a>",
        b"<a>&unknown;</a>",
        b'<?xml version="1.0" encoding="UTF-8"?><a>M\xfcller</a>',
        b'<?xml version="1.0" encoding="made-up"?><a/>',
        b'<?xml version="1.0" encoding="big5"?><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b"<a>\x00</a>",
    ],
    ids=[
        "no tag",
        "crossed",
        "open",
        "unknown entity",
        "wrong code",
        "unknown code",
        "code of several bytes",
        "no UTF-16",
        "NUL",
    ],
)
def test_what_is_not_well_formed_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="is not well-formed XML") as caught:
        parsed_xml(saved(tmp_path, "made-up.xml", data))
    assert caught.value.remedy


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = 100_000
    with pytest.raises(FileProblem, match="more than 200 deep"):
        parsed_xml(saved(tmp_path, "made-up.xml", "<a>" * deep + "</a>" * deep))


def test_two_hundred_levels_are_not(tmp_path: Path) -> None:
    assert parsed_xml(saved(tmp_path, "made-up.xml", "<a>" * 200 + "</a>" * 200)).tag == "a"


def test_a_host_of_elements_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 1_000)
    with pytest.raises(FileProblem, match="more than 1,000 elements"):
        parsed_xml(saved(tmp_path, "made-up.xml", f"<a>{'<b/>' * 1_000}</a>"))


def test_a_huge_text_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path, "made-up.xml", f"<a>{'x' * 5_000}</a>")
    with pytest.raises(FileProblem, match="is larger than"):
        parsed_xml(file, most=5_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(min_size=1, max_size=200) | st.text("<>/a&;!'\" ", min_size=1).map(str.encode)
)
def test_any_bytes_are_a_tree_or_a_problem(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.xml"
    path.write_bytes(data)
    with suppress(FileProblem):
        assert parsed_xml(open_file(path)) is not None
