"""The page for visitors whose pass was refused, or who have none."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from daypass.accounts import accounts, locking
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.sessions import lifecycle
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.mail import give_address, mail_settings
from tests.helpers.server import free_port
from tests.web.forward_auth.proxy_checks import APP, FORWARD, LOGIN, NAVIGATION, RULES, SETTINGS

CHANGED = "This token was changed, or was not issued by this site."


def lead(text: str) -> str:
    """What the page says below its title, without markup."""
    found = re.search(r'<p id="reason">(.*?)</p>', text, re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]*>", "", found[1])).split()) if found else ""


def title(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text)
    return html.unescape(found[1]) if found else ""


def end(app: Flask, person: Person, reason: str) -> None:
    with app.app_context(), write_transaction(current_db()):
        lifecycle.end(current_db(), person.claims.session_id, reason)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/members", "the members page"),
        ("/admin/keys", "the keys"),
        ("/account?x=1", "your pass"),
        ("/api/me", "/api/me"),
    ],
)
def test_a_visitor_without_a_pass_is_asked_to_sign_in_to_see_the_page(
    client: FlaskClient, path: str, words: str
) -> None:
    response = client.get("/login", query_string={"next": path}, headers=PAGE)
    assert title(response.text) == f"Sign in to see {words}"
    assert lead(response.text) == ""


class TestSite:
    """Pages of a folder, whose paths are the titles."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        return environ | {"DAYPASS_SITE": str(tmp_path_factory.mktemp("site"))}

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("/guide/", "/guide/"),
            ("/%C3%BCber/", "/über/"),
            ("/a%20b", "/a b"),
            ("/<b>", "/<b>"),
            ("/%E2%80%AEgpj.exe", "/%E2%80%AEgpj.exe"),
            ("/" + "a" * 60, "/" + "a" * 38 + "…"),
        ],
    )
    def test_the_title_has_the_path(self, client: FlaskClient, path: str, shown: str) -> None:
        response = client.get(path, headers=PAGE)
        assert response.status_code == 401
        assert title(response.text) == f"Sign in to see {shown}"
        assert "<h1>Sign in to see /<b>" not in response.text


def test_the_holder_of_an_expired_pass_is_told_when_it_expired(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", age=timedelta(days=2))
    response = alice.client.get("/members", headers=PAGE)
    moment = alice.claims.expires_at
    expected = (
        f"Your pass expired on {moment:%a} {moment.day} {moment:%b} at {moment:%H:%M} UTC. Sign in for a new one."
    )
    assert (response.status_code, lead(response.text)) == (401, expected)
    assert "Invalid token: the token has expired" in response.text
    assert alice.client.get("/login", headers=PAGE).text.count("Your pass expired") == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("signed_out", "by signing out"),
        ("ended_by_owner", "by you"),
        ("ended_by_admin", "by an administrator"),
        ("password_changed", "because the password was changed"),
    ],
)
def test_the_holder_of_an_ended_pass_is_told_by_whom_and_when(
    app: Flask, sign_in: Callable[..., Person], reason: str, words: str
) -> None:
    alice = sign_in("alice")
    end(app, alice, reason)
    response = alice.client.get("/members", headers=PAGE)
    assert response.status_code == 401
    assert re.fullmatch(rf"Your pass was ended at \d\d:\d\d UTC {words}. Sign in for a new one.", lead(response.text))
    assert "Invalid token: the session of the token was ended" in response.text


