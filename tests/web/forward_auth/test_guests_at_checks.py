"""Guest links at the checks of proxies."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from daypass.accounts import accounts
from daypass.database.models import Account, database_now
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import Person
from tests.helpers.api_tokens import new_api_token
from tests.helpers.guest_links import age, new_code, revoke_all, stored
from tests.helpers.statements import counted_statements
from tests.web.forward_auth.proxy_checks import ALICE, ANONYMOUS, APP, NAVIGATION, Proxy, cookie_header, identity

pytestmark = pytest.mark.each_database

COOKIE = "__Secure-daypass-guest"
SignIn = Callable[..., Person]
Change = Callable[[str], None]


def guest(*codes: str) -> dict[str, str]:
    """The header of a browser with these guest links."""
    return {"Cookie": f"{COOKIE}={'.'.join(codes)}"}


@pytest.fixture
def code(app: Flask) -> str:
    """The code of a link to /staff/plans/."""
    return new_code(app, APP, "/staff/plans/")


@pytest.mark.parametrize("target", ["/staff/plans/", "/staff/plans/a?b=c", "/staff/plans"])
def test_a_guest_sees_the_page_and_is_nobody(client: FlaskClient, proxy: Proxy, code: str, target: str) -> None:
    response = proxy.check(client, target, guest(code))
    assert (response.status_code, identity(response), response.headers["Remote-Id"]) == (200, ANONYMOUS, "")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "target",
    ["/staff", "/staff/", "/staff/plans-private", "/staff/plans/../", "/staff/plans/%2e%2e/", "/bob", "/x",
     "/staff/plans/..%2f", "/staff/plans//", "/staff/plans/..;/x"],
)  # fmt: skip
def test_a_guest_sees_nothing_else(client: FlaskClient, proxy: Proxy, code: str, target: str) -> None:
    assert proxy.check(client, target, guest(code)).status_code in (401, 403)


def test_a_guest_sees_no_other_host(client: FlaskClient, proxy: Proxy, code: str) -> None:
    for host in ("nas.example.org:8443", "far.example", "login.example.org", f"x.{APP}", "unknown.example.org"):
        assert proxy.check(client, "/staff/plans/", guest(code), host=host).status_code in (401, 403), host


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_guest_only_reads(client: FlaskClient, proxy: Proxy, code: str, method: str) -> None:
    assert proxy.check(client, "/staff/plans/", guest(code), method="HEAD").status_code == 200
    assert proxy.check(client, "/staff/plans/", guest(code), method=method).status_code == 401


def test_an_expired_link_opens_nothing(app: Flask, client: FlaskClient, proxy: Proxy, code: str) -> None:
    age(app, timedelta(days=1))
    assert proxy.check(client, "/staff/plans/", guest(code)).status_code == 401


def test_a_revoked_link_opens_nothing_at_the_next_request_of_any_process(
    app: Flask, make_app: Callable[[], Flask], proxy: Proxy, code: str
) -> None:
    other = make_app().test_client(use_cookies=False)
    assert proxy.check(other, "/staff/plans/", guest(code)).status_code == 200
    revoke_all(app)
    assert proxy.check(other, "/staff/plans/", guest(code)).status_code == 401


@pytest.mark.parametrize(
    "forged",
    ["0" * 32, "", ".", "{}.", ".{}", "x{}", "{}{}", "{}," + "0" * 32, "a.b.c", "'", "%", "{}" + ".{}" * 8],
)  # fmt: skip
def test_a_forged_cookie_opens_nothing(client: FlaskClient, proxy: Proxy, code: str, forged: str) -> None:
    value = forged.replace("{}", code)
    assert proxy.check(client, "/staff/plans/", {"Cookie": f"{COOKIE}={value}"}).status_code == 401


def test_the_stored_hash_is_no_code(app: Flask, client: FlaskClient, proxy: Proxy, code: str) -> None:
    [link] = stored(app)
    assert code not in (link.id, link.code_hash)
    for value in (link.id, link.code_hash, link.code_hash[:32]):
        assert proxy.check(client, "/staff/plans/", guest(value)).status_code == 401


def test_tokens_and_guest_links_are_not_exchangeable(
    app: Flask, client: FlaskClient, proxy: Proxy, code: str, sign_in: SignIn
) -> None:
    """A session token or API token is no guest link, and a guest link is neither a pass nor a bearer token."""
    staff = sign_in("dave", ["staff"])
    _, api_token = new_api_token(app, staff.claims.subject)
    for token in (staff.token, api_token):
        assert proxy.check(client, "/staff/plans/", guest(token)).status_code == 401
    assert proxy.check(client, "/staff/plans/", {"Cookie": f"__Secure-daypass={code}"}).status_code == 401
    assert proxy.check(client, "/staff/plans/", {"Authorization": f"Bearer {code}"}).status_code == 401


def disable(account_id: str) -> None:
    current_db().execute(update(Account).where(Account.id == account_id).values(disabled_at=database_now()))


def end(account_id: str) -> None:
    current_db().execute(update(Account).where(Account.id == account_id).values(ends_at=database_now()))


def demote(account_id: str) -> None:
    accounts.set_roles(current_db(), current_db().get_one(Account, account_id), ["staff"])


def delete(account_id: str) -> None:
    current_db().delete(current_db().get_one(Account, account_id))


@pytest.mark.parametrize("change", [disable, end, demote, delete])
def test_a_link_ends_with_the_rights_of_its_creator(
    app: Flask, client: FlaskClient, proxy: Proxy, add_account: Callable[..., str], change: Change
) -> None:
    add_account("carol", ["admin"])
    creator = add_account("erin", ["admin"])
    code = new_code(app, APP, "/staff/plans/", creator)
    assert proxy.check(client, "/staff/plans/", guest(code)).status_code == 200
    with app.app_context(), write_transaction(current_db()):
        change(creator)
    assert proxy.check(client, "/staff/plans/", guest(code)).status_code == 401


def test_other_roles_and_the_password_of_its_creator_make_no_difference(
    app: Flask, client: FlaskClient, proxy: Proxy, add_account: Callable[..., str]
) -> None:
    creator = add_account("erin", ["admin"])
    code = new_code(app, APP, "/staff/plans/", creator)
    with app.app_context(), write_transaction(current_db()) as db:
        account = db.get_one(Account, creator)
        accounts.set_roles(db, account, ["admin", "editor"])
        account.password_hash = "another"
    assert proxy.check(client, "/staff/plans/", guest(code)).status_code == 200


def test_a_visitor_whom_the_rules_do_not_admit_is_a_guest_too(
    client: FlaskClient, proxy: Proxy, code: str, alice: dict[str, str]
) -> None:
    """The app is not told who it is: it would otherwise take alice for somebody with access."""
    both = {"Cookie": f"{alice['Cookie']}; {COOKIE}={code}"}
    response = proxy.check(client, "/staff/plans/", both)
    assert (response.status_code, identity(response)) == (200, ANONYMOUS)
    assert proxy.check(client, "/staff", both).status_code == 403


def test_a_visitor_whom_the_rules_admit_is_no_guest(
    app: Flask, client: FlaskClient, proxy: Proxy, code: str, sign_in: SignIn
) -> None:
    person = sign_in("alice", ["staff"])
    both = {"Cookie": f"{cookie_header(person)['Cookie']}; {COOKIE}={code}"}
    response = proxy.check(client, "/staff/plans/", both)
    assert identity(response)[:2] == ALICE[:2]


def test_several_links_in_one_browser(app: Flask, client: FlaskClient, proxy: Proxy, code: str) -> None:
    other = new_code(app, APP, "/bob")
    for target in ("/bob", "/staff/plans/"):
        assert proxy.check(client, target, guest(code, other)).status_code == 200


def test_a_visitor_whom_the_rules_admit_costs_no_query_for_guest_links(
    app: Flask, client: FlaskClient, proxy: Proxy, code: str, alice: dict[str, str]
) -> None:
    both = {"Cookie": f"{alice['Cookie']}; {COOKIE}={code}"}
    proxy.check(client, "/x", both)
    with counted_statements(app) as statements:
        assert proxy.check(client, "/x", both).status_code == 200
        assert proxy.check(client, "/public", both).status_code == 200
        assert proxy.check(client, "/staff", alice | NAVIGATION).status_code == 403
    assert [statement for statement in statements if "guest_links" in statement] == []


def test_a_cookie_that_cannot_be_a_code_costs_no_query(app: Flask, client: FlaskClient, proxy: Proxy) -> None:
    with counted_statements(app) as statements:
        assert proxy.check(client, "/staff/plans/", guest("x" * 31)).status_code == 401
    assert [statement for statement in statements if "guest_links" in statement] == []
