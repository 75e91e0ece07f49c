"""Tell page visits from requests by scripts and programs."""

from flask import Request

from daypass.web.settings import current_settings


def is_navigation(request: Request) -> bool:
    """Whether a browser will show the response as a page.

    Under `/api` all responses are JSON.
    """
    if request.path.startswith(f"{current_settings().prefix}/api/"):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("Accept", "").lower()
