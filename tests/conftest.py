"""What every test stands on: a quiet terminal, a home of its own, and both kinds of store."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, make_url

from kb.base import Base
from kb.store.engine import open_engine, sqlite_url, writing
from kb.store.opening import create, engine_of, open_base
from kb_schema.tables import metadata

TERMINAL = {"NO_COLOR": "1", "COLUMNS": "80", "LINES": "24", "TERMINAL_WIDTH": "80"}
FORGOTTEN = ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "GITHUB_ACTIONS", "KB_DATABASE_URL")
SERVER_USERS = ("postgres", "nobody")
"""Who may run a database server where the tests run as root, which PostgreSQL refuses."""


def pytest_configure() -> None:
    """Set the terminal before any module reads it at import; no test fails for taking long."""
    settings.register_profile("kb", deadline=None)
    settings.load_profile("kb")
    os.environ.update(TERMINAL)
    for name in FORGOTTEN:
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home and data folders of its own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture
def open_store() -> Iterator[Callable[[str | URL], Engine]]:
    """Return `open_engine`; what it opens is closed after the test."""
    with ExitStack() as opened:

        def open_and_close(url: str | URL) -> Engine:
            engine = open_engine(url)
            opened.callback(engine.dispose)
            return engine

        yield open_and_close


@pytest.fixture
def sqlite_store(tmp_path: Path, open_store: Callable[[str | URL], Engine]) -> Engine:
    """Return an engine on an SQLite file that does not exist yet."""
    return open_store(sqlite_url(tmp_path / "store.db"))


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Engine]:
    """Return an engine on an empty PostgreSQL database."""
    with database(postgres_url) as url, engine_of(url) as engine:
        yield engine


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind_of_store(request: pytest.FixtureRequest) -> str:
    """Return a kind of store: a test that stands on it runs once on each.

    A test about the file of a store, or about a server, names the one kind it is about with
    `pytest.mark.parametrize("kind_of_store", [...])`.
    """
    kind: str = request.param
    return kind


@pytest.fixture
def store(kind_of_store: str, request: pytest.FixtureRequest) -> Engine:
    """Return an engine on an empty store of either kind."""
    fixture = {"sqlite": "sqlite_store", "postgresql": "postgres_store"}[kind_of_store]
    engine: Engine = request.getfixturevalue(fixture)
    return engine


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store with the evidence shipped. It is shared: ask, never write."""
    path = tmp_path_factory.mktemp("shipped") / "store.db"
    engine = open_engine(sqlite_url(path))
    create(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def base(kind_of_store: str, request: pytest.FixtureRequest) -> Base:
    """Return the evidence shipped, on a store of either kind, open for asking."""
    fixture = {"sqlite": "base_on_sqlite", "postgresql": "base_on_postgres"}[kind_of_store]
    base: Base = request.getfixturevalue(fixture)
    return base


@pytest.fixture(scope="session")
def base_on_sqlite(shipped: Path) -> Iterator[Base]:
    """Return the evidence shipped in a file."""
    with open_base(str(shipped)) as base:
        yield base


@pytest.fixture(scope="session")
def base_on_postgres(shipped_on_postgres: str) -> Iterator[Base]:
    """Return the evidence shipped on a server that could not be less like SQLite."""
    with open_base(shipped_on_postgres) as base:
        yield base


@pytest.fixture(scope="session")
def shipped_on_postgres(postgres_url: str) -> Iterator[str]:
    """Return the URL of a database with the evidence shipped. It is shared: ask, never write.

    It sorts text as people do and not by code, and its rows lie in another order.
    """
    locale = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted'"
    with database(postgres_url, locale) as url:
        with engine_of(url) as engine:
            create(engine)
            _disarrange(engine)
        yield url


def _disarrange(engine: Engine) -> None:
    """Rewrite every third row, which moves it to the end of its table."""
    with writing(engine) as connection:
        for table in metadata.tables.values():
            first = next(iter(table.primary_key)).name
            third = "WHERE hashtext(t::text) > 700000000"
            connection.exec_driver_sql(f"UPDATE {table.name} AS t SET {first} = t.{first} {third}")


@pytest.fixture
def own_copy(shipped: Path, tmp_path: Path) -> Path:
    """Return the file of a store with the evidence shipped that the test may change."""
    return Path(shutil.copy(shipped, tmp_path / "store.db"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL server for this session and return its URL."""
    programs = server_programs()
    if programs is None:
        reason = "no PostgreSQL server is installed (initdb and pg_ctl were not found)"
        if os.environ.get("KB_REQUIRE_POSTGRES"):
            pytest.fail(reason)
        pytest.skip(reason)
    with _server(programs) as url:
        yield url


@contextmanager
def database(server_url: str, options: str = "") -> Iterator[str]:
    """Yield the URL of a new database, which is dropped afterwards.

    `options` are those of CREATE DATABASE: with `TEMPLATE name` it is a copy of another.
    """
    name = f"kb_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} {options}".encode())
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def server_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl; distributions keep them off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    owner = _server_owner()
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-", dir="/tmp"))
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    other = owner.pw_uid != os.geteuid()
    identity: dict[str, Any] = (
        {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if other else {}
    )

    def run(program: str, arguments: str, *more: str) -> None:
        data = f"--pgdata={folder / 'data'}"
        command: list[str | Path] = [programs / program, data, *arguments.split(), *more]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **identity)

    port = _free_port()
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
        "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    )
    try:
        run("initdb", "--auth=trust --username=kb --encoding=UTF8 --no-locale --no-sync")
        run("pg_ctl", f"start --wait --silent --log={folder / 'log'}", f"--options={options}")
        try:
            yield f"postgresql://kb@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop --wait --silent --mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_owner() -> pwd.struct_passwd:
    """Return whom the server runs as: ourselves, or another where we are root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in SERVER_USERS if name in known)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
