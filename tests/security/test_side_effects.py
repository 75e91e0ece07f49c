"""What a forgery must not cause beyond a wrong answer: a connection, a command, an open file."""

import socket
import subprocess
from collections.abc import Callable

import pytest

from tests.security.catalogue import ROWS
from tests.security.forging import RINGS
from tests.security.side_effects import Listener, reaching_out
from tests.security.target_app import World, as_bearer


@pytest.mark.parametrize("ring", RINGS)
def test_no_forgery_makes_the_app_fetch_a_key_or_run_a_command(
    worlds: Callable[[str], World], listener: Listener, ring: str
) -> None:
    world = worlds(ring)
    with reaching_out() as reached:
        for row in ROWS:
            if ring in row.rings and row.number in (15, 16, 17, 18, 19, 21, 57):
                for forgery in row.forge(world.target):
                    world.get(as_bearer(forgery.text))
    assert listener.connections == 0
    assert reached == []
    assert not world.target.canary.exists()


def test_a_fetch_or_a_command_would_have_been_noticed() -> None:
    with Listener() as listener, reaching_out() as reached:
        listener.connect()
        socket.getaddrinfo("127.0.0.1", 80)
        subprocess.run(["/bin/true"], check=True)
        open("/dev/null").close()
    assert listener.connections == 1
    assert {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "open"} <= set(reached)
