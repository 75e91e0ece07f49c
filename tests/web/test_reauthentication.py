"""Actions that ask for the password again."""

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from daypass.accounts import accounts
from daypass.accounts.password_hasher import PasswordHasher
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web import resent_request
from daypass.web.context import current_db
from daypass.web.gate import token_required
from daypass.web.reauthentication import TEN_MINUTES
from tests.conftest import PAGE, PASSWORD, Person, new_session
from tests.helpers.gated_routes import gated_routes

pytestmark = pytest.mark.each_database

ELEVEN_MINUTES = timedelta(minutes=11)
GUARDED = [
    "/account/sessions/end-others",
    "/account/sessions/0123456789abcdef0123456789abcdef/end",
    "/account/tokens",
    "/admin/sign-out-everybody",
    "/admin/accounts/x/sign-out",
    "/admin/accounts/x/disable",
    "/admin/accounts/x/enable",
]


@pytest.mark.parametrize("path", GUARDED)
def test_a_page_asks_for_the_password_first_if_it_was_typed_long_ago(sign_in: Callable[..., Person], path: str) -> None:
    alice = sign_in("alice", ["admin"], age=ELEVEN_MINUTES)
    response = alice.client.post(path, headers=PAGE, data={"name": "<b>kept</b>"})
    assert response.status_code == 401
    assert "Confirm your password" in response.text
    assert f'action="{path}"' in response.text
    assert "kept" not in response.text
    assert alice.client.get("/members").status_code == 200


