"""What the buttons do: the algorithm gets a fitting key, unless the visitor entered one."""

from dataclasses import replace

import pytest

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_text
from daypass.lab.playground.actions import ACTIONS, example, with_fitting_key
from daypass.lab.playground.verification import verify
from daypass.lab.playground.workbench import Workbench
from tests.lab.playground.shortcuts import NOW, SECRET, each_algorithm, encode_token, key_for

EXAMPLE = example(NOW)
FOREIGN = encode_token(algorithm=Algorithm.RS256, key=key_for(Algorithm.RS256).private)


def press(act: str, bench: Workbench) -> tuple[str, Workbench]:
    """The act that is performed, and the form before it."""
    return with_fitting_key(act, bench, lambda algorithm: key_for(algorithm).private)


def choose(algorithm: Algorithm, bench: Workbench = EXAMPLE, act: str = "algorithm") -> Workbench:
    act, prepared = press(act, replace(bench, algorithm=algorithm))
    return ACTIONS[act](prepared, NOW)


def is_valid(bench: Workbench) -> bool:
    return verify(bench.token, key=bench.key_text, algorithm=bench.algorithm, now=NOW).valid


@each_algorithm
@pytest.mark.parametrize("act", ["algorithm", "sign", "check", "read", "keep", "change", "back", "time"])
def test_after_choosing_an_algorithm_any_button_leads_to_a_valid_token(algorithm: Algorithm, act: str) -> None:
    if algorithm is Algorithm.HS256 and act in ("change", "keep"):
        return  # nothing was chosen, and the button changes the token
    assert is_valid(choose(algorithm, act=act))


@each_algorithm
def test_a_made_key_is_as_long_as_its_algorithm_needs(algorithm: Algorithm) -> None:
    made = choose(algorithm)
    assert key_text.remarks(made.key, algorithm) == ()
    assert is_shared(algorithm) is not made.key.startswith("-----BEGIN")
    assert is_valid(choose(Algorithm.HS512, made))  # a made key may be replaced again


def test_a_made_key_that_fits_stays() -> None:
    first = choose(Algorithm.RS256)
    second = choose(Algorithm.PS256, first)
    assert second.key == first.key
    assert is_valid(second)
    assert press("check", first) == ("check", first)


def test_an_entered_key_is_never_replaced() -> None:
    mine = replace(EXAMPLE, key=SECRET)
    assert press("algorithm", replace(mine, algorithm=Algorithm.RS256))[1].key == SECRET
    assert press("sign", replace(mine, algorithm=Algorithm.RS256))[1].key == SECRET
    assert choose(Algorithm.HS512, mine).key == SECRET
    assert is_valid(choose(Algorithm.HS512, mine))


def test_one_button_replaces_an_entered_key() -> None:
    act, made = press("key", replace(EXAMPLE, key=SECRET, algorithm=Algorithm.ES256))
    assert (act, made.key) == ("sign", key_for(Algorithm.ES256).private)


def test_a_pasted_token_is_kept_and_the_made_key_is_emptied() -> None:
    pasted = replace(EXAMPLE, token=FOREIGN)
    for act in ("algorithm", "check", "read"):
        assert choose(Algorithm.RS256, pasted, act).token == FOREIGN
        assert choose(Algorithm.RS256, pasted, act).key == ""


def test_a_pasted_token_is_verified_with_the_entered_key() -> None:
    mine = replace(EXAMPLE, token=FOREIGN, key=key_for(Algorithm.RS256).public)
    assert is_valid(choose(Algorithm.RS256, mine))
    assert choose(Algorithm.RS256, mine).token == FOREIGN


def test_a_changed_token_of_the_lab_is_signed_again() -> None:
    changed = ACTIONS["change"](EXAMPLE, NOW)
    assert not is_valid(changed)
    assert is_valid(choose(Algorithm.ES384, changed))


def test_an_empty_key_is_made_when_an_algorithm_is_chosen_but_not_to_read() -> None:
    empty = replace(EXAMPLE, key="")
    assert is_valid(choose(Algorithm.HS256, empty))
    assert press("check", empty) == ("check", empty)


def test_a_public_key_is_not_asked_to_sign() -> None:
    bench = replace(choose(Algorithm.RS256), key=key_for(Algorithm.RS256).public)
    assert press("algorithm", bench) == ("check", bench)
