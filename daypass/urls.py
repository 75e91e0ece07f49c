"""Which redirect targets are safe (OWASP Unvalidated Redirects and Forwards Cheat Sheet)."""

import re
from urllib.parse import urlsplit

HOME = "/"
LONGEST = 2048  # characters
# One slash, followed by neither slash nor backslash; printable ASCII without backslash all the way.
PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def safe_path(target: str | None) -> str:
    """The path on this site to go to after signing in; home for whatever is not plainly one.

    Browsers drop tabs and line ends, and take a backslash for a slash, so `/\\t/evil.example` would leave the site.
    """
    if target is None or len(target) > LONGEST or not PATH.fullmatch(target):
        return HOME
    parts = urlsplit(target)
    return HOME if parts.scheme or parts.netloc else target