def test_the_prompt_of_each_act_leads_back_to_the_page_of_the_act(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice, asked = sign_in("alice", ["admin"], age=ELEVEN_MINUTES), list[str]()
    for route, method in gated_routes(app):
        path = re.sub("<[^>]+>", "x", route.replace("<account_id>", alice.claims.subject))
        response = alice.client.open(path, method=method, headers=PAGE) if method == "POST" else None
        if response is not None and "Confirm your password" in response.text:
            asked.append(route)
            (back,) = re.findall(r'<a href="([^"]+)">Go back', response.text)
            assert re.match(rf"{back.removesuffix('/settings')}(/|$)", path)
            assert alice.client.get(back, headers=PAGE).status_code in (200, 403)  # 403: members may not invite here
    assert len(asked) > 25


def test_the_prompt_before_a_download_says_that_it_stays_open(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    prompt = alice.client.post("/account/export", headers=PAGE).text
    assert "The download starts when you continue, and this page stays open." in prompt
    assert '<a href="/account/settings">Go back to your account</a>' in prompt
    assert "stays open" not in alice.client.post("/account/lock", headers=PAGE).text


def test_a_recently_typed_password_is_not_asked_for(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=timedelta(minutes=9))
    _, other = new_session(app, alice.claims.subject)
    assert alice.client.post("/account/sessions/end-others", headers=PAGE).status_code == 303
    assert client.get("/members", headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_the_password_completes_the_same_form_and_starts_a_new_session(
    app: Flask, client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    _, other = new_session(app, alice.claims.subject)
    data = {"confirm_password": PASSWORD}
    response = alice.client.post("/account/sessions/end-others", headers=PAGE, data=data)
    assert (response.status_code, urlsplit(response.location or "").path) == (303, "/account/sessions")
    assert alice.client.get("/members").status_code == 200
    for ended in (alice.token, other):
        assert client.get("/members", headers={"Authorization": f"Bearer {ended}"}).status_code == 401
    assert alice.client.post("/account/sessions/end-others", headers=PAGE).status_code == 303


def test_a_wrong_password_does_nothing(app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    _, other = new_session(app, alice.claims.subject)
    response = alice.client.post("/account/sessions/end-others", headers=PAGE, data={"confirm_password": "wrong"})
    assert response.status_code == 401
    assert "Wrong password." in response.text
    assert client.get("/members", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_a_program_is_told_to_sign_in_again(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    data = {"confirm_password": PASSWORD}  # read only from browsers
    response = client.post("/account/sessions/end-others", headers=alice.bearer_header, data=data)
    assert "Set-Cookie" not in response.headers
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert 'error="insufficient_user_authentication"' in response.headers["WWW-Authenticate"]
    assert 'max_age="600"' in response.headers["WWW-Authenticate"]


def test_an_action_that_fails_after_the_password_keeps_the_browser_signed_in_with_a_new_session(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    response = alice.client.post("/account/sessions/nobodys/end", headers=PAGE, data={"confirm_password": PASSWORD})
    assert response.status_code == 404
    assert alice.client.get("/members").status_code == 200
    assert client.get("/members", headers=alice.bearer_header).status_code == 401


def test_a_role_lost_while_the_password_is_checked_is_not_used(
    app: Flask, sign_in: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = sign_in("alice", ["admin"], age=ELEVEN_MINUTES), sign_in("bob", ["admin"])
    verify = PasswordHasher.verify

    def verify_slowly(self: PasswordHasher, stored: str | None, password: str) -> bool:
        with app.app_context(), write_transaction(current_db()):
            accounts.set_roles(current_db(), current_db().get_one(Account, alice.claims.subject), [])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify_slowly)
    response = alice.client.post("/admin/sign-out-everybody", headers=PAGE, data={"confirm_password": PASSWORD})
    assert response.status_code == 403
    assert bob.client.get("/members").status_code == 200


@pytest.fixture
def upload(app: Flask) -> list[dict[str, object]]:
    """The forms that a view with `fresh` received: query, fields and file."""
    received = list[dict[str, object]]()

    def view() -> str:
        file = request.files["file"]
        received.append({"query": request.args["x"], "fields": request.form.getlist("tag"), "file": file.read()})
        return "done"

    app.add_url_rule("/upload", view_func=token_required(fresh=TEN_MINUTES)(view), methods=["POST"])
    return received


def form_in(page: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', page)}


def send_upload(client: FlaskClient) -> str:
    data = {"tag": ["<secret>", "two"], "file": (io.BytesIO(b"\x00content\xff"), "a.bin")}
    response = client.post("/upload?x=1%202", headers=PAGE, data=data)
    assert response.status_code == 401
    assert 'action="/upload?x=1%202"' in response.text
    return response.text


def test_the_form_continues_with_its_query_fields_and_files(
    sign_in: Callable[..., Person], upload: list[dict[str, object]]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    page = send_upload(alice.client)
    data = form_in(page) | {"confirm_password": PASSWORD}
    assert alice.client.post("/upload?x=1%202", headers=PAGE, data=data).text == "done"
    assert upload == [{"query": "1 2", "fields": ["<secret>", "two"], "file": b"\x00content\xff"}]


def test_a_wrong_password_loses_nothing(sign_in: Callable[..., Person], upload: list[dict[str, object]]) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    page = send_upload(alice.client)
    again = alice.client.post("/upload?x=1%202", headers=PAGE, data=form_in(page) | {"confirm_password": "wrong"})
    assert "Wrong password." in again.text
    data = form_in(again.text) | {"confirm_password": PASSWORD}
    assert alice.client.post("/upload?x=1%202", headers=PAGE, data=data).text == "done"
    assert len(upload) == 1


def test_nothing_of_the_form_is_in_the_page(sign_in: Callable[..., Person], upload: list[dict[str, object]]) -> None:
    page = send_upload(sign_in("alice", age=ELEVEN_MINUTES).client)
    assert "secret" not in page
    assert "content" not in "".join(form_in(page).values())
    assert upload == []


def test_the_form_of_another_account_or_page_is_refused(
    sign_in: Callable[..., Person], upload: list[dict[str, object]]
) -> None:
    fields = form_in(send_upload(sign_in("alice", age=ELEVEN_MINUTES).client)) | {"confirm_password": PASSWORD}
    alice, bob = sign_in("alice", age=ELEVEN_MINUTES), sign_in("bob", age=ELEVEN_MINUTES)
    assert bob.client.post("/upload?x=1%202", headers=PAGE, data=fields).status_code == 422
    assert bob.client.get("/members").status_code == 200  # the password was right
    assert alice.client.post("/upload?x=2", headers=PAGE, data=fields).status_code == 422
    forged = fields | {name: "gAAAA" + value[5:-4] + "AAAA" for name, value in fields.items() if len(value) > 99}
    assert (
        sign_in("alice", age=ELEVEN_MINUTES).client.post("/upload?x=1%202", headers=PAGE, data=forged).status_code
        == 422
    )
    assert upload == []


def test_a_form_that_is_too_long_to_be_kept_is_not_asked_for_again(
    sign_in: Callable[..., Person], upload: list[dict[str, object]]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    response = alice.client.post("/upload?x=1", headers=PAGE, data={"tag": "x" * 40_000})
    assert (response.status_code, form_in(response.text)) == (401, {})
    assert "too long to be kept" in response.text
    assert upload == []


def test_the_longest_form_that_is_kept_is_small_enough_to_be_sent_again(
    sign_in: Callable[..., Person], upload: list[dict[str, object]]
) -> None:
    alice = sign_in("alice", age=ELEVEN_MINUTES)
    content = b"x" * (resent_request.MAX_BODY_BYTES - 400)
    page = alice.client.post("/upload?x=1", headers=PAGE, data={"file": (io.BytesIO(content), "a")}).text
    data = form_in(page) | {"confirm_password": PASSWORD}
    assert alice.client.post("/upload?x=1", headers=PAGE, data=data).text == "done"
    assert upload[0]["file"] == content
