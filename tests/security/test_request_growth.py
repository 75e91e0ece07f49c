"""No whole request takes more than linear time, whatever a header, a field or a sealed request contains."""

from collections.abc import Callable
from inspect import getmembers, isclass
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder, run_wsgi_app
from wtforms import Form

from daypass.web import forms
from daypass.web.context import current_runtime
from daypass.web.resent_request import FIELD, restore
from tests.conftest import Person
from tests.security.growth import fast_growing
from tests.security.parsers import BODY, HEAD, TOKENS, Parser, shapes

READ_BY_PAGES = "Sec-Fetch-Mode Accept Accept-Encoding User-Agent Authorization Cookie X-Request-Id X-Forwarded-For"
READ_BEFORE_CHANGES = "Origin Sec-Fetch-Site Sec-Fetch-Mode Content-Type Host X-Forwarded-Host X-Forwarded-Proto"
HEADERS = [("GET", name) for name in READ_BY_PAGES.split()] + [("POST", name) for name in READ_BEFORE_CHANGES.split()]
TEXTS = ("a", " ", "é", "<")  # in fields of forms
LAB_FIELDS = ("token", "header", "claims", "key", "place", "other", "clock", "steps")
FORMS = {name: form for name, form in getmembers(forms, isclass) if issubclass(form, Form) and form is not Form}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    limits = dict.fromkeys(("DAYPASS_LIMIT_ADDRESS", "DAYPASS_LIMIT_LAB", "DAYPASS_LIMIT_DEVICE"), "off")
    return environ | limits | {"DAYPASS_TRUSTED_PROXIES": "127.0.0.1", "DAYPASS_LIMIT_ACCOUNT": "off"}


def sender(app: Flask, method: str, path: str, header: str) -> Callable[[str], object]:
    """Send a request with this header, past all clean-up that a client or a server would do."""

    def send(text: str) -> object:
        environ = EnvironBuilder(method=method, path=path).get_environ()
        name = header.upper().replace("-", "_")
        environ[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = text.encode().decode("latin-1")
        return run_wsgi_app(app, environ, buffered=True)

    return send


@pytest.mark.parametrize(("method", "header"), HEADERS)
def test_a_request_with_a_long_header_takes_at_most_linear_time(app: Flask, method: str, header: str) -> None:
    send = sender(app, method, "/members" if method == "GET" else "/login", header)
    assert fast_growing(Parser(send, HEAD, shapes("a", " ", ",", "a=b;", '"', "é"))) == []


@pytest.mark.parametrize("name", FORMS)
def test_a_form_with_a_long_field_takes_at_most_linear_time(name: str) -> None:
    def parse(text: str) -> object:
        form = FORMS[name](MultiDict({field.name: text for field in FORMS[name]()}))
        return [str(field()) for field in form if field.type != "SelectField"]  # these get their choices in the views

    assert fast_growing(Parser(parse, BODY, shapes(*TEXTS))) == []


Post = Callable[[str, str, str], Callable[[str], object]]


@pytest.fixture
def post(app: Flask, sign_in: Callable[..., Person]) -> Post:
    """A function that returns one that posts a text in a field, as somebody who is signed in."""
    token = sign_in("alice", ["admin"]).token

    def post(path: str, field: str, others: str) -> Callable[[str], object]:
        def send(text: str) -> object:
            body = f"{others}&{field}={quote_from_bytes(text.encode(errors='surrogatepass'))}".encode()
            environ = EnvironBuilder(
                method="POST", path=path, data=body, content_type="application/x-www-form-urlencoded"
            ).get_environ()
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
            environ["HTTP_SEC_FETCH_SITE"] = "same-origin"
            environ["HTTP_ACCEPT"] = "text/html"
            return run_wsgi_app(app, environ, buffered=True)

        return send

    return post


@pytest.mark.parametrize("field", LAB_FIELDS)
@pytest.mark.parametrize("button", ["check", "sign"])
def test_the_page_of_the_lab_takes_at_most_linear_time(post: Post, field: str, button: str) -> None:
    send = post("/lab", field, f"act={button}&algorithm=HS256")
    assert fast_growing(Parser(send, BODY // 3, shapes("a", ".", "[", '"a",'))) == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/login", "username"),
        ("/login", "password"),
        ("/login", "next"),
        ("/account/password", "new"),
        ("/account/sessions", "name"),
        ("/lab/attacks/none", "x"),
    ],
)
def test_a_page_with_a_long_field_takes_at_most_linear_time(post: Post, path: str, field: str) -> None:
    assert fast_growing(Parser(post(path, field, ""), BODY // 3, shapes(*TEXTS))) == []


def test_a_sealed_request_takes_at_most_linear_time(app: Flask) -> None:
    def unseal(text: str) -> None:
        with app.test_request_context("/account/sessions", method="POST", data={FIELD: text}):
            restore(current_runtime().settings, "0" * 32)

    assert fast_growing(Parser(unseal, BODY // 2, shapes(*TOKENS, after=("", "gAAAAAB")))) == []
