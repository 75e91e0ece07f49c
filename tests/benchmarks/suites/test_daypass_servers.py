"""What the benchmark sends to Daypass in the place of nginx, and its rules."""

import re
from pathlib import Path

import pytest

from benchmarks.measuring.servers import Server
from benchmarks.suites.daypass_servers import DOCS, Gateway, rules_file
from daypass.net.request_target import from_url
from daypass.rules.parser import read_rules
from tests.helpers.project import ROOT


def test_a_check_has_the_headers_that_nginx_sends() -> None:
    gate = re.findall(r"location = /daypass-gate \{(.*?)\}", (ROOT / "deploy/nginx.conf").read_text(), re.DOTALL)[0]
    sent_by_nginx = set(re.findall(r"proxy_set_header (\S+)", gate))
    request = Gateway(Server(1, 1, Path()), "__Secure-daypass=token").check().decode()
    sent_by_us = set(re.findall(r"(?m)^([\w-]+): ", request))
    assert sent_by_us == sent_by_nginx - {"Authorization"}  # empty for visitors with a cookie, so nginx omits it


@pytest.mark.parametrize("count", [10, 1_000])
def test_the_last_of_the_rules_decides_about_the_page(count: int) -> None:
    text = rules_file(count)
    decision = read_rules(text).decide(from_url(f"https://{DOCS}/files/0001.html", "GET"))
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line == "[[rule]]"]
    assert len(starts) == count
    assert decision.rule and decision.rule.line == starts[-1]
