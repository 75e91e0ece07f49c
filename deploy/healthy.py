"""Exit code 0 if the server beside this answers, else 1: the health check of a container, where there is no curl."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 3


def is_up(port: int, host: str) -> bool:
    """Whether /healthz answers with 200 on loopback; host: the name that Daypass goes by, and answers to."""
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
