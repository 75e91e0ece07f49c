"""Time until the server responds and until a command is done, and the memory of each worker.

Run: python -m benchmarks.start [--rounds N] [--requests N]
"""

import argparse
import http.client
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import PASSWORD
from tests.helpers.processes import children
from tests.helpers.server import Server, running

COMMANDS = ("user list", "keys list", "audit verify", "rules explain --help", "doctor", "--help")
CLIENTS = 4  # connections that send requests at the same time
PATHS = ("/members",) * 8 + ("/", "/login")  # mostly a protected page
POLL_SECONDS = 0.002
MIB = 1024  # KiB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="how often each time is measured (10)")
    parser.add_argument("--requests", type=int, default=10_000, help="after which the memory is measured (10000)")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are kept, as in an installation
    print("seconds: median, fastest")
    _print_seconds("python app.py, to the first page", start_seconds(options.rounds))
    _print_seconds("the same with a new database", start_seconds(options.rounds, is_new=True))
    for command in COMMANDS:
        _print_seconds(f"daypass {command}", command_seconds(command, options.rounds))
    print("memory of each worker (PSS) in MiB")
    for requests, sizes in worker_memory(options.requests):
        print(f"  {', '.join(f'{size:.1f}' for size in sizes)}  after {requests:,} requests", flush=True)


def start_seconds(rounds: int, *, is_new: bool = False) -> list[float]:
    """The seconds from `python app.py` to its first page, in each round. is_new: the database does not exist yet."""
    with _folder() as folder:
        return _repeat(rounds, lambda: _time_to_first_page(folder), lambda: _empty(folder) if is_new else None)


def command_seconds(command: str, rounds: int) -> list[float]:
    """The seconds that a command takes, such as `user list`, in each round, on a database that is up to date."""
    with _folder() as folder:
        server = Server(folder)
        server.command("user", "list")
        return _repeat(rounds, lambda: _seconds(lambda: server.command(*command.split())))


def worker_memory(requests: int) -> Iterator[tuple[int, list[float]]]:
    """The memory of each worker in MiB, without requests and after each tenth of them, with their number so far."""
    with _folder() as folder, running(folder) as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        headers = {"Authorization": f"Bearer {server.sign_in('alice', PASSWORD)}"}
        yield 0, _worker_sizes(server)
        for tenth in range(1, 11):
            _request(server, headers, requests // 10)
            yield requests // 10 * tenth, _worker_sizes(server)


def proportional_memory(process: int) -> float:
    """The proportional set size of a process in MiB: shared pages are divided among those that share them (proc(5))."""
    found = re.search(r"^Pss: +([0-9]+) kB$", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError("the kernel does not report the proportional set size")
    return int(found[1]) / MIB


def _worker_sizes(server: Server) -> list[float]:
    if server.process is None:
        raise ValueError("the server does not run")
    return sorted(map(proportional_memory, children(server.process.pid)))


def _request(server: Server, headers: dict[str, str], count: int) -> None:
    """Send this many requests, over CLIENTS connections."""

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for path in (PATHS * (number // len(PATHS) + 1))[:number]:
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(send, [count // CLIENTS] * CLIENTS))


def _time_to_first_page(folder: Path) -> float:
    server, started = Server(folder), time.perf_counter()
    process = server.launch()
    try:
        while process.poll() is None:
            with suppress(OSError):
                if server.request("GET", "/").status == http.client.OK:
                    return time.perf_counter() - started
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"the server did not start:\n{server.log}")
    finally:
        server.stop()


def _print_seconds(name: str, seconds: list[float]) -> None:
    print(f"  {statistics.median(seconds):.2f}, {min(seconds):.2f}  {name}", flush=True)


def _repeat(rounds: int, measure: Callable[[], float], before_each: Callable[[], None] = lambda: None) -> list[float]:
    """Measure in each round, after one that is not counted because it fills the caches."""
    seconds = []
    for _ in range(rounds + 1):
        before_each()
        seconds.append(measure())
    return seconds[1:]


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


if __name__ == "__main__":
    main()
