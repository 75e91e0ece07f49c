"""Settings: valid and invalid values, and the generated secret key."""

import secrets
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool

from daypass.keys.algorithms import Algorithm
from daypass.runtime import build_runtime
from daypass.settings import environment, secret_key_file
from daypass.settings.definitions import Settings, variables
from daypass.settings.environment import read_settings
from daypass.settings.errors import SettingsError
from daypass.settings.sign_up import SignUp
from daypass.throttling.rate import Rate
from tests.conftest import SECRET_KEY

POSTGRESQL = "postgresql+psycopg://daypass@db.example.org/daypass"
COMMANDS = 5  # connections that are left for commands such as `daypass user`

NOT_WHOLE = ["", " ", "0", "-1", "+1", "1.0", "1e3", " 8", "8 ", "eight", "0x10", "1_000", "٨", "9" * 5000]

NOT_RATES = [
    "",
    "10",
    "10/",
    "/15m",
    "0/15m",
    "10/0m",
    "10/15",
    "10/15w",
    "10/2d",
    "10/25h",
    "-1/1h",
    "1.5/1h",
    "on",
    "10 / 15m",
]

NOT_FILES = ["", " ", "/no/such/file", "/", "/dev/zero", "/srv\0", "x" * 5000, "\udcff"]

# Invalid values of each variable. Bytes that are not UTF-8 arrive from the environment as lone surrogates.
MALFORMED = {
    "DAYPASS_LAYOUT": ["", " ", "base.html"],
    "DAYPASS_INSTANCE": ["", " ", "/etc/passwd", "a\0b"],
    "DAYPASS_BREACHED_PASSWORDS": [
        "",
        " ",
        "/no/such/file",
        "/",
        "https://api.example.org/range",
        "https://api.example.org/range/?x=1",
        "https://api.example.org/range/#x",
        "https:///range/",
        "https://user@api.example.org/range/",
        "http://api.example.org/range/",
        "https://api.example.org/ra\nge/",
    ],
    "DAYPASS_LIMIT_ADDRESS": NOT_RATES,
    "DAYPASS_LIMIT_ACCOUNT": NOT_RATES,
    "DAYPASS_LIMIT_DEVICE": NOT_RATES,
    "DAYPASS_LIMIT_SIGNUP": NOT_RATES,
    "DAYPASS_LIMIT_LAB": NOT_RATES,
    "DAYPASS_LIMIT_MAIL": NOT_RATES,
    "DAYPASS_MAIL_URL": [
        "",
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://:587",
        "smtp://mail.example.org:0x19",
        "smtp://mail.example.org:65536",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org#top",
        "smtp://mail.example.org?starttls=maybe",
        "smtp://mail.example.org?starttls=require&starttls=never",
        "smtp://mail.example.org?tls=never",
        "smtps://mail.example.org?starttls=never",
        "smtp://user@mail.example.org",
        "smtp://:password@mail.example.org",
        "smtp://user:password@mail.example.org?starttls=never",  # it would cross the network
    ],
    "DAYPASS_MAIL_FROM": [
        "",
        "login",
        "login@",
        "Daypass",
        "login@example.org\r\nBcc: eve@example.org",
        "Day\npass <login@example.org>",
        "\udcff@example.org",
    ],
    "DAYPASS_WEBHOOK_URL": [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org",
        "http://hooks.example.org",
        "http://localhost.example.org",
        "https://",
        "https://user:password@hooks.example.org",
        "https://hooks.example.org/#top",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX: y",
        "https://hooks.example.org:99999",
    ],
    "DAYPASS_WEBHOOK_SECRET": ["", "short", "x" * 32],
    "DAYPASS_HSTS_SUBDOMAINS": ["", "yes", "ON", "1"],
    "DAYPASS_HOST": ["", "   "],
    "DAYPASS_PORT": [*NOT_WHOLE, "65536", "000000000001999999"],
    "DAYPASS_WORKERS": [*NOT_WHOLE, "513"],
    "DAYPASS_THREADS": [*NOT_WHOLE, "513"],
    "DAYPASS_DATABASE_CONNECTIONS": [*NOT_WHOLE, "4", "10001"],
    "DAYPASS_BASE_URL": [
        "",
        "login.example.org",
        "//login.example.org",
        "ftp://login.example.org",
        "javascript:alert(1)",
        "https://",
        "https://:443",
        "https:///login.example.org",
        "https://login.example.org/path",
        "https://login.example.org//",
        "https://login.example.org?a=b",
        "https://login.example.org/#top",
        "https://user@login.example.org",
        "https://user:password@login.example.org",
        "https://@login.example.org",
        "https://login.example.org:port",
        "https://login.example.org:65536",
        "https://login.example.org:-1",
        "https://[::1",
        "https://login example.org",
        "https://2130706433",  # what browsers take for 127.0.0.1
        "https://0x7f.1",
        f"https://{'x' * 64}.example",
        "https://.example.org",  # Werkzeug would trust every name that ends so
        "https://*.example.org",
        "https://\udcff.example.org",
    ],
    "DAYPASS_DATABASE_URL": [
        "",
        "daypass.sqlite3",
        "sqlite",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite://daypass.sqlite3",
        "sqlite://data/daypass.sqlite3",  # a host, which SQLite has not
        "sqlite:////srv/daypass.sqlite3?uri=true",  # would be taken for another file, below `file:`
        "postgresql://localhost/daypass",
        "mysql://localhost:port/daypass",
    ],
    "DAYPASS_SECRET_KEY": [
        "",
        "secret",
        SECRET_KEY[:31],
        "a" * 64,
        "abc" * 20,
        "123456789" * 8,
        "\udcff\udcfe\udcfd" + SECRET_KEY,
    ],
    "DAYPASS_SECRET_KEY_FALLBACKS": ["", ",", "secret", f"{SECRET_KEY},", f"{SECRET_KEY},secret"],
    "DAYPASS_KEY_ROTATION_DAYS": [*(value for value in NOT_WHOLE if value != "0"), "3651"],
    "DAYPASS_AUDIT_DAYS": [*(value for value in NOT_WHOLE if value != "0"), "3651"],
    "DAYPASS_ALGORITHM": ["", "none", "hs256", "HS256 ", "RS512", "ES384", "HS256,RS256"],
    "DAYPASS_TOKEN_LIFETIME": [*NOT_WHOLE, str(365 * 86_400 + 1), "1 day"],
    "DAYPASS_IDLE_LIFETIME": [*NOT_WHOLE, str(365 * 86_400 + 1)],
    "DAYPASS_ABSOLUTE_LIFETIME": [*NOT_WHOLE, str(365 * 86_400 + 1), "3600"],
    "DAYPASS_REVOCATION_GRACE": ["", "-1", "1.5", "3601", "thirty"],
    "DAYPASS_LAB": ["", "true", "1", "Open", "open "],
    "DAYPASS_SIGNUP": ["", "true", "1", "Open", "open ", "open,invite"],
    "DAYPASS_RULES": ["", " ", "rules\0.toml"],
    "DAYPASS_SITE": ["", " ", "/no/such/folder", "no/such/folder", __file__, "/srv\0", "\udcff", "/dev/null"],
    "DAYPASS_TRUSTED_PROXIES": [
        "",
        ",",
        "127.0.0.1,",
        "localhost",
        "proxy.example.org",
        "10.0.0.0/33",
        "10.0.0.1/24",  # an address within a network: which of the two is meant?
        "10.0.0",
        "010.0.0.1",
        "2130706433",
        "127.0.0.1:80",
        "[::1]",
        "fe80::1%eth0",
        "0.0.0.0/0",
        "::/0",
        "::ffff:0.0.0.0/96",  # all of IPv4, as sockets for both families tell it
        "*",
        "\udcff",
    ],
    "DAYPASS_PROXY_SECRET": ["", "secret", SECRET_KEY[:31], "a" * 64, "abc" * 20, "\udcff\udcfe\udcfd" + SECRET_KEY],
    "DAYPASS_METRICS_TOKEN": ["", "secret", SECRET_KEY[:31], "a" * 64, "abc" * 20, SECRET_KEY + "\u00e9"],
    "DAYPASS_COOKIE_DOMAIN": [
        "",
        " example.org",
        ".example.org",
        "example.org.",
        "*.example.org",
        "localhost",
        "intranet",
        "org",
        "co.uk",
        "github.io",
        "kawasaki.jp",
        "s3.amazonaws.com",
        "127.0.0.1",
        "[::1]",
        "::1",
        "2130706433",
        "https://example.org",
        "example.org:443",
        "example.org/",
        "example.org; Secure",
        "b\u00fccher.example",
        "ex\u212aample.org",
        "\udcff.example.org",
        "example.org",  # does not cover 127.0.0.1
    ],
    "DAYPASS_SECURITY_CONTACT": [
        "",
        "security@example.org",
        "mailto:",
        "mailto:security",
        "mailto:a@b@example.org",
        "http://example.org/report",
        "https://",
        "https://user@example.org",
        "https://example.org/a b",
        "https://example.org/\r\nExpires: never",
        "mailto:security@example.org\n",
        "tel:+1-201-555-0123",
        "javascript:alert(1)",
        "https://example.org/\u00fc",
        "https://\u017fecurity.example.org",
        "\udcff",
    ],
    "DAYPASS_TITLE": ["", " ", "x" * 41, "two\nlines", "a\u202eb", "\udcff"],
    "DAYPASS_LOGO": NOT_FILES,
    "DAYPASS_ACCENT": [
        "",
        "green",
        "0b5a41",
        "#0b5a4",
        "#0b5a41ff",
        "#ggg",
        "#\u0660\u0660\u0660",
        "#0b5a41\n",
        " #000",
        "#ffee00",
    ],
    "DAYPASS_HELP": ["", " ", "x" * 301, "two\nlines", "\udcff"],
    "DAYPASS_CSS": NOT_FILES,
    "DAYPASS_SITE_CSP": ["", " ", "default-src 'self'\r\nX: y", "default-src 'self'\n", "é", "\udcff", "a\tb"],
}


