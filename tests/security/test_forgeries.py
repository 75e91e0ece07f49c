"""The table of attacks (SECURITY.md), row by row: every forgery is refused, in one way, and changes nothing."""

import json
from collections.abc import Callable

import pytest

from daypass.lab.attacks.forging import part, to_json
from tests.conftest import PAGE
from tests.security.catalogue import ROWS
from tests.security.forgeries.degenerate_rsa import honest_again
from tests.security.forging import FORGED, RINGS, Row, Target
from tests.security.side_effects import reaching_out
from tests.security.target_app import CARRIERS, Carrier, World, as_bearer, as_cookie, objection

ATTACKS = [(ring, row) for ring in RINGS for row in ROWS if ring in row.rings]
NUMBERS = {*range(1, 12), *range(14, 23), *range(24, 30), *range(31, 60)}  # the others are in the files beside this


@pytest.mark.parametrize("carrier", CARRIERS, ids=["cookie", "bearer"])
@pytest.mark.parametrize(("ring", "row"), ATTACKS, ids=str)
def test_no_forgery_is_accepted(
    worlds: Callable[[str], World], log_lines: list[str], ring: str, row: Row, carrier: Carrier
) -> None:
    world = worlds(ring)
    forgeries, before = list(row.forge(world.target)), world.state()
    with reaching_out() as reached:
        objections = {forgery.name: objection(world, forgery, carrier) for forgery in forgeries}
    assert {name: wrong for name, wrong in objections.items() if wrong} == {}
    assert reached == []
    assert world.state() == before
    assert [line for line in log_lines if not is_sound(line, world.target)] == []
    assert len(log_lines) == len(objections) == len(forgeries) > 0
    assert world.get(carrier(world.target.token)).status_code == 200


def is_sound(line: str, target: Target) -> bool:
    """Whether a line of the log is one line, tells of a refusal, and gives no token away (ASVS 16.2.5, 16.4.1)."""
    fact = json.loads(line)
    told = (fact["event"], fact["outcome"]) == ("token_refused", "failure") and len(fact["reason"]) < 200
    return told and line.isascii() and line.isprintable() and target.parts[2] not in line


@pytest.mark.parametrize("ring", RINGS)
def test_a_browser_is_shown_the_page_invalid_token(worlds: Callable[[str], World], ring: str) -> None:
    world = worlds(ring)
    for row in [row for row in ROWS if ring in row.rings][::5]:
        forgery = next(row.forge(world.target))
        answer = world.get(as_bearer(forgery.text), PAGE)
        assert (str(row), answer.status_code, answer.mimetype) == (str(row), 401, "text/html")
        assert "Invalid token</h1>" in answer.text
        assert FORGED in answer.text


@pytest.mark.parametrize("ring", RINGS)
def test_a_browser_with_a_forged_cookie_is_rid_of_it(worlds: Callable[[str], World], ring: str) -> None:
    world = worlds(ring)
    forged = world.target.with_signature(bytes(64))
    answer = world.get(as_cookie(forged), PAGE)
    assert answer.status_code == 401
    assert answer.headers["Set-Cookie"].startswith("daypass=; Expires=Thu, 01 Jan 1970")


@pytest.mark.parametrize("ring", RINGS)
def test_what_the_forger_signs_is_good_until_something_is_wrong_with_it(
    worlds: Callable[[str], World], ring: str
) -> None:
    """Else the forgeries that are signed with the app's own key would be refused for a bad signature only."""
    world = worlds(ring)
    target = world.target
    respelled = to_json(target.payload).replace(b",", b" ,\n")
    good = [
        target.signed(),
        target.with_claims(),
        target.signed(dict(reversed(target.header.items())), dict(reversed(target.payload.items()))),
        target.signed(payload=respelled),
        target.by(target.key.private, target.key.algorithm),
        target.with_signature(target.signature),
        ".".join([part(target.header), part(target.payload), target.parts[2]]),
    ]
    if ring == "RS256":
        good.append(target.with_signature(honest_again(target)))
    assert [world.get(as_bearer(text)).status_code for text in good] == [200] * len(good)


def test_every_row_that_our_keys_allow_is_there() -> None:
    assert [row.number for row in ROWS] == sorted(NUMBERS)
