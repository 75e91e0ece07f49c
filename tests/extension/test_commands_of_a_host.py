"""`flask daypass ...` in an app."""

from flask import Flask

from tests.conftest import PASSWORD
from tests.extension.conftest import HostMaker, browser
from tests.extension.test_pages_of_a_host import sign_in


def test_all_commands_are_in_one_group(host: Flask) -> None:
    run = host.test_cli_runner().invoke
    assert "Usage: flask daypass" in run(args=["daypass", "--help"]).output.replace("shop", "flask", 1)
    assert {"user", "sessions", "keys", "doctor", "setup-link"} <= host.cli.commands["daypass"].commands.keys()  # type: ignore[attr-defined]
    assert "user" not in host.cli.commands


def test_an_account_added_by_a_command_can_sign_in(host: Flask) -> None:
    run = host.test_cli_runner().invoke
    added = run(args=["daypass", "user", "add", "carol", "--password-stdin"], input=PASSWORD)
    assert added.output == "Added carol.\n"
    client = browser(host)
    sign_in(client, "carol")
    assert client.get("/orders").text == "Orders of carol"


def test_a_link_of_a_command_leads_to_a_page_under_the_prefix(host: Flask) -> None:
    printed = host.test_cli_runner().invoke(args=["daypass", "user", "invite", "dave"]).output
    assert printed.startswith("https://shop.example.org/auth/join?code=")
    assert "dave" in browser(host).get(printed.strip().removeprefix("https://shop.example.org")).text


def test_the_doctor_says_nothing_about_the_port_of_an_app(make_host: HostMaker) -> None:
    host = make_host(DAYPASS_BASE_URL="http://127.0.0.1:5000")
    assert host.test_cli_runner().invoke(args=["daypass", "doctor"]).output == "No problems found.\n"
