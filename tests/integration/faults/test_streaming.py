"""Large files: sent in constant memory, also to slow or vanishing readers."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import PASSWORD
from tests.helpers.factories import add_account
from tests.helpers.processes import descendants
from tests.helpers.server import Server, running
from tests.helpers.tokens import bearer_header
from tests.integration.faults.load import eventually

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
MAX_GROWTH = 64 * MEGABYTE
THREADS = 4

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a sparse file of one gigabyte, and a page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "small.html").write_bytes(b"<p>" + b"x" * 200_000)
    with (folder / "large.bin").open("wb") as file:
        file.truncate(GIGABYTE)
        file.seek(GIGABYTE // 2)
        file.write(b"the middle")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, folder: Path, password_hash: str) -> Iterator[Server]:
    environ = {"DAYPASS_SITE": str(folder), "DAYPASS_WORKERS": "1", "DAYPASS_THREADS": str(THREADS)}
    with running(tmp_path_factory.mktemp("server"), **environ) as server:
        add_account(server, password_hash, "alice")
        yield server


@pytest.fixture(scope="module")
def alice(server: Server) -> dict[str, str]:
    return bearer_header(server.sign_in("alice", PASSWORD))


def processes(server: Server) -> list[Path]:
    """The /proc folders of the server and its workers."""
    assert server.process is not None
    ids = [server.process.pid, *descendants(server.process.pid)]
    return [Path(f"/proc/{process}") for process in ids]


def memory(server: Server) -> int:
    """Resident memory of all processes of the server, in bytes."""
    lines = [line for path in processes(server) for line in (path / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def times_opened(server: Server, file: Path) -> int:
    """How many times the server has this file open."""
    links = [link for path in processes(server) for link in (path / "fd").iterdir()]
    return sum(target(link) == str(file) for link in links)


def target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def stalled(server: Server, path: str, headers: dict[str, str]) -> socket.socket:
    """A client that requests a file and reads only its first bytes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect(("127.0.0.1", server.port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    assert client.recv(64).startswith(b"HTTP/1.1 200 ")
    return client


def test_a_gigabyte_is_sent_in_constant_memory(server: Server, alice: dict[str, str]) -> None:
    before, received, peak = memory(server), 0, 0
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/large.bin", headers=alice)
    response = connection.getresponse()
    while block := response.read(MEGABYTE):
        received += len(block)
        if received % (32 * MEGABYTE) == 0:
            peak = max(peak, memory(server))
    connection.close()
    assert (response.status, received) == (200, GIGABYTE)
    assert peak - before < MAX_GROWTH


def test_a_part_of_a_gigabyte_is_found_at_once(server: Server, alice: dict[str, str]) -> None:
    requested = f"bytes={GIGABYTE // 2}-{GIGABYTE // 2 + 9}"
    response = server.request("GET", "/large.bin", alice | {"Range": requested})
    assert (response.status, response.body) == (206, "the middle")
    assert response.headers["Content-Range"] == f"{requested.replace('=', ' ')}/{GIGABYTE}"


def test_slow_readers_cost_little_memory_and_leave_nothing_open(
    server: Server, alice: dict[str, str], folder: Path
) -> None:
    before = memory(server)
    with ExitStack() as clients:
        for _ in range(THREADS - 1):
            clients.enter_context(stalled(server, "/large.bin", alice))
        assert times_opened(server, folder / "large.bin") == THREADS - 1
        time.sleep(1)
        assert memory(server) - before < MAX_GROWTH
        assert server.request("GET", "/small.html", alice).status == 200
    assert eventually(lambda: times_opened(server, folder / "large.bin") == 0)


def test_slow_readers_of_pages_delay_nobody(server: Server, alice: dict[str, str]) -> None:
    with ExitStack() as clients:
        for _ in range(4 * THREADS):
            clients.enter_context(stalled(server, "/small.html", alice))
        assert server.request("GET", "/small.html", alice).status == 200


def test_readers_who_go_away_leave_nothing_open(server: Server, alice: dict[str, str], folder: Path) -> None:
    for _ in range(5 * THREADS):
        stalled(server, "/large.bin", alice).close()
    assert eventually(lambda: times_opened(server, folder / "large.bin") == 0)
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
def test_responses_without_the_files_content_leave_it_closed(
    server: Server, alice: dict[str, str], folder: Path, method: str, headers: dict[str, str], status: int
) -> None:
    response = server.request(method, "/large.bin", alice | headers)
    assert response.status == status
    assert method == "GET" or response.headers["Content-Length"] == str(GIGABYTE)
    assert times_opened(server, folder / "large.bin") == 0


@pytest.mark.parametrize(
    "path",
    ["/../server.log", "/%2e%2e/server.log", "/..%2fserver.log", "/%2e%2e%2fserver.log", "/..%5cserver.log"],
)
def test_no_spelling_of_a_path_leaves_the_folder(server: Server, alice: dict[str, str], path: str) -> None:
    """This client sends the path as it is."""
    assert server.request("GET", path, alice).status == 404


def test_a_name_beyond_ascii_is_found(server: Server, alice: dict[str, str], folder: Path) -> None:
    (folder / "Über uns").mkdir()
    (folder / "Über uns" / "index.html").write_text("Grüße")
    response = server.request("GET", "/%C3%9Cber%20uns/", alice)
    assert (response.status, response.body) == (200, "Grüße")
