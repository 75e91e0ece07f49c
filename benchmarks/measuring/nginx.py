"""nginx, with Daypass's own configuration for it (deploy/nginx.conf) and further servers."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring.load import BenchmarkError
from benchmarks.measuring.servers import WORKERS, Server, running
from tests.helpers.certificates import self_signed
from tests.helpers.project import ROOT

MAIN = """
{user} daemon off; pid {folder}/pid; worker_processes {workers}; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


@contextmanager
def nginx(folder: Path, port: int, servers: str) -> Iterator[Server]:
    """nginx with these `server` blocks, while the `with` block runs. One of them listens on the port."""
    file, user = folder / "nginx.conf", "user root;" if os.geteuid() == 0 else ""
    file.write_text(MAIN.format(user=user, folder=folder, workers=WORKERS, servers=servers))
    command = [_program(), "-p", str(folder), "-c", str(file), "-e", f"{folder}/error.log"]
    with running(command, folder, port) as server:
        yield server


def deployed(folder: Path, changes: Mapping[str, str]) -> str:
    """deploy/nginx.conf with a certificate made for it, and with these texts replaced."""
    certificate = self_signed(folder)
    own = {
        "/etc/ssl/example.org.pem": str(certificate.path),
        "/etc/ssl/private/example.org.key": str(certificate.key_path),
    }
    text = (ROOT / "deploy/nginx.conf").read_text()
    for old, new in (own | dict(changes)).items():
        if old not in text:
            raise BenchmarkError(f"deploy/nginx.conf has no {old!r}")
        text = text.replace(old, new)
    return text


def _program() -> str:
    path = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        raise BenchmarkError("nginx is not installed: `make bench` as root on Debian installs it; else install nginx.")
    return path