def given(**values: str) -> Settings:
    return read_settings({"DAYPASS_SECRET_KEY": SECRET_KEY} | {f"DAYPASS_{k.upper()}": v for k, v in values.items()})


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(environ)
    return str(refused.value)


def is_one_sentence(text: str) -> bool:
    return text.endswith(".") and ". " not in text and text.isprintable()


def test_the_defaults_serve_one_machine_on_loopback() -> None:
    settings = given()
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_url.render_as_string() == f"sqlite:///{Path.cwd()}/instance/daypass.sqlite3"
    assert settings.algorithm is Algorithm.HS256
    assert settings.token_lifetime == 86_400
    assert settings.signup is SignUp.CLOSED
    assert settings.workers >= 1
    assert settings.threads == 8
    assert (settings.https, settings.cookie_name, settings.authority) == (False, "daypass", "127.0.0.1:8000")


def test_every_variable_is_read() -> None:
    settings = given(
        host="0.0.0.0",  # noqa: S104
        port="8443",
        workers="3",
        threads="4",
        base_url="https://login.example.org",
        database_url="sqlite:////srv/daypass.sqlite3",
        algorithm="EdDSA",
        token_lifetime="3600",
        signup="open",
    )
    assert (settings.host, settings.port) == ("0.0.0.0", 8443)  # noqa: S104
    assert (settings.workers, settings.threads) == (3, 4)
    assert settings.base_url == "https://login.example.org"
    assert settings.database_url.database == "/srv/daypass.sqlite3"
    assert settings.algorithm is Algorithm.EDDSA
    assert (settings.token_lifetime, settings.signup) == (3600, SignUp.OPEN)
    assert settings.secret_key == SECRET_KEY


