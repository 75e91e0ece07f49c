"""Every forgery gets the same refusal and changes nothing."""

import json
from collections.abc import Callable

import pytest

from daypass.lab.attacks.forging import part, to_json
from tests.conftest import PAGE
from tests.security.catalogue import ROWS
from tests.security.forgeries.degenerate_rsa import standard_signature
from tests.security.forging import ALGORITHMS, FORGED, Row, Target
from tests.security.side_effects import forbidden_events
from tests.security.target_app import CARRIERS, Carrier, TargetApp, as_bearer, as_cookie, find_problem

ATTACKS = [(algorithm, row) for algorithm in ALGORITHMS for row in ROWS if algorithm in row.algorithms]


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
@pytest.mark.parametrize(("algorithm", "row"), ATTACKS, ids=str)
def test_no_forgery_is_accepted(
    target_apps: Callable[[str], TargetApp], log_lines: list[str], algorithm: str, row: Row, carrier: Carrier
) -> None:
    target_app = target_apps(algorithm)
    forgeries, before = list(row.forge(target_app.target)), target_app.state()
    with forbidden_events() as recorded:
        problems = {forgery.name: find_problem(target_app, forgery, carrier) for forgery in forgeries}
    assert {name: problem for name, problem in problems.items() if problem} == {}
    assert recorded == []
    assert target_app.state() == before
    assert [line for line in log_lines if not is_safe_log_line(line, target_app.target)] == []
    assert len(log_lines) == len(problems) == len(forgeries) > 0
    assert target_app.get(carrier(target_app.target.token)).status_code == 200


def is_safe_log_line(line: str, target: Target) -> bool:
    """Whether a line is one refusal without a token (ASVS 16.2.5, 16.4.1)."""
    event = json.loads(line)
    is_refusal = (event["event"], event["outcome"]) == ("token_refused", "failure") and len(event["reason"]) < 200
    return is_refusal and line.isascii() and line.isprintable() and target.parts[2] not in line


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_browser_gets_the_invalid_token_page(target_apps: Callable[[str], TargetApp], algorithm: str) -> None:
    target_app = target_apps(algorithm)
    for row in [row for row in ROWS if algorithm in row.algorithms][::5]:
        forgery = next(row.forge(target_app.target))
        response = target_app.get(as_bearer(forgery.text), PAGE)
        assert (str(row), response.status_code, response.mimetype) == (str(row), 401, "text/html")
        assert "Invalid token</h1>" in response.text
        assert FORGED in response.text


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_forged_cookie_is_removed_from_the_browser(target_apps: Callable[[str], TargetApp], algorithm: str) -> None:
    target_app = target_apps(algorithm)
    forged = target_app.target.with_signature(bytes(64))
    response = target_app.get(as_cookie(forged), PAGE)
    assert response.status_code == 401
    assert response.headers["Set-Cookie"].startswith("daypass=; Expires=Thu, 01 Jan 1970")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tokens_that_forgeries_are_made_from_are_accepted(
    target_apps: Callable[[str], TargetApp], algorithm: str
) -> None:
    """Otherwise forgeries signed with the app's key might fail for their signature."""
    target_app = target_apps(algorithm)
    target = target_app.target
    spaced_out = to_json(target.payload).replace(b",", b" ,\n")
    correctly_signed = [
        target.signed(),
        target.with_claims(),
        target.signed(dict(reversed(target.header.items())), dict(reversed(target.payload.items()))),
        target.signed(payload=spaced_out),
        target.signed_by(target.key.private, target.key.algorithm),
        target.with_signature(target.signature),
        ".".join([part(target.header), part(target.payload), target.parts[2]]),
    ]
    if algorithm == "RS256":
        correctly_signed.append(target.with_signature(standard_signature(target)))
    assert [target_app.get(as_bearer(text)).status_code for text in correctly_signed] == [200] * len(correctly_signed)


def test_every_row_applies_to_at_least_one_algorithm() -> None:
    assert len(ROWS) > 50
    assert {row for _, row in ATTACKS} == set(ROWS)
