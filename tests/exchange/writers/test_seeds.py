"""Seed files that are written from a store hold all of it, and are what a curator would write."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update

from kb.base import Base
from kb.curation.bookkeeping import shipped_seeds
from kb.curation.checking import check_files
from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.errors import KbError
from kb.exchange.writers import seeds
from kb.store.engine import open_engine, reading, sqlite_url, writing
from kb_schema.tables import metadata

NewStore = Callable[[str], Engine]


@pytest.fixture(scope="module")
def shipped_again(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the evidence shipped as it is written."""
    folder = tmp_path_factory.mktemp("seeds")
    seeds.write(base.connection, folder)
    return folder


@pytest.fixture(scope="module")
def small_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small store of which every table has a row, to be copied."""
    path = Path(shutil.copy(empty_file, tmp_path_factory.mktemp("small") / "store.db"))
    engine = open_engine(sqlite_url(path))
    load(engine, Path(__file__).parents[2] / "curation" / "sound")
    engine.dispose()
    return path


def hash_of(engine: Engine) -> str:
    with reading(engine) as connection:
        return content_hash(connection)


def test_what_is_written_loads_into_an_empty_store_with_an_equal_hash(
    any_base: Base, new_store: NewStore, tmp_path: Path
) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir()
    seeds.write(any_base.connection, folder)
    again = new_store("again")
    load(again, folder)

    assert hash_of(again) == content_hash(any_base.connection)
    assert check_files(folder).problems == []


def test_a_server_gives_the_same_files(
    base_on_sqlite: Base, base_on_postgres: Base, tmp_path: Path
) -> None:
    folders = []
    for number, each in enumerate((base_on_sqlite, base_on_postgres)):
        folder = tmp_path / str(number)
        folder.mkdir()
        seeds.write(each.connection, folder)
        folders.append({f.relative_to(folder): f.read_bytes() for f in folder.rglob("*.yaml")})

    assert folders[0] == folders[1]


def test_there_is_a_file_for_each_study_review_and_vocabulary(shipped_again: Path) -> None:
    files = {path.relative_to(shipped_again).as_posix() for path in shipped_again.rglob("*.yaml")}
    shipped = {
        f"{folder}/{path.stem}"
        for folder in ("studies", "reviews")
        for path in (shipped_seeds() / folder).glob("*.yaml")
    }

    assert {f.removesuffix(".yaml") for f in files if f.startswith(("studies", "rev"))} == shipped
    assert {f.partition("/")[0] for f in files} == {"context", "reviews", "studies", "vocabularies"}


def test_a_study_stands_with_its_reports_and_passages_in_place(shipped_again: Path) -> None:
    name = "studies/rodin-2018.yaml"
    text = (shipped_again / name).read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    shipped = yaml.safe_load((shipped_seeds() / name).read_bytes())

    assert document["study"].keys() == shipped["study"].keys()
    assert {r["key"] for r in document["reports"]} == {r["key"] for r in shipped["reports"]}
    assert document["study"]["passage"] == shipped["study"]["passage"]
    assert "\n  passage: {report: rodin-2018, locator: " in text
    assert " *" not in text


def test_the_order_of_written_lists_does_not_change_with_loading(
    made_up: Base, new_store: NewStore, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    seeds.write(made_up.connection, first)
    again = new_store("again")
    load(again, first)
    with reading(again) as connection:
        seeds.write(connection, second)

    assert {f.relative_to(first): f.read_bytes() for f in first.rglob("*.yaml")} == {
        f.relative_to(second): f.read_bytes() for f in second.rglob("*.yaml")
    }


def test_what_seed_files_cannot_hold_is_told_and_not_dropped(
    made_up_file: Path, tmp_path: Path, open_store: Callable[..., Engine]
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(made_up_file.read_bytes())
    engine = open_store(f"sqlite:///{copy}")
    passage = metadata.tables["passage"]
    stray = {"key": "stray", "report_key": "juniper-2016", "locator": "p. 1", "quote": "made up"}
    with writing(engine) as connection:
        connection.execute(insert(passage), {**stray, "seen": "record"})
    folder = tmp_path / "seeds"
    folder.mkdir()

    with reading(engine) as connection, pytest.raises(KbError, match="first of all: passage stray"):
        seeds.write(connection, folder)


def test_a_key_never_leads_out_of_the_folder(
    made_up_file: Path, tmp_path: Path, open_store: Callable[..., Engine]
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(made_up_file.read_bytes())
    engine = open_store(f"sqlite:///{copy}")
    with writing(engine) as connection:
        (values,) = connection.execute(
            select(metadata.tables["study"]).where(metadata.tables["study"].c.key == "juniper-2016")
        ).mappings()
        connection.execute(insert(metadata.tables["study"]), {**values, "key": "../../outside"})
    folder = tmp_path / "deep" / "seeds"
    folder.mkdir(parents=True)

    with reading(engine) as connection, pytest.raises(KbError, match="cannot name a file"):
        seeds.write(connection, folder)
    assert not list(tmp_path.rglob("outside*"))


def test_many_records_stand_in_several_files(
    made_up: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "MOST_RECORDS", 3)
    monkeypatch.setattr(seeds, "_AT_ONCE", 2)
    written = seeds.write(made_up.connection, tmp_path)

    assert written["vocabularies/countries.yaml"] == 3
    assert written["vocabularies/countries-2.yaml"] > 0
    assert max(n for name, n in written.items() if name.startswith("vocabularies")) == 3


def test_a_file_that_no_reader_would_take_is_told(
    made_up: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "SIZE_LIMIT", 2000)
    with pytest.raises(KbError, match="at most 2,000 are read"):
        seeds.write(made_up.connection, tmp_path)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1
).map(lambda text: " ".join(text.split()))
WORDS = TEXT.filter(lambda text: bool(text) and "\ufeff" not in text and "\ufffe" not in text)
LIKE_YAML = st.sampled_from(
    [
        "yes",
        "null",
        "~",
        "1e5",
        "0x1F",
        "1_000",
        "=",
        "- a",
        "a: b",
        "#x",
        "'",
        '"',
        "[",
        "1:30",
        "-",
    ]
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=64)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(texts=st.lists(WORDS | LIKE_YAML, min_size=4, max_size=4), number=NUMBER)
def test_any_text_and_number_comes_back(
    texts: list[str],
    number: float,
    small_file: Path,
    new_store: NewStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("property")
    store = open_engine(sqlite_url(Path(shutil.copy(small_file, folder / "store.db"))))
    with writing(store) as connection:
        for table, column, value in (
            ("study", "title", texts[0]),
            ("factor", "statement", texts[1]),
            ("gap", "missing", texts[2]),
            ("outcome", "definition", texts[3]),
            ("characteristic", "number", number),
        ):
            changed = connection.execute(update(metadata.tables[table]).values({column: value}))
            assert changed.rowcount
    with reading(store) as connection:
        (folder / "seeds").mkdir()
        seeds.write(connection, folder / "seeds")
        before = content_hash(connection)
    store.dispose()
    again = new_store(folder.name)
    load(again, folder / "seeds")

    assert hash_of(again) == before
    again.dispose()
