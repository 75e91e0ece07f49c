"""An app with other extensions: with Daypass in it, its responses are byte for byte what they are without."""

import re
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cachelib import FileSystemCache
from flask import Flask, Response, abort, flash, render_template_string, request, session
from flask.testing import FlaskClient
from flask_admin import Admin, BaseView, expose
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_migrate import Migrate
from flask_session import Session
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import StringField

from daypass import Daypass, token_required
from tests.conftest import PASSWORD, SECRET_KEY, close_app, create_account
from tests.extension.conftest import BASE_URL, Browser, browser
from tests.extension.test_pages_of_a_host import sign_in

LARGE = {"title": "x" * 70_000}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
# method, path, and options of the client
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/", {}),
    ("GET", "/", {"base_url": "https://other.example"}),
    ("HEAD", "/", {}),
    ("OPTIONS", "/", {}),
    ("DELETE", "/", {}),
    ("GET", "/nothing", {}),
    ("GET", "/nothing", {"headers": {"Accept": "application/json"}}),
    ("GET", "/teapot", {}),
    ("GET", "/broken", {}),
    ("GET", "/mine", {}),
    ("GET", "/sign-in-of-the-app", {}),
    ("GET", "/notes", {}),
    ("GET", "/notes/7", {}),
    ("GET", "/sign-in-of-the-app/", {}),
    ("POST", "/notes", {"data": {"title": "no token of the form"}}),
    ("POST", "/echo", {"data": LARGE}),
    ("POST", "/echo", {"data": {"a": "b"}, "headers": ELSEWHERE}),
    ("GET", "/counter", {}),
    ("GET", "/counter", {"headers": {"Cookie": "a=1; b=2; " + "c" * 9000}}),
    ("GET", "/message", {}),
    ("GET", "/admin/", {}),
    ("GET", "/admin/reports/", {}),
    ("GET", "/static/style.css", {}),
    ("GET", "/static/none.css", {}),
    ("GET", "/blank", {}),
]


def create_host(folder: Path) -> Flask:
    """A shop with its own database, users, forms, administration and sessions on the server."""
    folder.mkdir()
    static = folder.parent / "static"  # the same for both apps, because headers name its time and path
    static.mkdir(exist_ok=True)
    if not (static / "style.css").exists():
        (static / "style.css").write_text("p { margin: 0 }")
    app = Flask("shop", root_path=str(folder), instance_path=str(folder), static_folder=str(static))
    app.config.update(
        SECRET_KEY="of the app",
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/shop.sqlite3",
        SESSION_TYPE="cachelib",
        SESSION_SERIALIZATION_FORMAT="json",
        SESSION_CACHELIB=FileSystemCache(str(folder / "sessions")),
        DAYPASS_BASE_URL=BASE_URL,
        DAYPASS_SECRET_KEY=SECRET_KEY,
    )
    add_extensions(app)
    add_pages(app)
    return app


def add_extensions(app: Flask) -> None:
    db = SQLAlchemy(app)

    class Note(db.Model):  # type: ignore[name-defined]
        __tablename__ = "accounts"  # as a table of Daypass is named
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String)

    Migrate(app, db)
    Session(app)
    CSRFProtect(app)
    users = LoginManager(app)
    users.user_loader(user)
    admin = Admin(app, name="Shop")
    admin.add_view(Reports(name="Reports", endpoint="reports"))
    app.extensions["note"] = Note
    with app.app_context():
        db.create_all()
        db.session.add(Note(id=7, title="A note"))
        db.session.commit()


def user(user_id: str) -> UserMixin:
    found = UserMixin()
    found.id = user_id
    return found


class Reports(BaseView):
    @expose("/")
    def index(self) -> str:
        return "Reports"


class NoteForm(FlaskForm):
    title = StringField()


def add_pages(app: Flask) -> None:
    note = app.extensions["note"]

    @app.get("/")
    def home() -> str:
        return "Home"

    @app.get("/teapot")
    def teapot() -> Response:
        abort(418)

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    @app.get("/sign-in-of-the-app")
    def sign_in_of_the_app() -> str:
        login_user(user("1"))
        return "Signed in to the app"

    @app.get("/mine")
    @login_required
    def mine() -> str:
        return "Mine"

    @app.route("/notes", methods=["GET", "POST"])
    def notes() -> str:
        form = NoteForm()
        return ", ".join(each.title for each in note.query) + ("" if form.validate_on_submit() else " invalid")

    @app.get("/notes/<int:number>")
    def one(number: int) -> str:
        title: str = note.query.get_or_404(number).title
        return title

    @app.post("/echo")
    def echo() -> str:
        return f"{len(request.get_data())} bytes"

    app.extensions["csrf"].exempt(echo)

    @app.get("/counter")
    def counter() -> str:
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])

    @app.get("/message")
    def message() -> str:
        flash("Saved")
        return render_template_string("{{ get_flashed_messages() }} {{ request.path }}")

    @app.get("/blank")
    def blank() -> str:
        return render_template_string("{% if true %}\n  text\n{% endif %}\n")

    @app.get("/token")
    def token() -> str:
        return str(generate_csrf())

    @app.errorhandler(404)
    def not_found(error: Exception) -> tuple[str, int]:
        return "Not in this shop", 404


