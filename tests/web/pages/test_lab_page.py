"""The lab page: tokens created, read and tampered with, with the visitor's keys."""

import html
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import jwt
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_text, parsing, pem
from daypass.lab.playground.actions import example
from daypass.lab.playground.tampering import change_character
from daypass.throttling import account_lock
from daypass.web.context import current_runtime
from daypass.web.pages import lab
from tests.conftest import PAGE, Person
from tests.integration.faults.load import eventually

SECRET = "quiet-hazel-lantern-river-otter-7-of-alice"
CLAIMS = {"sender": "alice", "message": "Lunch at noon?"}
PARTS = ["header", "payload", "signature"]

Work = Callable[..., TestResponse]


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice")


@pytest.fixture
def work(alice: Person) -> Work:
    """Press a button of the lab as alice; fields that are not named have defaults."""

    def work(act: str, **fields: object) -> TestResponse:
        typed = {"algorithm": "HS256", "key": SECRET, "expiry": "none", "header": "{}", "claims": json.dumps(CLAIMS)}
        return alice.client.post("/lab", data=typed | {"act": act} | fields, headers=PAGE)

    return work


def field(response: TestResponse, name: str) -> str:
    """The content of a field of the page."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?([^<]*)</textarea>', response.text)
    found = found or re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', response.text)
    assert found, name
    return html.unescape(found[1])


def without_tags(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", "", markup)).split())


def verdict(response: TestResponse) -> str:
    """The sentence of the verdict."""
    found = re.search(r'<p class="verdict-message" data-verdict>(.*?)</p>', response.text)
    assert found
    return without_tags(found[1])


def blamed(response: TestResponse) -> list[str]:
    """The parts of the token that are marked as the fault."""
    return re.findall(r'<span class="(\w+)-part token-blamed">', response.text)


def hs256(claims: Mapping[str, object], key: str = SECRET) -> str:
    return jwt.encode(dict(claims), key, "HS256")


def test_the_example_is_signed_in_the_minute_when_the_page_is_opened(alice: Person) -> None:
    response = alice.client.get("/lab", headers=PAGE)
    token, key = field(response, "token"), field(response, "key")
    claims = jwt.decode(token, key, ["HS256"])
    assert set(claims) == {"sender", "message", "date", "exp"}
    assert 86_330 < claims["exp"] - time.time() <= 86_400
    assert verdict(response) == "Token is valid"
    assert "throwaway keys, never the site" in response.text


def test_the_example_is_signed_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    lab._example.cache_clear()
    sign = Mock(wraps=example)
    monkeypatch.setattr(lab, "example", sign)
    minute = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
    tokens = [lab._example(minute + timedelta(minutes=number))["bench"].token for number in (0, 0, 1, 0)]
    assert tokens[0] == tokens[1] != tokens[2]
    assert sign.call_count == 3  # only the last one is kept
    lab._example.cache_clear()


def test_what_a_visitor_does_is_not_in_the_example_of_others(work: Work, sign_in: Callable[..., Person]) -> None:
    bob = sign_in("bob").client
    lab._example.cache_clear()
    before = field(bob.get("/lab", headers=PAGE), "claims")
    work("sign")
    work("check", token="a.b.c", key="")
    assert field(bob.get("/lab", headers=PAGE), "claims").partition("exp")[0] == before.partition("exp")[0]


def test_no_key_of_the_app_is_on_the_page_or_verifies_its_token(app: Flask, alice: Person) -> None:
    response = alice.client.get("/lab", headers=PAGE)
    with app.app_context():
        private = current_runtime().keys.current().signing.private
    assert isinstance(private, bytes)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(field(response, "token"), private, ["HS256"])


def test_the_visitors_own_pass_is_shown_without_its_signature(alice: Person) -> None:
    page = alice.client.get("/lab", headers=PAGE).text
    _, payload, signature = alice.token.split(".")
    assert alice.claims.session_id in page
    assert signature[:12] not in page
    assert payload not in page


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_token_is_made_and_verified_with_each_algorithm(work: Work, algorithm: Algorithm) -> None:
    made = key_text.generate(algorithm)
    response = work("sign", algorithm=algorithm.value, key=made.private)
    token = field(response, "token")
    assert jwt.decode(token, made.public, [algorithm.value]) == CLAIMS
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    assert (response.status_code, verdict(response)) == (200, "Token is valid")
    checked = work("check", algorithm=algorithm.value, key=made.public, token=token)
    assert (checked.status_code, verdict(checked)) == (200, "Token is valid")


def test_a_key_is_made_in_a_click_and_signs(work: Work) -> None:
    response = work("key", algorithm="EdDSA", key="")
    key, token = field(response, "key"), field(response, "token")
    assert key.startswith("-----BEGIN PRIVATE KEY-----")
    public = key_text.public_text(key, Algorithm.EDDSA)
    assert public.strip() in html.unescape(response.text)
    assert jwt.decode(token, public, ["EdDSA"]) == CLAIMS
    assert verdict(response) == "Token is valid"


@pytest.mark.parametrize("act", ["sign", "check", "keep", "change", "back", "key"])
def test_a_typed_key_is_loaded_once_in_a_request(work: Work, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    """For a valid private key, a public key, and no key at all."""
    made, loads, from_der = key_text.generate(Algorithm.RS256), list[bytes](), pem._from_der
    token = jwt.encode(CLAIMS, made.private, "RS256")

    def load(der: bytes, *, private: bool) -> object:
        loads.append(der)
        return from_der(der, private=private)

    monkeypatch.setattr(pem, "_from_der", load)
    for key in (made.private, made.public, made.private.replace("\n", "", 9)[:900] + "\n-----END PRIVATE KEY-----"):
        loads.clear()
        work(act, algorithm="RS256", key=key, token=token, original=token, place="50")
        assert len(loads) == 1, key


def test_one_person_works_in_the_lab_once_at_a_time(
    app: Flask, alice: Person, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the site stays available."""
    pair, at_work, done, responses = (
        key_text.generate(Algorithm.RS256),
        threading.Event(),
        threading.Event(),
        list[int](),
    )
    typed = {"act": "sign", "algorithm": "RS256", "key": pair.private}
    from_der = pem._from_der

    def load_slowly(der: bytes, *, private: bool) -> object:
        at_work.set()
        assert done.wait(20)
        return from_der(der, private=private)

    def sign() -> None:
        client = app.test_client()
        responses.append(client.post("/lab", data=typed, headers=PAGE | alice.bearer_header).status_code)

    monkeypatch.setattr(pem, "_from_der", load_slowly)
    first = threading.Thread(target=sign)
    first.start()
    try:
        assert at_work.wait(20)
        busy = work("check", algorithm="RS256", key=pair.public, token=hs256(CLAIMS))
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
        assert "Another request is still running." in busy.text
        assert alice.client.get("/members", headers=PAGE).status_code == 200
        assert work("sign").status_code == 503
        assert responses == []
    finally:
        done.set()
        first.join()
    assert responses == [200]
    assert work("sign", algorithm="RS256", key=pair.private).status_code == 200


