"""A PostgreSQL server of one's own on this machine, for as long as a benchmark runs."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def server() -> Iterator[str | None]:
    """Yield the URL of an empty database, or None where no server is installed."""
    packaged = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    initdb = shutil.which("initdb") or packaged
    if initdb is None:
        yield None
        return
    programs = Path(initdb).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="kb-benchmark-"))
    identity = _identity(folder)

    def run(program: str, *arguments: str) -> None:
        command: list[str | Path] = [programs / program, "-D", folder / "data", *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **identity)

    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    try:
        run("initdb", "--auth=trust", "--username=kb", "--encoding=UTF8", "--no-sync")
        run("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", options)
        try:
            yield f"postgresql://kb@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity(folder: Path) -> dict[str, Any]:
    """Return as whom the server runs, who gets the folder; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
