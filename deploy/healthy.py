"""Health check for the container, which has no curl.

Exits with 0 if the server responds, otherwise with 1.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT = 3  # seconds


def is_up(port: int, host: str) -> bool:
    """Whether /healthz responds with 200 on loopback.

    host: the public host name; Daypass refuses requests for other hosts.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    listening = int(os.environ.get("DAYPASS_PORT", "8000"))
    public_host = urlsplit(os.environ.get("DAYPASS_BASE_URL", "")).netloc
    sys.exit(0 if is_up(listening, public_host or f"127.0.0.1:{listening}") else 1)
