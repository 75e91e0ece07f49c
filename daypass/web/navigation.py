"""Whether a response is shown as a page."""

from flask import Request

from daypass.web.settings import current_settings


def is_navigation(request: Request) -> bool:
    """Whether a browser navigates, so that the response is shown as a page. Under `/api` all responses are JSON."""
    if request.path.startswith(f"{current_settings().prefix}/api/"):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("Accept", "").lower()
