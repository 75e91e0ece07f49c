"""Helpers for the tests of the checks: settings, rules, and the only finding."""

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
    """Valid settings of a node behind a proxy, with the changes of a test."""
    valid = read_settings(
        {
            "DAYPASS_BASE_URL": base_url,
            "DAYPASS_SECRET_KEY": SECRET_KEY,
            "DAYPASS_DATABASE_URL": "postgresql+psycopg://localhost/daypass",
        }
    )
    return replace(valid, **{"trusted_proxies": PROXY} | changed)


def rules(*hosts: str, allow: str = '"signed-in"', path: str = "/") -> Rules:
    """One rule for each of these hosts."""
    return read_rules("".join(f'[[rule]]\nhost = "{host}"\npath = "{path}"\nallow = {allow}\n' for host in hosts))


def only_finding(findings: Iterable[Finding]) -> Finding:
    """The only one of these findings, whose message and remedy must be whole sentences."""
    (finding,) = findings
    assert finding.message.endswith(".") and finding.message[0].isupper()
    assert finding.remedy.endswith(".") and finding.remedy[0].isupper()
    return finding
