"""A user's way from the first start to the last sign-out."""

from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import AT_THE_DOOR, Serve, Visit, cookie_of, expect_heading, fill_in, status

ANOTHER = "another 9 heron meadow"


def test_the_link_in_the_log_creates_the_first_account_once(visit: Visit, serve: Serve) -> None:
    server = serve()
    page = visit(url=server.url)
    page.goto(server.setup_link)
    fill_in(page, "Create administrator account", name="alice", password=PASSWORD)
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("alice")
    assert_admin_lists(page, "alice", "admin")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    assert status(page.goto(server.setup_link)) == 410
    expect(page.get_by_role("main")).to_contain_text("Daypass is already set up.")
    expect(page.get_by_role("button")).to_have_count(0)


def assert_admin_lists(page: Page, name: str, role: str) -> None:
    page.get_by_role("link", name="Admin", exact=True).click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    expect(row.get_by_role("cell").first).to_have_text(role)


def test_sign_up_explains_a_weak_password_and_then_signs_in(page: Page) -> None:
    page.goto("/signup?next=/members")
    fill_in(page, "Create account", name="Frida ", password="password")
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(
        "This password is easy to guess. This is a top-10 common password. Add another word or two. Uncommon words are"
        " better."
    )
    expect(page.get_by_label("Name", exact=True)).to_have_value("Frida ")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    fill_in(page, "Create account", password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Hello, frida.")
    assert page.url.endswith("/members")


def test_a_taken_name_is_reported_at_its_field(page: Page) -> None:
    page.goto("/signup")
    with page.expect_response("**/signup") as response:
        fill_in(page, "Create account", name="CHARLIE", password=PASSWORD)
    assert response.value.status == 409
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("CHARLIE")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("This name is taken.")).to_be_visible()
    assert page.context.cookies() == []


def test_a_wrong_password_shows_one_message_and_keeps_the_name(page: Page) -> None:
    page.goto("/login")
    with page.expect_response("**/login") as response:
        fill_in(page, "Sign in", name="charlie", password=ANOTHER)
    assert response.value.status == 401
    expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("charlie")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert ANOTHER not in page.content()
    fill_in(page, "Sign in", password=PASSWORD)
    page.get_by_role("link", name="Members", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Hello, charlie.")


def test_the_account_page_explains_the_token_and_keeps_its_signature(visit: Visit, bob: str) -> None:
    page = visit(bob)
    page.goto("/account")
    expect(page.get_by_text("alg", exact=True)).to_be_hidden()
    page.get_by_text("See the token itself").click()
    for name in ("alg", "typ", "kid", "iss", "aud", "sub", "sid", "name", "roles", "auth_time", "iat", "exp", "until"):
        expect(page.get_by_role("term").get_by_text(name, exact=True)).to_be_visible()
    assert_claim(page, "alg", '"HS256"')
    assert_claim(page, "name", '"bob"')
    assert_claim(page, "roles", "[]")
    signature = bob.rpartition(".")[2]
    assert len(signature) == 43
    assert cookie_of(page) == bob
    assert signature not in page.content()
    assert all(signature[start : start + 8] not in page.content() for start in range(len(signature) - 7))


def assert_claim(page: Page, claim: str, value: str) -> None:
    row = page.locator("dl > div").filter(has=page.get_by_text(claim, exact=True))
    expect(row.get_by_role("definition").first).to_have_text(value)


def test_a_changed_password_ends_every_other_session(visit: Visit) -> None:
    page, elsewhere = visit(), visit()
    page.goto("/signup")
    fill_in(page, "Create account", name="dora", password=PASSWORD)
    elsewhere.goto("/login?next=/members")
    fill_in(elsewhere, "Sign in", name="dora", password=PASSWORD)
    expect(elsewhere.get_by_role("main")).to_contain_text("Hello, dora.")
    page.goto("/account/settings")
    fill_in(page, "Change password", current_password=PASSWORD, new_password=ANOTHER)
    expect(page.get_by_role("status").first).to_contain_text("Your password was changed")
    assert status(elsewhere.reload()) == 401
    expect_heading(elsewhere, AT_THE_DOOR)
    expect(elsewhere.get_by_text("because the password was changed")).to_be_visible()
    assert_only_signs_in_with(elsewhere, ANOTHER)


def assert_only_signs_in_with(page: Page, password: str) -> None:
    fill_in(page, "Sign in", name="dora", password=PASSWORD)
    expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    fill_in(page, "Sign in", password=password)
    expect(page.get_by_role("main")).to_contain_text("Hello, dora.")


def test_a_member_may_not_see_the_admin_page(visit: Visit, bob: str) -> None:
    page = visit(bob)
    assert status(page.goto("/admin")) == 403
    expect_heading(page, "Not allowed")
    expect(page.get_by_text("You need the role “admin” to see this page.")).to_be_visible()
    expect(page.get_by_text("alice")).to_have_count(0)
    page.get_by_role("link", name="Go to the home page").click()
    expect(page.get_by_role("article", name="Your pass")).to_contain_text("bob")


def test_sign_up_is_closed_unless_it_is_opened(visit: Visit, closed: Server) -> None:
    page = visit(url=closed.url)
    for path in ("/", "/login"):
        page.goto(path)
        expect(page.get_by_role("link", name="Sign up")).to_have_count(0)
    assert status(page.goto("/signup")) == 403
    expect_heading(page, "Sign-up is closed")


def test_a_token_of_one_server_is_refused_by_another(visit: Visit, closed: Server, alice: str) -> None:
    page = visit(alice, url=closed.url)
    assert status(page.goto("/members")) == 401
    expect(page.get_by_text("This token was changed, or was not issued by this site.")).to_be_visible()
