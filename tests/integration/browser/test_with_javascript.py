"""What scripts add: showing the password, local times, and a countdown."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD
from tests.helpers.server import Server
from tests.integration.browser.conftest import Visit

TOKYO = "Asia/Tokyo"


@pytest.mark.parametrize("path", ["/login", "/signup", "/members"])
def test_a_password_can_be_shown(page: Page, path: str) -> None:
    page.goto(path)
    password, show = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show password")
    password.fill("quiet river")
    for kind, pressed in (("password", "false"), ("text", "true"), ("password", "false")):
        expect(password).to_have_attribute("type", kind)
        expect(show).to_have_attribute("aria-pressed", pressed)
        expect(password).to_have_value("quiet river")
        show.click()


def test_a_password_is_hidden_again_before_it_is_sent(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Name", exact=True).fill("bob")
    password = page.get_by_label("Password", exact=True)
    password.fill("not it")
    page.get_by_role("button", name="Show password").click()
    page.route("**/login", lambda route: route.abort("aborted"), times=1)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(password).to_have_attribute("type", "password")


def moment_of(time: Locator) -> datetime:
    return datetime.fromisoformat(time.get_attribute("datetime") or "")


def test_times_are_in_the_visitors_time_zone_and_keep_the_exact_utc(visit: Visit, bob: str) -> None:
    page = visit(bob, timezone_id=TOKYO)
    page.goto("/account")
    page.get_by_text("See the token itself").click()
    expect(page.get_by_text(f"Times are shown in your time zone, {TOKYO}.")).to_be_visible()
    issued, claimed = page.get_by_role("time").first, page.get_by_role("time").last
    here = moment_of(issued).astimezone(ZoneInfo(TOKYO))
    expect(issued).to_have_text(f"{here:%H:%M} {here:%a} {here.day} {here:%b}")
    expect(issued).to_have_attribute("title", f"{moment_of(issued):%Y-%m-%d %H:%M:%S UTC}")
    here = moment_of(claimed).astimezone(ZoneInfo(TOKYO))
    expect(claimed).to_have_text(f"{here:%a} {here.day} {here:%b} {here.year}, {here:%H:%M:%S}")


@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Kiritimati", "UTC"])
def test_the_invalid_token_page_shows_the_visitors_local_time(visit: Visit, zone: str) -> None:
    page = visit("torn.up.token", timezone_id=zone)
    page.goto("/members")
    time = page.get_by_role("time")
    expect(time).to_have_text(f"Today, {moment_of(time).astimezone(ZoneInfo(zone)):%H:%M}")


@pytest.fixture
def own_pass(visit: Visit, server: Server) -> Locator:
    """Charlie's pass on /account, a few seconds old, in a browser whose clock is a year behind."""
    page = visit(server.sign_in("charlie", PASSWORD))
    page.clock.install(time=datetime(2025, 1, 1, 12))
    page.goto("/account")
    page.clock.pause_at(datetime(2025, 1, 1, 12, 1))
    return page.get_by_role("article", name="Your pass")


def test_the_pass_counts_down_by_the_servers_clock(own_pass: Locator) -> None:
    bar = own_pass.get_by_role("progressbar")
    expect(own_pass).to_contain_text("Active 23 h 5")
    expect(own_pass).not_to_contain_text("22 h")
    left = bar.evaluate("bar => bar.value")
    own_pass.page.clock.fast_forward("01:00:00")
    expect(own_pass).to_contain_text("Active 22 h 5")
    assert left - bar.evaluate("bar => bar.value") == pytest.approx(3600, abs=60)


def test_the_pass_warns_in_its_last_hour_and_ends(own_pass: Locator) -> None:
    state, clock = own_pass.get_by_role("status"), own_pass.page.clock
    expect(state).to_have_text("Active")
    clock.fast_forward("23:15:00")
    expect(state).to_have_text("Expires soon")
    expect(own_pass).to_contain_text(" min left")
    clock.fast_forward("45:00")
    expect(state).to_have_text("Expired")
    expect(own_pass).to_contain_text("No time left")
    expect(own_pass).to_have_class("pass pass--own pass--ended")
