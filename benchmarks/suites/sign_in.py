"""Signing in: the rate, the cost besides the password hash, and a gated page meanwhile."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from benchmarks.apps.daypass_without_hash import METHOD as FREE
from benchmarks.measuring import sign_ins
from benchmarks.measuring.load import Case
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import (
    WORKERS,
    Server,
    daypass_command,
    daypass_settings,
    new_folder,
    running,
)
from benchmarks.measuring.sign_ins import PASSWORD
from benchmarks.measuring.visitors import visitors
from daypass.accounts.password_hasher import METHOD
from tests.helpers.project import ROOT
from tests.helpers.server import Server as Client
from tests.helpers.server import free_port
from tests.integration.faults.steady_load import run_steady_load

CLIENTS = 8  # enough that both workers always have something to hash, and few enough that hardly any is sent away
CORES = len(os.sched_getaffinity(0))
AT_ONCE = 300
LOST = 20.0  # seconds, after which a client gives up
REST_SCALE = Scale(rounds=7, seconds=2)
NO_LIMITS = {f"LIMIT_{name}": "off" for name in ("ADDRESS", "ACCOUNT", "DEVICE")}
DEFAULT_THREADS = "8"


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    hashed, free = new_folder(folder, "hashed"), new_folder(folder, "free")
    stored, samples = generate_password_hash(PASSWORD, METHOD), Samples()
    with _server(hashed, stored, AT_ONCE, daypass_command()) as (server, token):
        client = Client(server.folder, port=server.port)
        run_steady_load(client, token, 1)  # the first requests load what the later ones use
        for number in range(scale.rounds):
            tell(f"sign-in, round {number + 1} of {scale.rounds}")
            rounds = {
                "hashes": hash_for(stored, scale.seconds),
                "sign-ins": sign_ins.sign_in_for(server.port, CLIENTS, scale.seconds),
                "p99-idle": _p99(client, token, scale.seconds),
            }
            with _flood(server.port):
                time.sleep(2)
                rounds["p99-busy"] = _p99(client, token, scale.seconds)
            for name, value in rounds.items():
                samples.setdefault(name, []).append(value)
    return samples | _rest(free, tell)


def _p99(client: Client, token: str, seconds: float) -> float:
    """The p99 of a gated page that is requested 50 times a second, in milliseconds. Refused requests count as lost."""
    attempts = run_steady_load(client, token, seconds).attempts
    times = [each.ended - each.began if each.status == 200 else LOST for each in attempts]
    return 1000 * statistics.quantiles(times, n=100)[-1]


def hash_for(stored: str, seconds: float) -> float:
    """Check the password on all cores; returns the checks per second. The hash itself releases the GIL."""
    started = time.monotonic()

    def check() -> int:
        done = 0
        while time.monotonic() < started + seconds:
            check_password_hash(stored, PASSWORD)
            done += 1
        return done

    with ThreadPoolExecutor(CORES) as pool:
        counts = [pool.submit(check) for _ in range(CORES)]
        return sum(count.result() for count in counts) / (time.monotonic() - started)


def _rest(folder: Path, tell: Tell) -> Samples:
    """The CPU of sign-ins whose password hash costs less than one, in milliseconds."""
    command = daypass_command("benchmarks.apps.daypass_without_hash")
    with _server(folder, generate_password_hash(PASSWORD, FREE), CLIENTS, command) as (server, _):
        posts = [_post(sign_ins.body(client)) for client in range(CLIENTS)]
        case = Case("sign-in-rest", server, posts, status=303, connections=WORKERS)
        samples = measure("sign-in without the hash", [case], REST_SCALE, tell)
    return {"sign-in-rest.cpu-ms": [cpu / 1000 for cpu in samples["sign-in-rest.cpu"]]}


def _post(body: str) -> bytes:
    headers = {"Host": "127.0.0.1", "User-Agent": "Benchmark/1.0", "Content-Length": str(len(body))} | sign_ins.FORM
    return "\r\n".join(["POST /login HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", body]).encode()


@contextmanager
def _server(folder: Path, stored: str, accounts: int, command: list[str]) -> Iterator[tuple[Server, str]]:
    """A server with accounts whose password has this hash, and alice's token."""
    environ = daypass_settings(folder, port := free_port(), **{"THREADS": DEFAULT_THREADS} | NO_LIMITS)
    with visitors(environ) as database:
        token = database.token(database.start_session(database.add_account("alice")))
        for client in range(accounts):
            database.add_account(sign_ins.name(client), stored)
    with running(command, folder, port, environ) as server:
        yield server, token


@contextmanager
def _flood(port: int) -> Iterator[None]:
    """AT_ONCE clients that sign in while the `with` block runs."""
    flood = [sys.executable, "-m", "benchmarks.measuring.sign_ins", str(port), str(AT_ONCE)]
    process = subprocess.Popen(flood, cwd=ROOT)
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError("the clients that sign in have ended")
    finally:
        process.kill()
        process.wait()
