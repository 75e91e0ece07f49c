"""Delivery of events to the webhook: a signed POST of JSON."""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from daypass.mail.errors import DeliveryFailed

SIGNATURE_HEADER = "X-Daypass-Signature"
TIMEOUT = 10.0  # seconds for each step


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header: `t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post(url: str, secret: str, document: Mapping[str, object]) -> None:
    """Post a document. Redirects and proxies are not followed. Raises DeliveryFailed unless the status is 2xx."""
    body = json.dumps(document).encode()
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: sign(secret, int(time.time()), body)}
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request("POST", target, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise DeliveryFailed(f"the webhook answered {status}")
