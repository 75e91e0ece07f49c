"""Files of a folder: served by Daypass behind its login, and by nginx and Granian without one."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.measuring.load import Case, get
from benchmarks.measuring.nginx import nginx
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import Server, granian, new_folder, project_granian, running
from benchmarks.suites.daypass_servers import site_of_alice
from tests.helpers.server import free_port

FILES = 10_000
LARGE = 16_000_000  # bytes
DOWNLOADS = 4  # connections that download the large file
PAGE = "<!doctype html><title>A page</title>\n" + "<p>A line of text.</p>\n" * 90  # 2 kB
SERVER = "server {{ listen 127.0.0.1:{port}; root {files}; }}"


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    tell(f"folder, writing {FILES} files")
    root = new_folder(folder, "site")
    _write_files(root)
    with ExitStack() as stack:
        daypass = stack.enter_context(site_of_alice(new_folder(folder, "daypass"), SITE=str(root)))
        port = free_port()
        open_nginx = stack.enter_context(nginx(folder, port, SERVER.format(port=port, files=root)))
        mount = ("--static-path-route", "/files", "--static-path-mount", str(root / "files"))
        command = granian(
            "benchmarks.apps.bare_wsgi:app", *mount, port=(port := free_port()), program=project_granian()
        )
        static_mount = stack.enter_context(running(command, folder, port))
        cases = [
            *_cases("daypass", daypass.server, daypass.cookie),
            *_cases("nginx", open_nginx, daypass.cookie),
            *_cases("granian", static_mount, daypass.cookie),
        ]
        return measure("folder", cases, scale, tell)


def _write_files(root: Path) -> None:
    files = new_folder(root, "files")
    for number in range(FILES):
        (files / f"{number:04}.html").write_text(f"{PAGE}{number}")
    (files / "large.bin").write_bytes(bytes(LARGE))


def _cases(name: str, server: Server, cookie: str) -> list[Case]:
    """Small files at random, and the large one."""
    small = [get(f"/files/{number:04}.html", Cookie=cookie) for number in range(FILES)]
    large = [get("/files/large.bin", Cookie=cookie)]
    return [
        Case(f"small-{name}", server, small, b"A page"),
        Case(f"large-{name}", server, large, connections=DOWNLOADS),
    ]
