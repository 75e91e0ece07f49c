"""nginx, Caddy and Traefik with the files of deploy/.

Only ports, folders and certificates are changed.

A test can make more changes, such as shorter timeouts.
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
from tests.integration.proxies.raw_http import exchange, request_bytes

DEPLOY = ROOT / "deploy"
LOGIN = "login.example.org"
INSTALL_HINTS = {
    "nginx": "no nginx: `make test` as root on Debian installs it; else install the package nginx",
    "caddy": "no Caddy: `pip install -r tests/requirements.txt` installs it",
    "traefik": "no Traefik: `pip install -r tests/requirements.txt` installs it",
}
EXTRA_PATHS = [str(Path(sys.executable).parent), "/usr/sbin"]


FILES = {
    "nginx": ["nginx.conf"],
    "caddy": ["Caddyfile"],
    "traefik": ["traefik/traefik.yml", "traefik/dynamic.yml"],
}


@dataclass(frozen=True)
class ProxySetup:
    """The proxy's ports and folder, and those of the servers behind it."""

    port: int
    folder: Path
    daypass_port: int
    app_port: int
    docs_folder: Path
    docs_port: int
    http_port: int = field(default_factory=free_port)

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


def adapted(file: str, changes: Mapping[str, str], extra: Mapping[str, str] | None = None) -> str:
    """A file of deploy/ with texts replaced."""
    text = (DEPLOY / file).read_text()
    for old, new in changes.items():
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new)
    for old, new in (extra or {}).items():
        text = text.replace(old, new)
    return text


def program(name: str) -> str:
    """The path of a proxy.

    If it is not installed the test is skipped, or fails in continuous integration.
    """
    path = shutil.which(name, path=os.pathsep.join([*EXTRA_PATHS, os.environ.get("PATH", "")]))
    if path is None:
        skip_or_fail(INSTALL_HINTS[name])
    return path


def nginx(setup: ProxySetup, extra: Mapping[str, str] | None = None) -> list[str]:
    """Write nginx's files.

    Returns the command that runs it. extra: more texts to replace, such as host names.
    """
    config = adapted(
        "nginx.conf",
        {
            "listen 443": f"listen 127.0.0.1:{setup.port}",
            "listen 80": f"listen 127.0.0.1:{setup.http_port}",
            "/etc/ssl/example.org.pem": str(setup.certificate),
            "/etc/ssl/private/example.org.key": str(setup.key),
            "/srv/docs": str(setup.docs_folder),
            "127.0.0.1:8000": f"127.0.0.1:{setup.daypass_port}",
            "127.0.0.1:5000": f"127.0.0.1:{setup.app_port}",
        },
        extra,
    )
    (setup.folder / "daypass.conf").write_text(config)
    folder, main_file = setup.folder, setup.folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main_file.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"daemon off; pid {folder}/pid; worker_processes 1; error_log {folder}/error.log;\n"
        "events {}\n"
        f"http {{\ninclude /etc/nginx/mime.types; access_log {folder}/access.log;\n{temporary}"
        f"include {folder}/daypass.conf;\n}}\n"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(main_file), "-e", f"{folder}/error.log"]


def caddy(setup: ProxySetup, extra: Mapping[str, str] | None = None) -> list[str]:
    """Write Caddy's file, with certificates from Caddy itself.

    Returns the command that runs it.
    """
    ports = f"http_port {setup.http_port}\n\thttps_port {setup.port}\n\tdefault_bind 127.0.0.1"
    config = adapted(
        "Caddyfile",
        {
            "\tadmin off": f"\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\t{ports}",
            "/srv/docs": str(setup.docs_folder),
            "127.0.0.1:8000": f"127.0.0.1:{setup.daypass_port}",
            "127.0.0.1:5000": f"127.0.0.1:{setup.app_port}",
        },
        extra,
    )
    (setup.folder / "Caddyfile").write_text(config)
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(setup.folder / "Caddyfile")]


def traefik(setup: ProxySetup, extra: Mapping[str, str] | None = None) -> list[str]:
    """Write Traefik's files; returns the command that runs it."""
    static, dynamic = setup.folder / "traefik.yml", setup.folder / "dynamic.yml"
    static.write_text(
        adapted(
            "traefik/traefik.yml",
            {
                '":443"': f'"127.0.0.1:{setup.port}"',
                '":80"': f'"127.0.0.1:{setup.http_port}"',
                "/etc/traefik/dynamic.yml\n": f"{dynamic}\n",
            },
            extra,
        )
    )
    dynamic.write_text(
        adapted(
            "traefik/dynamic.yml",
            {
                "/etc/ssl/example.org.pem": str(setup.certificate),
                "/etc/ssl/private/example.org.key": str(setup.key),
                "127.0.0.1:8000": f"127.0.0.1:{setup.daypass_port}",
                "127.0.0.1:5000": f"127.0.0.1:{setup.app_port}",
                "127.0.0.1:8080": f"127.0.0.1:{setup.docs_port}",
            },
            extra,
        )
    )
    return [program("traefik"), f"--configFile={static}"]


REVERSE_PROXIES: dict[str, Callable[[ProxySetup, Mapping[str, str] | None], list[str]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "traefik": traefik,
}


def make_certificate(setup: ProxySetup) -> None:
    """Write a self-signed certificate for *.example.org, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    setup.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    setup.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextmanager
def running_proxy(command: list[str], setup: ProxySetup, login: str = LOGIN) -> Iterator[None]:
    """A proxy that runs while the `with` block does, with data in its folder."""
    home = {name: str(setup.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    log = setup.folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=setup.folder, env=os.environ | home, stdout=out, stderr=out)
    try:
        _wait(process, setup.port, login, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:  # Traefik waits for idle connections
            process.kill()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, login: str, log: Path) -> None:
    """Wait until the proxy forwards to Daypass."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if exchange(port, login, request_bytes("GET", "/login", [("Host", login)])).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"the proxy did not start:\n{log.read_text()}")