def test_a_deleted_account_is_no_secret_of_the_pass(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")
    with app.app_context(), write_transaction(current_db()) as db:
        accounts.delete(db, db.get_one(Account, alice.claims.subject))
    assert "by an administrator. Sign in" in lead(alice.client.get("/members", headers=PAGE).text)


class TestLab:
    """What the gate said leads on to the lab, for visitors who may open it."""

    @pytest.fixture(params=["closed", "open"])
    def environ(self, environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
        return environ | {"DAYPASS_LAB": request.param}

    def test_the_line_links_to_the_lab_only_while_it_is_open(
        self, client: FlaskClient, environ: dict[str, str]
    ) -> None:
        page = client.get("/members", headers=PAGE).text
        line = page.partition("What the gate said:")[2].partition("</p>")[0]
        is_open = client.get("/lab", headers=PAGE).status_code == 200
        assert is_open == (environ["DAYPASS_LAB"] == "open")
        assert ('href="/lab">Look inside a token in the lab</a>' in line) == is_open
        assert ("You can look inside a token in the lab once you are signed in." in line) == (not is_open)


class TestClosedAccount:
    """Visitors whose pass is over because their account was closed: signing in does not help them."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | mail_settings(free_port())

    @pytest.fixture
    def bob(self, sign_in: Callable[..., Person]) -> Person:
        """Somebody besides an administrator."""
        sign_in("alice", ["admin"])
        return sign_in("bob")

    def change(self, app: Flask, person: Person, act: Callable[[Session, Account], object]) -> None:
        with app.app_context(), write_transaction(current_db()) as db:
            act(db, db.get_one(Account, person.claims.subject))

    @pytest.mark.parametrize(
        ("act", "words"),
        [
            (locking.lock, "because you locked the account. Only an administrator can open it again."),
            (accounts.disable, "because the account was disabled. Only an administrator can open it again."),
            (
                lambda db, account: accounts.set_end(db, account, datetime.now(UTC)),
                "because your account got an end date. The account has reached its end date. "
                "Only an administrator can change that date.",
            ),
        ],
        ids=["locked", "disabled", "end date reached"],
    )
    def test_they_are_told_who_can_open_it(
        self, app: Flask, bob: Person, act: Callable[[Session, Account], object], words: str
    ) -> None:
        self.change(app, bob, act)
        page = bob.client.get("/members", headers=PAGE).text
        assert lead(page).endswith(words)
        assert "Sign in for a new one" not in page
        assert 'name="password"' in page

    def test_a_locked_account_with_an_address_is_opened_by_a_link(self, app: Flask, bob: Person) -> None:
        give_address(app, bob.claims.subject, "bob@example.org")
        self.change(app, bob, locking.lock)
        page = bob.client.get("/members", headers=PAGE).text
        assert lead(page).endswith("To open it again, choose “Forgot your password?” or ask an administrator.")
        assert '<a href="/forgot">Forgot your password?</a>” or ask' in page
        assert "bob@" not in page
        self.change(app, bob, accounts.disable)
        assert lead(bob.client.get("/members", headers=PAGE).text).endswith("Only an administrator can open it again.")

    @pytest.mark.parametrize(
        "acts",
        [
            (locking.lock, accounts.enable),
            (lambda db, account: accounts.set_end(db, account, datetime.now(UTC) + timedelta(hours=1)),),
        ],
        ids=["open again", "end date to come"],
    )
    def test_while_they_can_sign_in_they_are_told_to(
        self, app: Flask, bob: Person, acts: tuple[Callable[[Session, Account], object], ...]
    ) -> None:
        for act in acts:
            self.change(app, bob, act)
        assert lead(bob.client.get("/members", headers=PAGE).text).endswith("Sign in for a new one.")

    def test_a_pass_that_expired_with_the_account_says_so(self, app: Flask, sign_in: Callable[..., Person]) -> None:
        sign_in("alice", ["admin"])
        bob = sign_in("bob", age=timedelta(days=2))
        self.change(app, bob, lambda db, account: setattr(account, "ends_at", datetime.now(UTC) - timedelta(hours=1)))
        said = lead(bob.client.get("/members", headers=PAGE).text)
        assert said.startswith("Your pass expired")
        assert said.endswith("The account has reached its end date. Only an administrator can change that date.")

    @pytest.mark.parametrize("over", ["expired", "ended by the owner"])
    def test_an_older_pass_does_not_tell_that_the_account_was_locked(
        self, app: Flask, sign_in: Callable[..., Person], over: str
    ) -> None:
        sign_in("alice", ["admin"])
        bob = sign_in("bob", age=timedelta(days=2) if over == "expired" else timedelta(0))
        if over != "expired":
            end(app, bob, "ended_by_owner")
        self.change(app, bob, locking.lock)
        assert lead(bob.client.get("/members", headers=PAGE).text).endswith("Sign in for a new one.")


class TestWithoutDatabase:
    """While the database is unreachable, and the replica may still be used."""

    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        (tmp_path / "data").mkdir()
        return f"sqlite:///{tmp_path}/data/daypass.sqlite3"

    def test_an_ended_pass_is_refused_without_details(
        self, app: Flask, sign_in: Callable[..., Person], tmp_path: Path
    ) -> None:
        alice = sign_in("alice")
        assert alice.client.get("/members").status_code == 200
        end(app, alice, "signed_out")
        app.extensions["daypass"].engine.dispose()
        (tmp_path / "data").rename(tmp_path / "away")
        response = alice.client.get("/members", headers=PAGE)
        assert response.status_code == 401
        assert lead(response.text) == "Your pass was ended. Sign in for a new one."


@pytest.mark.parametrize("text", ["torn.up.token", "a", "A" * 4000])
def test_a_changed_token_gets_the_page_invalid_token_and_its_cookie_is_cleared(client: FlaskClient, text: str) -> None:
    client.set_cookie("daypass", text)
    response = client.get("/members", headers=PAGE)
    assert (response.status_code, title(response.text)) == (401, "Invalid token")
    assert lead(response.text) == f"{CHANGED} Sign in for a new pass to see the members page."
    assert response.text.index('name="password"') < response.text.index('aria-label="The refused pass"')
    assert client.get_cookie("daypass") is None


@pytest.mark.parametrize(
    ("query", "requested", "words"),
    [
        ("?next=/members%3Fx=1", "/members?x=1", " to see the members page"),
        ("", None, ""),
        ("?next=//evil.example/", None, ""),
    ],
)
def test_a_changed_token_gets_that_page_at_the_sign_in_page_too(
    client: FlaskClient, query: str, requested: str | None, words: str
) -> None:
    client.set_cookie("daypass", "torn.up.token")
    pages = [client.get(f"/login{query}", headers=PAGE) for _ in range(2)]
    assert [(page.status_code, title(page.text)) for page in pages] == [
        (200, "Invalid token"),
        (200, f"Sign in{words}"),
    ]
    assert lead(pages[0].text) == f"{CHANGED} Sign in for a new pass{words}."
    assert "Invalid token: the token was changed" in pages[0].text
    assert 'aria-label="Refused"' in pages[0].text
    assert re.findall(r"<dt>Requested page</dt><dd>(.*?)</dd>", pages[0].text) == ([requested] if requested else [])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?next=/members", True),
        ("?next=/nothing", True),
        ("?next=/", False),
        ("?next=//evil.example/", False),
        ("", False),
    ],
)
def test_the_gate_said_something_to_a_visitor_without_a_token_only_if_a_page_was_requested(
    client: FlaskClient, query: str, said: bool
) -> None:
    assert ("Invalid token: no token was sent" in client.get(f"/login{query}", headers=PAGE).text) == said


class TestBehindAProxy:
    """The proxy has refused a visitor of another host, and redirects to the sign-in page."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        rules = tmp_path / "rules.toml"
        rules.write_text(RULES)
        return environ | SETTINGS | {"DAYPASS_RULES": str(rules)}

    @pytest.fixture
    def client(self, app: Flask) -> FlaskClient:
        """A client whose requests have the cookies that the test sends."""
        return app.test_client(use_cookies=False)

    def sent_here(self, client: FlaskClient, cookie: str) -> TestResponse:
        check = FORWARD.check(client, "/x?y=<1>", NAVIGATION | {"Cookie": cookie})
        assert check.status_code == 302
        return client.get(
            (check.location or "").partition(LOGIN)[2], base_url=f"https://{LOGIN}", headers=PAGE | {"Cookie": cookie}
        )

    def test_a_changed_token_gets_the_page_and_its_cookie_is_cleared(self, client: FlaskClient) -> None:
        response = self.sent_here(client, "__Secure-daypass=torn.up.token")
        assert title(response.text) == "Invalid token"
        assert lead(response.text) == f"{CHANGED} Sign in for a new pass to {APP}."
        assert f"<dd>https://{APP}/x?y=" in response.text and "<1>" not in response.text
        cleared = [line for line in response.headers.getlist("Set-Cookie") if line.startswith("__Secure-daypass=;")]
        assert len(cleared) == 1 and "Domain=example.org" in cleared[0]
        assert f"form-action 'self' https://{APP};" in response.headers["Content-Security-Policy"]

    def test_a_visitor_without_a_token_is_told_what_the_gate_said(self, client: FlaskClient) -> None:
        response = self.sent_here(client, "theme=dark")
        assert title(response.text) == f"Sign in to {APP}"
        assert "Invalid token: no token was sent" in response.text


@pytest.mark.parametrize("over", ["expired", "ended"])
def test_the_cookie_of_a_pass_that_is_over_is_kept_so_that_the_next_page_says_so_too(
    app: Flask, sign_in: Callable[..., Person], over: str
) -> None:
    alice = sign_in("alice", age=timedelta(days=1, minutes=1) if over == "expired" else timedelta(0))
    if over == "ended":
        end(app, alice, "ended_by_owner")
    pages = [alice.client.get("/members", headers=PAGE) for _ in range(2)]
    assert ["Set-Cookie" in page.headers for page in pages] == [False, False]
    assert lead(pages[0].text) == lead(pages[1].text) != ""


def test_a_form_that_was_refused_is_not_lost_without_a_word(client: FlaskClient) -> None:
    response = client.post("/account/delete", headers=PAGE)
    assert title(response.text) == "Sign in"
    assert lead(response.text) == "Nothing was done: sign in, then send the form again."


class TestSignedIn:
    """Visitors who are signed in already and open a form for signing in or up."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SIGNUP": "open"}

    @pytest.mark.parametrize("path", ["/login", "/signup"])
    def test_they_are_told_so_and_may_continue(self, sign_in: Callable[..., Person], path: str) -> None:
        response = sign_in("alice").client.get(path, query_string={"next": "/members?x=1"}, headers=PAGE)
        assert title(response.text) == "You are signed in as alice"
        assert 'href="/members?x=1">Continue to the members page</a>' in response.text
        assert 'name="password"' not in response.text

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/login", ""])
    def test_they_continue_only_to_safe_targets(self, sign_in: Callable[..., Person], target: str) -> None:
        response = sign_in("alice").client.get("/login", query_string={"next": target}, headers=PAGE)
        assert '<a class="button button--primary" href="/">Continue' in response.text

    @pytest.mark.parametrize("path", ["/login", "/signup"])
    def test_they_may_ask_for_the_form(self, sign_in: Callable[..., Person], path: str) -> None:
        alice = sign_in("alice")
        page = alice.client.get(path, query_string={"next": "/members"}, headers=PAGE).text
        link = html.unescape(re.findall(r'<a href="([^"]*switch=1[^"]*)"', page)[0])
        form = alice.client.get(link, headers=PAGE)
        assert 'name="password"' in form.text
        assert 'value="/members"' in form.text

    def test_signing_in_as_somebody_else_ends_the_first_session(
        self, client: FlaskClient, sign_in: Callable[..., Person], add_account: Callable[..., str]
    ) -> None:
        alice = sign_in("alice")
        add_account("bob")
        alice.client.post("/login", headers=PAGE, data={"username": "bob", "password": PASSWORD})
        assert "Hello, bob." in alice.client.get("/members", headers=PAGE).text
        assert client.get("/members", headers=alice.bearer_header).status_code == 401
