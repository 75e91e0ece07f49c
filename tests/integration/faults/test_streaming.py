"""Large files of a site, from the real server: in constant memory, to slow readers and to those who go away."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.helpers.processes import descendants
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
MOST_GROWTH = 64 * MEGABYTE
THREADS = 4

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a gigabyte that takes no room on the disk, and a page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "small.html").write_bytes(b"<p>" + b"x" * 200_000)
    with (folder / "large.bin").open("wb") as file:
        file.truncate(GIGABYTE)
        file.seek(GIGABYTE // 2)
        file.write(b"the middle")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Server]:
    environ = {"DAYPASS_SITE": str(folder), "DAYPASS_WORKERS": "1", "DAYPASS_THREADS": str(THREADS)}
    with running(tmp_path_factory.mktemp("server"), **environ) as server:
        server.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        yield server


@pytest.fixture(scope="module")
def alice(server: Server) -> dict[str, str]:
    return bearer_header(server.sign_in("alice", PASSWORD))


def processes(server: Server) -> list[Path]:
    """The server and its workers, in /proc."""
    assert server.process is not None
    ids = [server.process.pid, *descendants(server.process.pid)]
    return [Path(f"/proc/{process}") for process in ids]


def memory(server: Server) -> int:
    """Resident memory of all processes of the server, in bytes."""
    lines = [line for path in processes(server) for line in (path / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def opened(server: Server, file: Path) -> int:
    """How often the server has this file open."""
    links = [link for path in processes(server) for link in (path / "fd").iterdir()]
    return sum(target(link) == str(file) for link in links)


def target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def holds(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether this comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def stalled(server: Server, path: str, headers: dict[str, str]) -> socket.socket:
    """A client that asks for a file and reads no more than its first bytes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect(("127.0.0.1", server.port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    assert client.recv(64).startswith(b"HTTP/1.1 200 ")
    return client


def test_a_gigabyte_is_sent_in_constant_memory(server: Server, alice: dict[str, str]) -> None:
    before, received, most = memory(server), 0, 0
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/large.bin", headers=alice)
    answer = connection.getresponse()
    while block := answer.read(MEGABYTE):
        received += len(block)
        if received % (32 * MEGABYTE) == 0:
            most = max(most, memory(server))
    connection.close()
    assert (answer.status, received) == (200, GIGABYTE)
    assert most - before < MOST_GROWTH


def test_a_part_of_a_gigabyte_is_found_at_once(server: Server, alice: dict[str, str]) -> None:
    wanted = f"bytes={GIGABYTE // 2}-{GIGABYTE // 2 + 9}"
    answer = server.request("GET", "/large.bin", alice | {"Range": wanted})
    assert (answer.status, answer.body) == (206, "the middle")
    assert answer.headers["Content-Range"] == f"{wanted.replace('=', ' ')}/{GIGABYTE}"


def test_slow_readers_cost_little_memory_and_leave_nothing_open(
    server: Server, alice: dict[str, str], folder: Path
) -> None:
    before = memory(server)
    with ExitStack() as clients:
        for _ in range(THREADS - 1):
            clients.enter_context(stalled(server, "/large.bin", alice))
        assert opened(server, folder / "large.bin") == THREADS - 1
        time.sleep(1)
        assert memory(server) - before < MOST_GROWTH
        assert server.request("GET", "/small.html", alice).status == 200
    assert holds(lambda: opened(server, folder / "large.bin") == 0)


def test_slow_readers_of_pages_hold_nobody_up(server: Server, alice: dict[str, str]) -> None:
    with ExitStack() as clients:
        for _ in range(4 * THREADS):
            clients.enter_context(stalled(server, "/small.html", alice))
        assert server.request("GET", "/small.html", alice).status == 200


def test_readers_who_go_away_leave_nothing_open(server: Server, alice: dict[str, str], folder: Path) -> None:
    for _ in range(5 * THREADS):
        stalled(server, "/large.bin", alice).close()
    assert holds(lambda: opened(server, folder / "large.bin") == 0)
    assert server.request("GET", "/small.html", alice).status == 200


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 200),
        ("GET", {"Range": f"bytes={GIGABYTE}-"}, 416),
        ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ("GET", {"If-Match": '"other"'}, 412),
    ],
)
def test_what_is_answered_without_the_file_leaves_it_closed(
    server: Server, alice: dict[str, str], folder: Path, method: str, headers: dict[str, str], status: int
) -> None:
    answer = server.request(method, "/large.bin", alice | headers)
    assert answer.status == status
    assert method == "GET" or answer.headers["Content-Length"] == str(GIGABYTE)
    assert opened(server, folder / "large.bin") == 0


@pytest.mark.parametrize(
    "path",
    ["/../server.log", "/%2e%2e/server.log", "/..%2fserver.log", "/%2e%2e%2fserver.log", "/..%5cserver.log"],
)
def test_no_spelling_walks_out_of_the_folder(server: Server, alice: dict[str, str], path: str) -> None:
    """As it is: no client tidies the path up on its way."""
    assert server.request("GET", path, alice).status == 404


def test_a_name_beyond_ascii_is_found(server: Server, alice: dict[str, str], folder: Path) -> None:
    (folder / "Über uns").mkdir()
    (folder / "Über uns" / "index.html").write_text("Grüße")
    answer = server.request("GET", "/%C3%9Cber%20uns/", alice)
    assert (answer.status, answer.body) == (200, "Grüße")
