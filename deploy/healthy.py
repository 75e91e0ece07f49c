"""Health check for a container without curl: exit status 0 if the server is up."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 3


def is_up(port: int, host: str) -> bool:
    """Whether /healthz on loopback responds with 200.

    host: a host name that Daypass accepts.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    listening = int(os.environ.get("DAYPASS_PORT", "8000"))
    visited = urlsplit(os.environ.get("DAYPASS_BASE_URL", "")).netloc
    sys.exit(0 if is_up(listening, visited or f"127.0.0.1:{listening}") else 1)
