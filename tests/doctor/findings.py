"""What the tests of the checks share: settings behind a proxy, rules from a few lines, and what was found."""

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from daypass.doctor.finding import Finding
from daypass.rules.model import Rules
from daypass.rules.parser import read_rules
from daypass.settings.definitions import Settings
from daypass.settings.environment import read_settings
from tests.conftest import SECRET_KEY

LOGIN = "https://login.example.org"
PROXY = (ipaddress.ip_network("127.0.0.1/32"),)


def settings(base_url: str = LOGIN, **changed: Any) -> Settings:
    """Good settings of a node behind a proxy, and what a test changes in them."""
    good = read_settings(
        {
            "DAYPASS_BASE_URL": base_url,
            "DAYPASS_SECRET_KEY": SECRET_KEY,
            "DAYPASS_DATABASE_URL": "postgresql+psycopg://localhost/daypass",
        }
    )
    return replace(good, **{"trusted_proxies": PROXY} | changed)


def rules(*hosts: str, allow: str = '"signed-in"', path: str = "/") -> Rules:
    """One rule for each of these hosts."""
    return read_rules("".join(f'[[rule]]\nhost = "{host}"\npath = "{path}"\nallow = {allow}\n' for host in hosts))


def told(findings: Iterable[Finding]) -> list[tuple[str, bool]]:
    """What was found: the message, and whether it is a problem."""
    return [(finding.message, finding.is_problem) for finding in findings]


def one(findings: Iterable[Finding]) -> Finding:
    """The only thing that was found; its message and remedy are whole sentences."""
    (finding,) = findings
    assert finding.message.endswith(".") and finding.message[0].isupper()
    assert finding.remedy.endswith(".") and finding.remedy[0].isupper()
    return finding
