"""What happens before a request is read: http is redirected to https, and TLS is 1.2 or 1.3."""

import re
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.integration.proxies.deployment import APP, DOCS, NAVIGATES, World, cookie
from tests.integration.proxies.raw_http import connected, exchange_without_tls, written
from tests.integration.proxies.reverse_proxies import LOGIN, Places, make_certificate, nginx, program

DEBIANS = Path("/etc/nginx/nginx.conf")


@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_http_is_redirected_to_the_same_page_over_https(world: World, bob: str, host: str, method: str) -> None:
    before = len(world.app.seen)
    for target in ("/", "/staff/a%20b?x=1&y=%2F", "/gate/nginx", "/gate/forward"):
        asked = written(method, target, [("Host", host), *NAVIGATES, *cookie(bob)])
        got = exchange_without_tls(world.plain, asked)
        assert got.status in (301, 308)
        assert re.fullmatch(rf"https://{re.escape(host)}(:{world.port})?{re.escape(target)}", got.location)
        assert "Set-Cookie" not in got.headers
    assert len(world.app.seen) == before


def tls(version: ssl.TLSVersion) -> ssl.SSLContext:
    """TLS of exactly this version, with ciphers as weak as they come."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(world: World, host: str, version: ssl.TLSVersion) -> None:
    with connected(world.port, host, tls(version)) as connection:
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("host", [LOGIN, APP, DOCS])
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_ones_are_refused_by_the_proxy(world: World, host: str, version: str) -> None:
    with (
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
        connected(world.port, host, tls(ssl.TLSVersion[version])),
    ):
        pass


def test_nginx_takes_the_file_beside_what_debian_sets(tmp_path: Path) -> None:
    """The distribution's own nginx.conf sets some of the same things, which nginx may refuse to see twice."""
    if not DEBIANS.exists():
        pytest.skip("no nginx.conf of a distribution here")
    places = Places(443, tmp_path, 8000, 5000, tmp_path, 0)
    make_certificate(places)
    nginx(places)
    own = DEBIANS.read_text().replace("include /etc/nginx/conf.d/*.conf;", f"include {tmp_path}/daypass.conf;")
    own = re.sub(r"(?m)^\s*include /etc/nginx/(sites|modules)-enabled.*$", "", own)
    own = own.replace("/var/log/nginx", str(tmp_path)).replace("/run/nginx.pid", f"{tmp_path}/pid")
    assert f"{tmp_path}/daypass.conf" in own
    (tmp_path / "whole.conf").write_text(own)
    command = [program("nginx"), "-t", "-q", "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/whole.conf"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
