"""Forgeries cause no connection, run no command and open no file."""

import socket
import subprocess
from collections.abc import Callable

import pytest

from tests.security.forgeries import header_keys, header_members, kid
from tests.security.forging import ALGORITHMS
from tests.security.side_effects import Listener, forbidden_events
from tests.security.target_app import TargetApp, as_bearer

OUTBOUND_ROWS = (
    header_keys.attacker_key_in_the_header,
    header_keys.key_url,
    header_keys.attacker_certificate,
    header_keys.url_as_kid_or_issuer,
    kid.kid_is_a_path,
    kid.kid_is_a_command,
    header_members.malformed_header,
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_forgery_makes_the_app_fetch_a_key_or_run_a_command(
    target_apps: Callable[[str], TargetApp], listener: Listener, algorithm: str
) -> None:
    target_app = target_apps(algorithm)
    with forbidden_events() as recorded:
        for row in OUTBOUND_ROWS:
            if algorithm in row.algorithms:
                for forgery in row.forge(target_app.target):
                    target_app.get(as_bearer(forgery.text))
    assert listener.connections == 0
    assert recorded == []
    assert not target_app.target.canary.exists()


def test_a_fetch_or_a_command_would_have_been_noticed() -> None:
    with Listener() as listener, forbidden_events() as recorded:
        listener.connect()
        socket.getaddrinfo("127.0.0.1", 80)
        subprocess.run(["/bin/true"], check=True)
        open("/dev/null").close()
    assert listener.connections == 1
    assert {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "open"} <= set(recorded)
