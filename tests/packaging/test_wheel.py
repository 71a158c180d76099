"""What is installed is what is here, and it gets along with its namesakes."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMESAKE = "schema==0.7.8"
"""A library whose import name is that of one of our folders."""

pytestmark = [pytest.mark.packaging, pytest.mark.xdist_group("packaging")]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and from it the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def namesake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch the library of the same name from the package index."""
    folder = tmp_path_factory.mktemp("namesake")
    try:
        _pip("download", "--no-deps", "--dest", folder, NAMESAKE)
    except AssertionError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no package index can be reached: {error}")
    (fetched,) = folder.iterdir()
    return fetched


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    packages = (
        "kb",
        "schema/kb_schema",
        "seeds/kb_seeds",
        "cli/kb_cli",
        "migrations/kb_migrations",
    )
    here = {
        path.relative_to((ROOT / package).parent).as_posix()
        for package in packages
        for path in _shipped(ROOT / package)
    }

    assert names == here
    assert {name.partition("/")[0] for name in names if name.endswith("/py.typed")} == {
        Path(package).name for package in packages
    }
    assert "kb_migrations/versions/r0001_tables.py" in names
    assert "kb_migrations/script.py.mako" in names
    assert "kb_seeds/studies/goodwin-2001.yaml" in names


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_wheel_lives_beside_its_namesake(
    first: str, wheel: Path, namesake: Path, tmp_path: Path
) -> None:
    python = _bare_environment(tmp_path / "venv")
    for library in (wheel, namesake) if first == "ours" else (namesake, wheel):
        _install(python, library)
    kb = python.with_name("kb")

    assert _run(python, "-c", "import schema; print(schema.Schema(int).validate(7))") == "7\n"
    assert _run(kb, "--version").startswith("kb ")

    _pip("--python", python, "uninstall", "--yes", "schema")
    assert _run(kb, "--version").startswith("kb ")


def test_installed_program_makes_its_tables_and_finds_its_seeds(
    wheel: Path, tmp_path: Path
) -> None:
    python = _bare_environment(tmp_path / "venv")
    _install(python, wheel)
    code = """
from importlib.resources import files
from kb.store.engine import open_engine, reading
from kb.store.migrate import require_current, upgrade
engine = open_engine("sqlite:///store.db")
upgrade(engine)
with reading(engine) as connection:
    require_current(connection)
print(files("kb_seeds").joinpath("studies", "goodwin-2001.yaml").is_file())
"""

    assert _run(python, "-c", code, cwd=tmp_path) == "True\n"


def _shipped(package: Path) -> Iterable[Path]:
    return (p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _bare_environment(folder: Path) -> Path:
    """Return the Python of a new environment that finds our dependencies, but not our project.

    Folders on PYTHONPATH are searched, but their .pth files, which hold editable installs, are not
    read.
    """
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def _install(python: Path, library: Path) -> None:
    _pip("--python", python, "install", "--no-deps", "--no-index", "--no-compile", library)


def _pip(*arguments: str | Path) -> str:
    return _run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments)


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    dependencies = {"PYTHONPATH": sysconfig.get_path("purelib")}
    environment = {**os.environ, **dependencies}
    run = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