@pytest.mark.parametrize(
    "value",
    [
        "mailto:security@example.org",
        "mailto:Security+daypass@Example.ORG",
        "https://example.org",
        "https://Example.org:8443/report?x=1#form",
    ],
)
def test_a_contact_is_a_mail_address_or_a_page(value: str) -> None:
    assert given(security_contact=value).security_contact == value


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("10/15m", Rate(10, timedelta(minutes=15))),
        ("1/1s", Rate(1, timedelta(seconds=1))),
        ("100/1d", Rate(100, timedelta(days=1))),
        ("off", None),
    ],
)
def test_a_limit_is_a_number_of_attempts_in_a_period_or_off(value: str, rate: Rate | None) -> None:
    assert given(limit_address=value).limit_address == rate


def test_the_rest_of_the_environment_is_left_alone() -> None:
    environ = {
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "PORT": "x",
        "SECRET_KEY": "x",
        "daypass_port": "x",
        "MY_DAYPASS_": "x",
    }
    assert read_settings(environ) == given()


@pytest.mark.parametrize(
    "settings",
    [
        {"mail_url": "smtp://127.0.0.1"},
        {"mail_from": "login@example.org"},
        {"webhook_url": "https://hooks.example.org/"},
        {"webhook_secret": SECRET_KEY},
    ],
    ids=str,
)
def test_settings_that_need_each_other_are_set_together(settings: dict[str, str]) -> None:
    (name,) = settings
    with pytest.raises(SettingsError, match=f"DAYPASS_{name.upper()}"):
        given(**settings)


