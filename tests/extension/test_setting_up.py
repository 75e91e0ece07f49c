"""`init_app`: what it takes, and what it refuses in one sentence."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass import Daypass, current_pass, token_required
from daypass.settings.errors import SettingsError
from tests.conftest import SECRET_KEY, close_app
from tests.extension.conftest import HostMaker


def settings_error(app: Flask) -> str:
    with pytest.raises(SettingsError) as raised:
        Daypass().init_app(app)
    assert "daypass" not in app.extensions
    message = str(raised.value)
    assert message.endswith(".")
    assert ". " not in message
    return message


def test_a_missing_address_is_asked_for(bare_host: Flask) -> None:
    del bare_host.config["DAYPASS_BASE_URL"]
    assert "DAYPASS_BASE_URL is required" in settings_error(bare_host)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAYPASS_BASE_URL", "shop.example.org"),
        ("DAYPASS_TOKEN_LIFETIME", "soon"),
        ("DAYPASS_TOKEN_LIFETIME", 1.5),
        ("DAYPASS_SIGNUP", "maybe"),
        ("DAYPASS_SIGNUP", {"open": True}),
        ("DAYPASS_HSTS_SUBDOMAINS", "yes"),
        ("DAYPASS_SECRET_KEY", "short"),
        ("DAYPASS_COLOUR", "green"),
        ("DAYPASS_SITE", "/srv"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(bare_host: Flask, name: str, value: object) -> None:
    bare_host.config[name] = value
    assert name in settings_error(bare_host)


def test_values_may_be_of_python_types(make_host: HostMaker) -> None:
    settings = (
        make_host(
            DAYPASS_TOKEN_LIFETIME=timedelta(hours=2),
            DAYPASS_HSTS_SUBDOMAINS=True,
            DAYPASS_TRUSTED_PROXIES=["127.0.0.1", "10.1.0.0/24"],
            DAYPASS_AUDIT_DAYS=7,
            DAYPASS_RULES=None,
        )
        .extensions["daypass"]
        .settings
    )
    assert (settings.token_lifetime, settings.hsts_subdomains, settings.audit_days) == (7200, True, 7)
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "10.1.0.0/24"]
    assert settings.rules is None


def test_the_environment_outdoes_the_config(make_host: HostMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYPASS_BASE_URL", "http://127.0.0.1:5000")
    assert make_host().extensions["daypass"].settings.base_url == "http://127.0.0.1:5000"


def test_the_database_is_in_the_instance_folder_of_the_app(make_host: HostMaker, tmp_path: Path) -> None:
    make_host()
    assert (tmp_path / "instance" / "daypass.sqlite3").exists()


def test_another_folder_may_be_named(make_host: HostMaker, tmp_path: Path) -> None:
    make_host(DAYPASS_INSTANCE=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "daypass.sqlite3").exists()
    assert not (tmp_path / "instance").exists()


def test_a_second_init_app_is_refused(host: Flask) -> None:
    with pytest.raises(RuntimeError, match="This app has Daypass already"):
        Daypass().init_app(host)


@pytest.mark.parametrize("prefix", ["", "/", "auth", "/auth/", "/<name>"])
def test_a_prefix_that_is_no_path_is_refused(bare_host: Flask, prefix: str) -> None:
    with pytest.raises(ValueError, match="url_prefix must be a path such as /auth"):
        Daypass().init_app(bare_host, url_prefix=prefix)


@pytest.mark.parametrize("path", ["/auth", "/auth/", "/auth/login", "/auth/<name>"])
def test_a_prefix_that_is_taken_is_refused(bare_host: Flask, path: str) -> None:
    bare_host.add_url_rule(path, "mine", lambda: "")
    with pytest.raises(ValueError, match="url_prefix /auth is taken"):
        Daypass().init_app(bare_host)


def test_a_path_that_begins_with_the_same_letters_is_another(bare_host: Flask) -> None:
    bare_host.add_url_rule("/authors", "authors", lambda: "")
    Daypass().init_app(bare_host)
    assert "daypass" in bare_host.blueprints
    close_app(bare_host)


def test_one_object_serves_several_apps(tmp_path: Path) -> None:
    daypass, apps = Daypass(), [Flask(name, instance_path=str(tmp_path / name)) for name in ("a", "b")]
    for app in apps:
        app.config.update(DAYPASS_BASE_URL=f"https://{app.name}.example.org", DAYPASS_SECRET_KEY=SECRET_KEY)
        daypass.init_app(app)
    assert [app.extensions["daypass"].settings.authority for app in apps] == ["a.example.org", "b.example.org"]
    assert not set(vars(daypass).values()) & set(apps)
    for app in apps:
        close_app(app)


def test_the_gate_and_the_pass_say_that_daypass_is_missing() -> None:
    app = Flask("without")
    app.testing = True

    @app.get("/gated")
    @token_required
    def gated() -> str:
        return ""

    @app.get("/open")
    def open_page() -> str:
        return str(bool(current_pass))

    for path in ("/gated", "/open"):
        with pytest.raises(RuntimeError, match="This app has no Daypass: call"):
            app.test_client().get(path)


def test_a_role_without_its_name_is_explained() -> None:
    with pytest.raises(TypeError, match="Write @token_required\\(role='staff'\\)"):
        token_required("staff")  # type: ignore[call-overload]