@pytest.fixture
def without(tmp_path: Path) -> Flask:
    return create_host(tmp_path / "without")


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Flask]:
    app = create_host(tmp_path / "with")
    Daypass(app)

    @app.post("/rename")
    @token_required(fresh=0)
    def rename() -> str:
        return " ".join([request.form["title"], *request.form.getlist("tag")])

    yield app
    close_app(app)


def observed(client: FlaskClient, request: tuple[str, str, dict[str, Any]]) -> tuple[int, list[tuple[str, str]], bytes]:
    method, path, options = request
    response = client.open(path, method=method, **options)
    headers = [(name, "new" if name == "Set-Cookie" else value) for name, value in response.headers]
    content = response.get_data()
    response.close()
    return response.status_code, headers, content


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_a_response_of_the_app_is_the_same_as_without_daypass(without: Flask, together: Flask, number: int) -> None:
    """The values of new cookies are random."""
    expected, found = (observed(browser(app), REQUESTS[number]) for app in (without, together))
    assert found == expected


def test_a_visit_with_sessions_and_a_sign_in_of_the_app_is_the_same(without: Flask, together: Flask) -> None:
    visits: list[list[object]] = []
    for app in (without, together):
        client = browser(app)
        requests = [REQUESTS[index] for index in (10, 9, 17, 17, 19, 19)]
        visits.append([observed(client, request) for request in requests])
    assert visits[0] == visits[1]
    assert visits[0][1][2] == b"Mine"  # type: ignore[index]


@pytest.fixture
def client(together: Flask, password_hash: str) -> Browser:
    together.extensions["daypass"].start()
    create_account(together, password_hash, "alice", ["admin"])
    return browser(together)


@pytest.mark.parametrize("path", ["/auth/account", "/auth/admin", "/auth/lab", "/auth/account/sessions"])
def test_the_pages_of_daypass_work_in_such_an_app(client: Browser, path: str) -> None:
    """Forms of Daypass need no token of Flask-WTF's."""
    assert sign_in(client, "alice").status_code == 303
    assert client.get(path).status_code == 200


def test_signing_in_to_the_one_is_not_signing_in_to_the_other(client: Browser) -> None:
    sign_in(client, "alice")
    assert client.get("/mine").status_code == 401
    client.get("/sign-in-of-the-app")
    assert client.get("/mine").text == "Mine"
    client.post("/auth/logout")
    assert client.get("/mine").text == "Mine"
    assert client.get("/auth/account").status_code == 401


class Connection(RawIOBase):
    """A body as a server passes it: it can be read once, and not again."""

    def __init__(self, content: bytes) -> None:
        self._rest = BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


@pytest.mark.parametrize("is_read_once", [False, True])
def test_a_password_prompt_repeats_a_form_of_the_app_with_its_token(client: Browser, is_read_once: bool) -> None:
    sign_in(client, "alice")
    client.environ_base["HTTP_REFERER"] = f"{BASE_URL}/token"
    form = {"csrf_token": client.get("/token").text, "title": "A title", "tag": ["a", "b"]}
    assert client.post("/rename", data={"title": "no token"}).status_code == 400
    body = urlencode(form, doseq=True).encode()
    stream = {"wsgi.input": Connection(body)} if is_read_once else {}
    asked = client.post("/rename", data=form, environ_overrides=stream)
    assert asked.status_code == 401
    hidden = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]+)"', asked.text))
    repeated = client.post("/rename", data=hidden | {"confirm_password": PASSWORD})
    assert (repeated.status_code, repeated.text) == (200, "A title a b")


def test_daypass_keeps_the_session_of_the_app(client: Browser) -> None:
    client.get("/counter")
    sign_in(client, "alice")
    assert client.get("/counter").text == "2"


def test_the_commands_of_the_others_are_there(together: Flask) -> None:
    assert {"db", "daypass"} <= together.cli.commands.keys()
    assert together.test_cli_runner().invoke(args=["db", "--help"]).exit_code == 0
