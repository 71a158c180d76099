"""The guide to certainty says what the program does."""

from pathlib import Path

from kb.base import Base
from kb.certainty.absolute import FORMULAE
from kb.certainty.ratings import COMPONENTS, DOMAINS, ratings
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade
from kb.store.opening import open_base

GUIDE = (Path(__file__).parents[2] / "docs" / "certainty.md").read_text(encoding="utf-8")
VOCABULARIES = Path(__file__).parents[2] / "seeds" / "kb_seeds" / "vocabularies"


def test_example_of_the_guide_loads_as_it_stands(tmp_path: Path) -> None:
    example = tmp_path / "example.yaml"
    example.write_text(GUIDE.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    engine = open_engine(sqlite_url(tmp_path / "kb.sqlite"))
    upgrade(engine)
    load(engine, VOCABULARIES)
    load(engine, example)
    engine.dispose()

    with open_base(str(tmp_path / "kb.sqlite")) as base:
        found = ratings(base)

    assert [(row["key"], row["level"]) for row in found] == [
        ("maple-2021/hope", "moderate"),
        ("maple-2021/pain", "low"),
    ]
    assert [len(row["domains"]) for row in found] == [4, 2]


def test_guide_names_every_domain_and_formula() -> None:
    plain = " ".join(GUIDE.split())

    assert all(name in plain for name in (*DOMAINS, *COMPONENTS))
    for measure in ("OR", "RR", "RD", "HR"):
        assert FORMULAE[measure].words.split(",")[0] in plain


def test_commands_of_the_guide_work_from_python(base: Base) -> None:
    assert base.sof(approach="segt", baseline="overall-survival=60%").rows[0].absolute
    assert base.cerqual(theme="existential-support").rows
