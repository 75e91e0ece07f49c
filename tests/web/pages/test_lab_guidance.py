"""The lab page leads on: fitting keys, marks, the clock, lenient pasting, explanations and first steps."""

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from werkzeug.test import TestResponse

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_text
from daypass.tokens.base64url import encode_base64url
from tests.conftest import PAGE, Person
from tests.lab.playground.shortcuts import key_for, segment
from tests.web.pages.test_lab_page import CLAIMS, SECRET, field, hs256, verdict, without_tags

FIELDS = ("algorithm", "key", "header", "claims", "token", "original", "place", "made_key", "made_token", "expiry")
HIDDEN = ("clock", "clock_shown", "offset", "leeway", "steps", "other")

Press = Callable[..., TestResponse]


@pytest.fixture
def alice(sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> Person:
    """Alice, for whom keys are made as often as she likes."""
    monkeypatch.setattr("daypass.web.pages.lab.ONE_SECOND", timedelta(0))
    return sign_in("alice")


@pytest.fixture
def press(alice: Person) -> Press:
    """Press a button of the page that was opened or answered last, like a browser without scripts."""
    pages = [alice.client.get("/lab", headers=PAGE)]

    def press(act: str, **typed: object) -> TestResponse:
        pages.append(alice.client.post("/lab", data=form(pages[-1]) | {"act": act} | typed, headers=PAGE))
        return pages[-1]

    return press


def form(page: TestResponse) -> dict[str, object]:
    """The fields as the page has them."""
    selects = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page.text, re.DOTALL)
    chosen = {name: re.findall(r'value="([^"]*)" selected', options)[0] for name, options in selects}
    names = [name for name in (*FIELDS, *HIDDEN) if name not in chosen]
    return chosen | {name: field(page, name) for name in names}


def marks(page: TestResponse, part: str) -> list[str]:
    """The words beside the name of a part."""
    (item,) = re.findall(rf'<li class="{part}-part">(.*?)</li>', page.text, re.DOTALL)
    return re.findall(r"<b[^>]*>(.*?)</b>", item)


def steps(page: TestResponse) -> list[str]:
    """The names of the steps that are ticked off."""
    return re.findall(r'class="first-step first-step--done" data-step="(\w+)"', page.text)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("button", ["sign", "check"])
def test_an_algorithm_is_chosen_and_everything_fits(press: Press, algorithm: Algorithm, button: str) -> None:
    page = press(button, algorithm=algorithm.value)
    assert (page.status_code, verdict(page)) == (200, "Token is valid")
    assert jwt.get_unverified_header(field(page, "token"))["alg"] == algorithm
    assert ("The lab made a new key" in page.text) is (algorithm is not Algorithm.HS256)


def test_an_entered_key_that_does_not_fit_is_explained_and_one_button_makes_one_that_does(press: Press) -> None:
    page = press("sign", algorithm="RS256", key=SECRET)
    assert page.status_code == 422
    assert field(page, "key") == SECRET
    assert "This algorithm needs an RSA key" in page.text
    buttons = re.findall(r'value="key">(Make a fitting key and sign)</button>', page.text)
    assert len(buttons) == 1
    assert verdict(press("key")) == "Token is valid"


def test_a_pasted_token_waits_for_its_key(press: Press) -> None:
    token = jwt.encode(CLAIMS, key_for(Algorithm.RS256).private, "RS256")
    page = press("read", token=token, algorithm="RS256")
    assert (field(page, "token"), field(page, "key"), verdict(page)) == (token, "", "Not checked")
    assert "public key.</p>" in page.text
    assert verdict(press("check", key=key_for(Algorithm.RS256).public)) == "Token is valid"


@pytest.mark.parametrize("act", ["check", "sign", "change", "key"])
def test_the_page_has_one_primary_button(press: Press, act: str) -> None:
    for page in (press(act), press(act, algorithm="ES256", key="my own")):
        assert page.text.count("button--primary") == 1


