"""Many clients that sign in by the form, again and again, each from its own address and to its own account.

Run as a program, it floods a server: python -m benchmarks.measuring.sign_ins PORT CLIENTS
"""

import http.client
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode

PASSWORD = "hazel lantern 7 quiet river"
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "text/html",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
}
ADDRESSES = 250  # of 127.0.0.0/24
FOREVER = 3600.0


def name(client: int) -> str:
    """The account of a client."""
    return f"person{client}"


def body(client: int) -> str:
    """The form that a client sends."""
    return urlencode({"username": name(client), "password": PASSWORD})


def sign_in_for(port: int, clients: int, seconds: float, *, pause: float = 0.25) -> float:
    """Let clients sign in for some seconds; returns the sign-ins per second.

    pause: seconds after which a client that was sent away (503) comes again.
    """
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        counts = [pool.submit(_sign_in, port, client, started + seconds, pause) for client in range(clients)]
        return sum(count.result() for count in counts) / (time.monotonic() - started)


def _sign_in(port: int, client: int, until: float, pause: float) -> int:
    """Sign in until this moment; returns how often it worked."""
    done = 0
    while time.monotonic() < until:
        status = 0
        with suppress(OSError):
            status = _send(port, client)
        if status == 303:
            done += 1
        elif status in (0, 503):
            time.sleep(pause)
        else:
            raise RuntimeError(f"a sign-in got {status}")
    return done


def _send(port: int, client: int) -> int:
    source = (f"127.0.0.{2 + client % ADDRESSES}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
    try:
        connection.request("POST", "/login", body(client), FORM)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


if __name__ == "__main__":
    os.nice(10)  # the clients of a real server use other machines' processors
    sign_in_for(int(sys.argv[1]), int(sys.argv[2]), FOREVER, pause=1)