@pytest.mark.parametrize("cores", [1, 2, 4, 8, 16, 64, 512])
def test_by_default_three_nodes_fit_postgresqls_default_of_100_connections(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three are reserved for superusers; each worker has a connection outside of its pool, which listens."""
    monkeypatch.setattr(environment, "CPU_COUNT", cores)
    settings = given(database_url=POSTGRESQL)
    runtime = build_runtime(settings)
    pool = runtime.engine.pool
    assert isinstance(pool, QueuePool)
    assert 1 <= settings.workers <= cores
    assert pool.size() >= 4
    assert 3 * settings.workers * (pool.size() + pool._max_overflow + 1) <= 100 - 3 - COMMANDS


@pytest.mark.parametrize(("workers", "connections"), [("7", "34"), ("7", "30"), ("100", "499"), ("2", "9")])
def test_workers_without_enough_connections_are_refused(workers: str, connections: str) -> None:
    enough = str(5 * int(workers))
    with pytest.raises(SettingsError, match=f"DAYPASS_DATABASE_CONNECTIONS of at least {enough}"):
        given(database_url=POSTGRESQL, workers=workers, database_connections=connections)
    assert given(database_url=POSTGRESQL, workers=workers, database_connections=enough).workers == int(workers)
    assert given(workers=workers, database_connections=connections).workers == int(workers), "SQLite has no limit"


def test_the_secrets_of_outgoing_messages_are_in_no_text_of_the_settings() -> None:
    url = "smtp://user:hazel-lantern@mail.example.org"
    hook = {"webhook_url": "https://hooks.example.org/private", "webhook_secret": SECRET_KEY[::-1]}
    text = repr(given(mail_url=url, mail_from="Daypass <login@example.org>", **hook))
    assert not [secret for secret in ("hazel-lantern", "private", SECRET_KEY[::-1]) if secret in text]


def test_the_table_of_malformed_values_names_every_variable() -> None:
    assert set(MALFORMED) == set(variables())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param(variable, value, id=f"{variable}-{ascii(value)[:48]}")
        for variable, values in MALFORMED.items()
        for value in values
    ],
)
def test_a_malformed_value_is_refused_in_one_sentence_that_names_the_variable(variable: str, value: str) -> None:
    message = refusal({"DAYPASS_SECRET_KEY": SECRET_KEY} | {variable: value})
    assert variable in message
    assert is_one_sentence(message)


@pytest.mark.parametrize("value", MALFORMED["DAYPASS_SECRET_KEY"][1:-1])
def test_a_refused_secret_is_not_told(value: str) -> None:
    assert value not in refusal({"DAYPASS_SECRET_KEY": value}).replace("SECRET", "")


@pytest.mark.parametrize("name", ["DAYPASS_X", "DAYPASS_", "DAYPASS_PORTS", "DAYPASS_port"])
def test_an_unknown_variable_of_ours_is_refused_by_name(name: str) -> None:
    assert name in refusal({"DAYPASS_SECRET_KEY": SECRET_KEY, name: "1"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "login.example.org", "localhost.example.org"])  # noqa: S104
def test_a_host_beyond_loopback_needs_a_base_url(host: str) -> None:
    assert "DAYPASS_BASE_URL" in refusal({"DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_HOST": host})
    assert given(host=host, base_url="https://login.example.org").host == host


@pytest.mark.parametrize(
    ("host", "base_url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("127.0.0.2", "http://127.0.0.2:9000"),
        ("localhost", "http://localhost:9000"),
        ("::1", "http://[::1]:9000"),
        (" ::1 ", "http://[::1]:9000"),
    ],
)
def test_on_loopback_the_base_url_follows_from_host_and_port(host: str, base_url: str) -> None:
    assert given(host=host, port="9000").base_url == base_url


@pytest.mark.parametrize(
    ("typed", "base_url"),
    [
        ("https://login.example.org/", "https://login.example.org"),
        ("https://login.example.org:443", "https://login.example.org"),
        ("https://login.example.org:", "https://login.example.org"),
        ("HTTPS://Login.Example.ORG:443/", "https://login.example.org"),
        ("http://login.example.org:80/", "http://login.example.org"),
        ("http://login.example.org:443", "http://login.example.org:443"),
        ("https://login.example.org:80", "https://login.example.org:80"),
        ("https://login.example.org:08443", "https://login.example.org:8443"),
        ("https://[::1]:443/", "https://[::1]"),
        ("http://[2001:DB8::1]:8000", "http://[2001:db8::1]:8000"),
    ],
)
def test_a_base_url_has_one_spelling(typed: str, base_url: str) -> None:
    assert given(base_url=typed).base_url == base_url


@pytest.mark.parametrize(
    ("base_url", "cookie"),
    [("https://login.example.org", "__Host-daypass"), ("http://login.example.org", "daypass")],
)
def test_the_cookie_is_bound_to_the_host_under_https(base_url: str, cookie: str) -> None:
    settings = given(base_url=base_url)
    assert settings.cookie_name == cookie
    assert settings.https == base_url.startswith("https:")


@pytest.mark.parametrize(
    ("base_url", "domain", "cookie"),
    [
        ("https://login.example.org", "example.org", "__Secure-daypass"),
        ("https://login.example.org", "Login.Example.ORG", "__Secure-daypass"),
        ("https://login.team.example.org", "example.org", "__Secure-daypass"),
        ("https://example.co.uk", "example.co.uk", "__Secure-daypass"),
        ("http://login.daypass.localhost:8080", "daypass.localhost", "daypass"),
        ("http://login.nas.local", "nas.local", "daypass"),
    ],
)
def test_a_cookie_that_hosts_share_is_named_for_it(base_url: str, domain: str, cookie: str) -> None:
    settings = given(base_url=base_url, cookie_domain=domain)
    assert (settings.cookie_name, settings.cookie_domain) == (cookie, domain.lower())


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://login.example.org", "example.com"),
        ("https://login.example.org", "app.example.org"),
        ("https://login.example.org", "ogin.example.org"),
        ("https://loginexample.org", "example.org"),
        ("https://example.org", "login.example.org"),
    ],
)
def test_a_cookie_domain_that_does_not_cover_our_own_host_is_refused(base_url: str, domain: str) -> None:
    environ = {"DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_BASE_URL": base_url, "DAYPASS_COOKIE_DOMAIN": domain}
    message = refusal(environ)
    assert "DAYPASS_COOKIE_DOMAIN" in message
    assert is_one_sentence(message)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://alice.github.io",
        "https://example.co.uk",
        "https://login.kawasaki.jp",
        "http://login.localhost",
        "https://login.intranet",
        "https://login.org",
    ],
)
def test_a_cookie_domain_under_which_strangers_have_hosts_is_refused(base_url: str) -> None:
    domain = base_url.partition(".")[2]
    message = refusal({"DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_BASE_URL": base_url, "DAYPASS_COOKIE_DOMAIN": domain})
    assert "sent to other sites" in message
    assert is_one_sentence(message)


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "[::1]", "localhost"])
def test_an_address_or_a_single_name_is_no_cookie_domain(host: str) -> None:
    environ = {"DAYPASS_SECRET_KEY": SECRET_KEY, "DAYPASS_BASE_URL": f"http://{host}", "DAYPASS_COOKIE_DOMAIN": host}
    assert "DAYPASS_COOKIE_DOMAIN cannot be used" in refusal(environ)


def test_trusted_proxies_are_addresses_and_networks() -> None:
    found = given(trusted_proxies="127.0.0.1, ::1,10.1.0.0/24,2001:db8::/32").trusted_proxies
    assert [str(network) for network in found] == ["127.0.0.1/32", "::1/128", "10.1.0.0/24", "2001:db8::/32"]
    assert given().trusted_proxies == ()


@pytest.mark.parametrize(
    ("base_url", "hosts", "origins"),
    [
        ("https://login.example.org", {"login.example.org"}, {"https://login.example.org"}),
        ("https://login.example.org:8443", {"login.example.org"}, {"https://login.example.org:8443"}),
        ("http://[2001:db8::1]:80", {"[2001:db8::1]"}, {"http://[2001:db8::1]"}),
        (
            "http://localhost:8000",
            {"localhost", "127.0.0.1", "[::1]"},
            {"http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"},
        ),
        (
            "http://[::1]",
            {"localhost", "127.0.0.1", "[::1]"},
            {"http://localhost", "http://127.0.0.1", "http://[::1]"},
        ),
    ],
)
def test_hosts_and_origins_are_those_of_the_base_url(base_url: str, hosts: set[str], origins: set[str]) -> None:
    settings = given(base_url=base_url)
    assert set(settings.trusted_hosts) == hosts
    assert settings.origins == origins


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///mine.sqlite3", Path.cwd() / "instance" / "mine.sqlite3"),
        ("sqlite:///deep/mine.sqlite3", Path.cwd() / "instance" / "deep" / "mine.sqlite3"),
        ("sqlite:////srv/mine.sqlite3", Path("/srv/mine.sqlite3")),
    ],
)
def test_a_relative_database_stands_in_the_instance_folder(url: str, path: Path) -> None:
    assert given(database_url=url).database_url.database == str(path)


def test_a_site_is_a_folder_counted_from_where_the_start_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "build-1").mkdir()
    (tmp_path / "public").symlink_to("build-1")
    monkeypatch.chdir(tmp_path)
    settings = given(site="./public")
    assert settings.site == tmp_path / "public"  # the link, so that it may lead to another build tomorrow
    assert (settings.prefix, given().prefix, given().site) == ("/-", "", None)


def test_a_policy_for_the_site_is_kept_as_it_is() -> None:
    assert given(site_csp=" default-src 'self'; img-src * ").site_csp == "default-src 'self'; img-src *"


@pytest.mark.parametrize("site", [".", "deep", "link"])
def test_a_site_that_has_the_database_in_it_is_refused(tmp_path: Path, site: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to("deep")
    environ = {"DAYPASS_DATABASE_URL": f"sqlite:///{tmp_path}/deep/daypass.sqlite3", "DAYPASS_SECRET_KEY": SECRET_KEY}
    message = refusal(environ | {"DAYPASS_SITE": str(tmp_path / site)})
    assert "DAYPASS_SITE" in message
    assert is_one_sentence(message)
    (tmp_path / "beside").mkdir()
    assert read_settings(environ | {"DAYPASS_SITE": str(tmp_path / "beside")}).site == tmp_path / "beside"


def test_the_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        given().port = 9000  # type: ignore[misc]


def test_the_secret_is_not_shown_with_the_settings() -> None:
    settings = given(proxy_secret=SECRET_KEY[::-1])
    for secret in (SECRET_KEY, SECRET_KEY[::-1]):
        assert secret not in repr(settings)
        assert secret not in f"{settings}"


def without_secret(folder: Path) -> dict[str, str]:
    return {"DAYPASS_DATABASE_URL": f"sqlite:///{folder}/daypass.sqlite3"}


def test_a_secret_is_made_that_only_its_owner_can_read_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    secret = read_settings(without_secret(folder)).secret_key
    file = folder / "secret_key"
    assert len(secret) == 64
    assert file.read_text() == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_settings(without_secret(folder)).secret_key == secret


def test_every_database_gets_a_secret_of_its_own(tmp_path: Path) -> None:
    made = {read_settings(without_secret(tmp_path / name)).secret_key for name in "abc"}
    assert len(made) == 3


def test_the_rules_are_found_from_the_folder_that_daypass_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert given(rules="rules.toml").rules == tmp_path / "rules.toml"
    assert given().rules is None


def test_a_given_secret_writes_no_file(tmp_path: Path) -> None:
    read_settings(without_secret(tmp_path) | {"DAYPASS_SECRET_KEY": SECRET_KEY})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
def test_a_secret_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    read_settings(without_secret(tmp_path))
    file = tmp_path / "secret_key"
    file.chmod(mode)
    message = refusal(without_secret(tmp_path))
    assert "DAYPASS_SECRET_KEY" in message
    assert str(file) in message
    assert file.read_text() not in message


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"a" * 64, b"\xff" * 64])
def test_a_kept_secret_is_held_to_the_same_rules(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret_key"
    file.write_bytes(content)
    file.chmod(0o600)
    assert "DAYPASS_SECRET_KEY" in refusal(without_secret(tmp_path))
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = refusal(without_secret(tmp_path / "file" / "folder"))
    assert "DAYPASS_SECRET_KEY" in message
    assert is_one_sentence(message)


@pytest.mark.parametrize("url", ["sqlite:////", "sqlite:////."])
def test_a_database_that_has_no_place_beside_it_is_refused(url: str) -> None:
    assert "DAYPASS_" in refusal({"DAYPASS_DATABASE_URL": url})


def test_starting_all_at_once_agrees_on_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread generates its secret only after all have found none."""
    all_found_none = threading.Barrier(8, timeout=10)

    class SynchronizedSecrets:
        @staticmethod
        def token_hex(size: int) -> str:
            if size == 32:
                all_found_none.wait()
            return secrets.token_hex(size)

    monkeypatch.setattr(secret_key_file, "secrets", SynchronizedSecrets)
    with ThreadPoolExecutor(8) as pool:
        found = {settings.secret_key for settings in pool.map(read_settings, [without_secret(tmp_path)] * 8)}
    assert found == {(tmp_path / "secret_key").read_text()}
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]