def test_work_with_a_shared_secret_waits_for_the_lab_too(
    alice: Person, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token of 16 kB costs as much as a key pair, with any algorithm."""
    monkeypatch.setattr(account_lock, "WAIT_SECONDS", 0.01)
    with lab.lock.hold(sign_in("bob").claims.subject):
        refused = alice.client.post("/lab", data={"act": "check", "token": hs256(CLAIMS)}, headers=PAGE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert alice.client.post("/lab", data={"act": "check", "token": hs256(CLAIMS)}, headers=PAGE).status_code == 200


def test_only_a_few_people_wait_for_the_lab(alice: Person) -> None:
    """Each person who waits holds a thread of the server."""
    others = [f"somebody {number}" for number in range(account_lock.MAX_WAITING + 1)]
    with ThreadPoolExecutor(len(others)) as pool, lab.lock.hold(others[0]):
        waiting = [pool.submit(wait_for_lab, other) for other in others[1:]]
        assert eventually(lambda: len(lab.lock._accounts) == len(others))
        began = time.monotonic()
        assert alice.client.post("/lab", data={"act": "check"}, headers=PAGE).status_code == 503
        assert time.monotonic() - began < account_lock.WAIT_SECONDS / 2  # refused at once
    assert [future.result() for future in waiting] == [True] * len(waiting)


def wait_for_lab(account: str) -> bool:
    with lab.lock.hold(account):
        return True


@pytest.mark.parametrize("act", ["check", "keep", "change", "back"])
def test_a_token_is_taken_apart_once_in_a_request(work: Work, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    token, original, parsed = hs256({"a": 1}), hs256({"a": 2}), list[str]()
    take_apart = parsing._split

    def count(text: str) -> parsing.Reading:
        parsed.append(text)
        return take_apart(text)

    monkeypatch.setattr(parsing, "_split", count)
    assert work(act, token=token, original=original, place="50").status_code == 200
    assert parsed
    assert len(parsed) == len(set(parsed))
    parsing.read(token)
    assert parsed[-1] == token  # the parsed token is not kept after the request


@pytest.mark.each_database
def test_one_key_is_made_in_a_second_for_each_person(
    make_app: Callable[[], Flask], sign_in: Callable[..., Person], work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "ONE_SECOND", timedelta(hours=1))  # or a slow machine would be past it
    assert work("key").status_code == 200
    refused = work("key", key=SECRET)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "You can generate one key per second." in refused.text
    assert field(refused, "key") == SECRET
    assert sign_in("bob").client.post("/lab", data={"act": "key"}, headers=PAGE).status_code == 200
    elsewhere = make_app().test_client()
    assert (
        elsewhere.post("/lab", data={"act": "key"}, headers={**PAGE, **sign_in("alice").bearer_header}).status_code
        == 429
    )


@pytest.mark.each_database
def test_the_next_key_is_made_a_second_later(work: Work) -> None:
    assert work("key").status_code == 200
    time.sleep(1.1)
    assert work("key").status_code == 200


@pytest.mark.parametrize(("expiry", "seconds"), [("minute", 60), ("day", 86_400)])
def test_a_token_ends_when_it_was_told_to(work: Work, expiry: str, seconds: int) -> None:
    claims = jwt.decode(field(work("sign", expiry=expiry), "token"), SECRET, ["HS256"])
    assert claims["exp"] - time.time() == pytest.approx(seconds, abs=5)


def test_a_token_without_an_end_has_none_whatever_the_payload_said(work: Work) -> None:
    first = work("sign", expiry="day")
    response = work("sign", claims=field(first, "claims"), expiry="none")
    assert jwt.decode(field(response, "token"), SECRET, ["HS256"]) == CLAIMS


def test_an_end_in_the_payload_can_be_kept(work: Work) -> None:
    response = work("sign", claims='{"exp": 1000000000}', expiry="payload")
    assert verdict(response) == "Token is invalid --> Signature has expired"
    assert blamed(response) == ["payload"]
    assert "2001-09-09 01:46:40 UTC" in response.text


def test_a_pasted_token_is_taken_apart_and_its_claims_explained(work: Work) -> None:
    token = hs256(CLAIMS | {"exp": int(time.time()) + 3600, "iat": 1_700_000_000})
    response = work("check", token=f"\n {token} \n", header="", claims="")
    assert verdict(response) == "Token is valid"
    assert json.loads(field(response, "header")) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(field(response, "claims"))["message"] == "Lunch at noon?"
    assert "2023-11-14 22:13:20 UTC" in response.text
    colours = dict(re.findall(r'<span class="(\w+)-part">([\w-]+)</span>', response.text))
    assert ".".join(colours[part] for part in PARTS) == token
    assert [f'<span class="token-legend-name">{part.capitalize()}</span>' in response.text for part in PARTS] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("token", "why", "blame"),
    [
        (hs256(CLAIMS, "another secret of alice's, 32 bytes."), "Signature verification failed", ["signature"]),
        (hs256({"exp": 1_000_000_000}), "Signature has expired", ["payload"]),
        (hs256({"nbf": 4_000_000_000}), "The token is not yet valid (nbf)", ["payload"]),
        (jwt.encode(CLAIMS, "", "none"), "", ["header"]),
        ("a.b", "", []),
        ("not a token", "", []),
        ("..", "", ["header"]),
    ],
)
def test_the_fault_of_a_token_is_shown_and_its_part_blamed(work: Work, token: str, why: str, blame: list[str]) -> None:
    response = work("check", token=token)
    assert response.status_code == 200
    assert verdict(response).startswith(f"Token is invalid --> {why}")
    assert blamed(response) == blame
    assert response.text.count('<b class="blame">') == 2 * len(blame)  # at its name and at its heading


def test_without_a_key_there_is_no_verdict_and_the_parts_are_read(work: Work) -> None:
    response = work("check", token=hs256(CLAIMS), key="")
    assert verdict(response) == "Not checked"
    assert "Anyone can read this token." in response.text
    assert json.loads(field(response, "claims")) == CLAIMS


def test_one_character_is_changed_and_marked_and_put_back(work: Work) -> None:
    token = hs256(CLAIMS)
    place = token.index(".") + 12
    response = work("change", token=token, original=token, place=str(place))
    changed = change_character(token, place - 1)
    assert field(response, "token") == changed
    assert verdict(response) == "Token is invalid --> Signature verification failed"
    assert f'<mark class="mark--changed">{changed[place - 1]}</mark>' in response.text
    assert f"<dt>Character {place}</dt>" in response.text
    assert f"<del>{token[place - 1]}</del>" in response.text
    assert f"<ins>{changed[place - 1]}</ins>" in response.text
    back = work("back", token=changed, original=field(response, "original"), place=str(place))
    assert (field(back, "token"), verdict(back)) == (token, "Token is valid")
    assert 'class="mark--changed"' not in back.text


@pytest.mark.parametrize("place", ["", "0", "-1", "1.5", "x", "²", "99999", "9" * 5_000, "37"])
def test_a_character_that_is_not_there_cannot_be_changed(work: Work, place: str) -> None:
    token = hs256(CLAIMS)
    assert token[36] == "."
    response = work("change", token=token, place=place)
    assert response.status_code == 422
    assert field(response, "token") == token
    assert 'id="place-error" data-live><p class="field-error">' in response.text


def test_an_edited_claim_keeps_the_signature_and_is_refused(work: Work) -> None:
    token = hs256(CLAIMS)
    edited = json.dumps(CLAIMS | {"sender": "bob"})
    response = work("keep", token=token, original=token, header='{"alg": "HS256", "typ": "JWT"}', claims=edited)
    assert field(response, "token").split(".")[2] == token.split(".")[2]
    assert jwt.decode(field(response, "token"), options={"verify_signature": False})["sender"] == "bob"
    assert verdict(response) == "Token is invalid --> Signature verification failed"
    assert 'was "alice"' in html.unescape(response.text)


def test_what_was_not_edited_keeps_its_spelling(work: Work) -> None:
    token = jwt.api_jws.encode(b'{ "sender" :  "alice" }', SECRET, "HS256", headers={"kid": "1"})
    shown = work("check", token=token)
    response = work("keep", token=token, header=field(shown, "header"), claims=field(shown, "claims"))
    assert (field(response, "token"), verdict(response)) == (token, "Token is valid")


def test_an_edited_header_keeps_the_rest(work: Work) -> None:
    token = hs256(CLAIMS)
    response = work("keep", token=token, original=token, header='{"alg": "none"}', claims=json.dumps(CLAIMS, indent=2))
    _, payload, signature = field(response, "token").split(".")
    assert jwt.get_unverified_header(field(response, "token")) == {"alg": "none"}
    assert [payload, signature] == token.split(".")[1:]
    assert verdict(response).startswith("Token is invalid --> ")


def test_a_token_that_is_another_one_has_not_been_changed(work: Work) -> None:
    token = hs256({"sender": "bob", "message": "No, at one"}, "another secret of alice's, 32 bytes.")
    response = work("check", token=token, original=hs256(CLAIMS))
    assert field(response, "original") == token
    assert 'class="mark--changed"' not in response.text


@pytest.mark.parametrize(
    ("fields", "field_name"),
    [
        ({"claims": "{"}, "claims"),
        ({"claims": "[1]"}, "claims"),
        ({"claims": '{"a": 1, "a": 2}'}, "claims"),
        ({"claims": '{"a": 1, "a": 2, "exp": 3}', "expiry": "none"}, "claims"),
        ({"claims": "[" * 20_000}, "claims"),
        ({"header": "nothing"}, "header"),
        ({"key": ""}, "key"),
        ({"key": "no key", "algorithm": "RS256"}, "key"),
        ({"key": key_text.generate(Algorithm.ES256).private, "algorithm": "ES384"}, "key"),
        ({"key": "k" * 10_000}, "key"),
        ({"claims": json.dumps({"a": "x" * 20_000})}, "claims"),
    ],
)
def test_a_field_that_cannot_be_signed_has_an_error(work: Work, fields: dict[str, str], field_name: str) -> None:
    response = work("sign", **fields)
    assert response.status_code == 422
    assert f'id="{field_name}-error" data-live><p class="field-error">' in response.text
    assert field(response, field_name) == fields[field_name].strip()


@pytest.mark.parametrize("token", ["x" * 20_000, "." * 20_000, "ey." * 15_000])
def test_a_token_that_is_too_long_is_not_looked_at(work: Work, token: str) -> None:
    response = work("check", token=token)
    assert response.status_code == 200
    assert "longer than 16384 characters" in response.text


def test_a_form_that_is_too_large_is_not_read(work: Work) -> None:
    assert work("check", token="x" * 70_000).status_code == 413


@pytest.mark.parametrize("fields", [{"act": "burn"}, {"algorithm": "none"}, {"algorithm": "hs256"}, {"expiry": "1"}])
def test_a_choice_that_the_form_does_not_offer_is_refused(alice: Person, fields: dict[str, str]) -> None:
    assert alice.client.post("/lab", data=fields, headers=PAGE).status_code == 400


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=alert(1)>", "{{7919*7}}", "</textarea><script>x()</script>", '"x']
)
def test_hostile_text_is_shown_as_text(work: Work, hostile: str) -> None:
    claims = {"sender": hostile, hostile: 1, "exp": hostile}
    token = jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, "HS256", headers={"kid": hostile, hostile: "x"})
    for response in (
        work("check", token=token, original=token[:-9]),
        work("check", token=f"x.{hostile}.y", original="x.a.y"),
        work("check", token=hostile, key=hostile, place=hostile, original=hostile),
        work("sign", claims=json.dumps(claims), expiry="payload", header=json.dumps({hostile: hostile})),
        work("sign", claims=hostile, header=hostile),
        work("change", token=token, place=hostile),
    ):
        assert response.status_code in (200, 422)
        assert "<img" not in response.text
        assert "<script>" not in response.text
        assert "55433" not in without_tags(response.text).split()
        assert response.text.count("</textarea>") == 5


def test_the_python_does_what_the_form_did(work: Work) -> None:
    made = work("sign")
    programs = [
        html.unescape(text)
        for text in re.findall(r"<pre class=\"code-block\"[^>]*><code>(.*?)</code>", made.text, re.S)
    ]
    assert len(programs) == 2
    assert "jwt.encode(" in programs[0]
    assert "jwt.decode(" in programs[1]
    assert field(made, "token") in programs[1]
    checked = work("check", token=hs256(CLAIMS))
    assert "jwt.encode(" not in checked.text


def test_no_input_is_stored_or_logged(app: Flask, work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = hs256({"sender": "kingfisher"})
    pem = key_text.generate(Algorithm.ES256).private
    for act in ("sign", "check", "keep", "change", "back", "key", "key", "burn"):
        work(act, token=token, original=token, place="50", claims='{"sender": "kingfisher"}')
        work(act, token=token + "kingfisher", key=pem, algorithm="ES256", header="kingfisher", place="kingfisher")
    needles = [SECRET, "kingfisher", token, *token.split("."), *pem.splitlines()[1:-1]]
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"alice" in stored
    assert [needle for needle in needles if needle.encode() in stored or needle in caplog.text] == []


def test_nobody_gets_in_without_a_pass(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/lab", headers=PAGE).status_code == 401
    assert client.post("/lab", data={"act": "key"}, headers=PAGE).status_code == 401


def test_no_response_is_kept_by_a_cache(work: Work) -> None:
    assert work("check", token=hs256(CLAIMS)).headers["Cache-Control"] == "no-store"


def test_the_algorithms_that_share_a_secret_have_a_short_field_for_it(work: Work) -> None:
    for algorithm in Algorithm:
        rows = re.search(r'<textarea id="key"[^>]* rows="(\d+)"', work("check", algorithm=algorithm.value, key="").text)
        assert rows
        assert (rows[1] == "1") is is_shared(algorithm)