def test_the_strength_of_a_secret_is_two_statements(press: Press) -> None:
    words = without_tags(press("sign", algorithm="HS512", key="secret").text)
    assert "This secret can be guessed" in words
    assert "It has 6 bytes; HS512 needs at least 64 (RFC 7518 section 3.2)." in words
    words = without_tags(press("sign", algorithm="HS512", key="Zk4-9vQx2Lr7TyPw1NcB8mHs3JdG6fKa").text)
    assert "too random to be guessed, but its 32 bytes are fewer than the 64" in words


def test_a_changed_payload_is_changed_and_the_signature_no_longer_fits(press: Press) -> None:
    page = press("change")
    assert (marks(page, "header"), marks(page, "payload")) == ([], ["changed"])
    assert marks(page, "signature") == ["no longer fits"]
    assert "The payload changed after signing" in page.text
    assert "to blame" not in page.text


def test_a_signature_by_another_key_does_not_fit(press: Press) -> None:
    page = press("check", key=SECRET)
    assert [marks(page, part) for part in ("header", "payload", "signature")] == [[], [], ["does not fit"]]


def test_an_expired_payload_is_marked_so(press: Press) -> None:
    page = press("sign", expiry="past")
    assert verdict(page) == "Token is invalid --> Signature has expired"
    assert marks(page, "payload") == ["expired"]
    assert "Expired <span" in page.text


def test_a_token_that_expired_an_hour_ago_is_made_by_the_copied_program_too(press: Press) -> None:
    assert "int(time.time()) - 3600" in html.unescape(press("sign", expiry="past").text)


def test_the_clock_is_set_and_runs_from_there(press: Press) -> None:
    later = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
    page = press("time", clock=later)
    assert verdict(page) == "Token is invalid --> Signature has expired"
    assert 172_790 < int(field(page, "offset")) <= 172_800
    assert "as you set it" in page.text
    offset = field(page, "offset")
    page = press("check")
    assert (field(page, "offset"), verdict(page)) == (offset, "Token is invalid --> Signature has expired")
    page = press("sign")
    assert verdict(page) == "Token is valid"  # its expiry is a day after what the clock shows
    page = press("real-time")
    assert (field(page, "offset"), verdict(page)) == ("0", "Token is valid")
    assert "as you set it" not in page.text


def test_enter_in_the_field_of_the_clock_sets_it_and_changes_no_character(press: Press) -> None:
    before = field(press("check"), "token")
    page = press("change", clock="2030-01-01T00:00")
    assert field(page, "token") == before
    assert verdict(page) == "Token is invalid --> Signature has expired"


def test_the_leeway_is_on_the_clock_and_in_the_program(press: Press) -> None:
    claims = json.dumps({"exp": int(datetime.now(UTC).timestamp()) - 20})
    assert verdict(press("sign", claims=claims, expiry="payload")) == "Token is invalid --> Signature has expired"
    page = press("check", leeway="30")
    assert verdict(page) == "Token is valid"
    assert "with the leeway until" in without_tags(page.text)
    assert "leeway=30" in page.text


@pytest.mark.parametrize("clock", ["soon", "2026-13-01T00:00", "0001-01-01T00:00", "9" * 99])
def test_a_clock_that_cannot_be_set_has_an_error(press: Press, clock: str) -> None:
    page = press("time", clock=clock)
    assert page.status_code == 422
    assert 'id="clock-error" data-live><p class="field-error">Enter a date and time' in page.text


@pytest.mark.parametrize("typed", [{"offset": "x"}, {"offset": "9" * 12}, {"offset": "1" * 99}, {"leeway": "31"}])
def test_a_hidden_field_that_the_page_did_not_write_is_refused(press: Press, typed: dict[str, str]) -> None:
    assert press("check", **typed).status_code == 400


