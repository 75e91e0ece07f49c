"""HTTP is redirected to HTTPS, and TLS is version 1.2 or 1.3."""

import re
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.integration.proxies.deployment import APP, DOCS, NAVIGATING, Deployment, cookie
from tests.integration.proxies.raw_http import exchange_over_http, request_bytes, tls_connection
from tests.integration.proxies.reverse_proxies import LOGIN, ProxySetup, make_certificate, nginx, program

DEBIAN_CONFIG = Path("/etc/nginx/nginx.conf")


@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_http_is_redirected_to_the_same_page_over_https(
    deployment: Deployment, bob: str, host: str, method: str
) -> None:
    before = len(deployment.app.seen)
    for target in ("/", "/staff/a%20b?x=1&y=%2F", "/gate/nginx", "/gate/forward"):
        request = request_bytes(method, target, [("Host", host), *NAVIGATING, *cookie(bob)])
        response = exchange_over_http(deployment.http_port, request)
        assert response.status in (301, 308)
        assert re.fullmatch(rf"https://{re.escape(host)}(:{deployment.port})?{re.escape(target)}", response.location)
        assert "Set-Cookie" not in response.headers
    assert len(deployment.app.seen) == before


def tls(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A TLS context for exactly this version, with all ciphers allowed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_supported(deployment: Deployment, host: str, version: ssl.TLSVersion) -> None:
    with tls_connection(deployment.port, host, tls(version)) as connection:
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
def test_ciphers_with_cbc_are_refused_by_the_proxy(deployment: Deployment, host: str) -> None:
    context = tls(ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"), tls_connection(deployment.port, host, context):
        pass


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_tls_versions_are_refused_by_the_proxy(deployment: Deployment, host: str, version: str) -> None:
    with (
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
        tls_connection(deployment.port, host, tls(ssl.TLSVersion[version])),
    ):
        pass


def test_nginx_accepts_the_file_together_with_debians_settings(tmp_path: Path) -> None:
    """nginx may refuse directives that Debian's nginx.conf sets as well."""
    if not DEBIAN_CONFIG.exists():
        pytest.skip("no nginx.conf of a distribution here")
    setup = ProxySetup(443, tmp_path, 8000, 5000, tmp_path, 0)
    make_certificate(setup)
    nginx(setup)
    config = DEBIAN_CONFIG.read_text().replace("include /etc/nginx/conf.d/*.conf;", f"include {tmp_path}/daypass.conf;")
    config = re.sub(r"(?m)^\s*include /etc/nginx/(sites|modules)-enabled.*$", "", config)
    config = config.replace("/var/log/nginx", str(tmp_path)).replace("/run/nginx.pid", f"{tmp_path}/pid")
    assert f"{tmp_path}/daypass.conf" in config
    (tmp_path / "main.conf").write_text(config)
    command = [program("nginx"), "-t", "-q", "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/main.conf"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (completed.returncode, completed.stderr) == (0, "")
