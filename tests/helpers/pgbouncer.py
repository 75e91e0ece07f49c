"""PgBouncer, a connection pooler, for tests. Run by root, it becomes the user `postgres`."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.helpers.postgres import Postgres
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.server import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
START_SECONDS = 10
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={postgres.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
ignore_startup_parameters = extra_float_digits, options
"""


@contextmanager
def running_pgbouncer(postgres: Postgres) -> Iterator[int]:
    """PgBouncer in transaction mode, in front of the server; yields its port."""
    if PROGRAM is None:
        skip_or_fail("PgBouncer is not installed: install the package pgbouncer")
    folder, port = Path(tempfile.mkdtemp(prefix="daypass-pgbouncer-")), free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(postgres=postgres, port=port))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        for path in (folder, file):
            shutil.chown(path, user)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, str(file)], cwd=folder, user=user, stdout=log, stderr=log)
    try:
        _wait_for(port, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise RuntimeError(f"PgBouncer did not start:\n{log.read_text()}")