def test_a_token_is_taken_out_of_a_curl_command(press: Press) -> None:
    token = hs256(CLAIMS)
    page = press("read", token=f"curl -H 'Authorization: Bearer {token}' https://example.org/", key=SECRET)
    assert (field(page, "token"), verdict(page)) == (token, "Token is valid")
    assert "The token was taken from a curl command." in page.text


def test_a_secret_in_base64url_signs_and_verifies(press: Press) -> None:
    secret = bytes(range(224, 256))
    page = press("sign", key=encode_base64url(secret), in_base64url="on", expiry="none")
    assert jwt.decode(field(page, "token"), secret, ["HS256"])
    assert ' name="in_base64url" checked>' in page.text
    refused = press("sign", key="not base64url!", in_base64url="on")
    assert (refused.status_code, "The secret is not base64url." in refused.text) == (422, True)
    assert " checked>" not in press("key").text  # a made key is text


@pytest.mark.parametrize("field_name", ["token", "key", "claims", "other"])
def test_a_pasted_megabyte_is_refused_in_words(alice: Person, field_name: str) -> None:
    response = alice.client.post("/lab", data={"act": "check", field_name: "ey.a" * 262_144}, headers=PAGE)
    assert response.status_code == 413
    assert "larger than 64 KiB" in response.text


def test_a_message_is_explained_with_what_was_found(press: Press) -> None:
    page = press("read", token="abc.def", key=SECRET)
    assert verdict(page) == "Token is invalid --> Not enough segments"
    assert "A segment is the text between two dots." in page.text
    assert "This text has 2 segments." in page.text


def test_two_tokens_are_compared(press: Press) -> None:
    page = press("check", other=f"Bearer {hs256({'sender': 'bob', 'kid': '<b>'})}")
    words = without_tags(page.text)
    assert 'sender differs "alice" "bob"' in words
    assert 'kid differs absent "<b>"' in words
    assert "<b>&#34;" not in page.text
    assert "the signatures are different" in words


def test_the_first_steps_are_ticked_off_one_after_another(press: Press) -> None:
    assert steps(press("check")) == []
    page = press("sign", claims='{"sender": "bob"}')
    assert steps(page) == ["create"]
    assert "1 of 5 done" in without_tags(page.text)
    assert steps(press("read")) == ["create", "read"]
    assert steps(press("change")) == ["create", "read", "break"]
    assert steps(press("sign", expiry="past")) == ["create", "read", "break", "expire"]
    page = press("sign", algorithm="RS256", expiry="day")
    assert steps(page) == ["create", "read", "break", "expire", "pair"]
    assert "All done. Next:" in page.text
    assert steps(press("check")) == ["create", "read", "break", "expire", "pair"]


@pytest.mark.parametrize("named", ["create", "x create y", "create " * 5_000, "<script>"])
def test_steps_that_the_form_names_are_taken_from_the_list_only(press: Press, named: str) -> None:
    page = press("check", steps=named)
    assert set(steps(page)) <= {"create"}
    assert "<script>" not in page.text.replace('<script src="', "")


def test_an_error_keeps_what_was_finished(press: Press) -> None:
    press("sign")
    assert steps(press("sign", claims="{")) == ["create"]


def test_a_header_that_names_a_key_of_another_kind_gets_no_key(press: Press) -> None:
    """The chosen algorithm decides, never the token (RFC 8725 section 3.1)."""
    header = segment('{"alg": "RS256"}')
    page = press("read", token=f"{header}.{segment('{}')}.x")
    assert field(page, "key") == "a-demonstration-key-of-32-bytes."


def test_made_keys_are_of_the_kind_that_the_algorithm_shares(press: Press) -> None:
    for algorithm in (Algorithm.HS512, Algorithm.ES384):
        page = press("sign", algorithm=algorithm.value)
        assert key_text.suits(field(page, "key"), algorithm)
        assert is_shared(algorithm) is ("PRIVATE KEY" not in field(page, "key"))
