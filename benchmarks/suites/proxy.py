"""A file behind nginx: open, with `auth_basic`, and with Daypass. And the check with few rules and with many."""

from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measuring.load import Case, get
from benchmarks.measuring.nginx import deployed, nginx
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import new_folder
from benchmarks.suites.daypass_servers import DOCS, gateway
from tests.helpers.server import free_port

FEW, MANY = 10, 1_000  # rules
PASSWORD = "hazel lantern 7 quiet river"
BASIC = f"Basic {b64encode(f'alice:{PASSWORD}'.encode()).decode()}"
HASHES = {
    "apr1": "$apr1$dAypAss1$MfaViUYrXmPEmHvJAJf9Y.",  # as `htpasswd` writes it
    "bcrypt": "$2y$05$T6PrptQ3hi8QHz83KQisMeRm4ozMs9iXJVG.I86Nj5Co2/MSFIBAy",  # as `htpasswd -B` does
}
BASIC_SERVER = """
server {{
    listen {port} ssl http2;
    server_name {name}.example.org;
    keepalive_timeout 60s;
    {protection}
    location / {{
        root {files};
        add_header Cache-Control "private, no-cache";
    }}
}}
"""


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    tell("proxy, starting the servers")
    files = new_folder(folder, "files")
    (files / "page.html").write_text("<h1>A page</h1>\n" * 100)
    with ExitStack() as stack:
        few, many = (
            stack.enter_context(gateway(new_folder(folder, f"rules-{count}"), rules=count)) for count in (FEW, MANY)
        )
        port, plain_port = free_port(), free_port()
        changes = {
            "listen 443": f"listen 127.0.0.1:{port}",
            "listen 80": f"listen 127.0.0.1:{plain_port}",
            "127.0.0.1:8000": f"127.0.0.1:{few.server.port}",
            "/srv/docs": str(files),
        }
        servers = [deployed(folder, changes), _server("open", port, files, "")]
        for name, line in HASHES.items():
            (folder / name).write_text(f"alice:{line}\n")
            protection = f'auth_basic "Members"; auth_basic_user_file {folder / name};'
            servers.append(_server(name, port, files, protection))
        proxy = stack.enter_context(nginx(folder, port, "\n".join(servers)))
        page = ("/page.html",)
        cases = [
            Case("check-10", few.server, [few.check()], b"alice"),
            Case("check-1000", many.server, [many.check()], b"alice"),
            Case(
                "nginx-daypass",
                proxy,
                [get(*page, host=DOCS, Cookie=few.cookie)],
                b"A page",
                behind=[few.server],
                tls=True,
            ),
            *(
                Case(f"nginx-{name}", proxy, [get(*page, host=f"{name}.example.org", Authorization=BASIC)], tls=True)
                for name in ("open", *HASHES)
            ),
        ]
        return measure("proxy", cases, scale, tell)


def _server(name: str, port: int, files: Path, protection: str) -> str:
    return BASIC_SERVER.format(name=name, port=f"127.0.0.1:{port}", files=files, protection=protection)
