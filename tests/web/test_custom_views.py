"""Views of an app's developer: async views, and views that set headers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, Response

from daypass.web.gate import current_claims, token_required
from tests.conftest import PAGE, Person


def test_an_async_view_can_be_protected(app: Flask, sign_in: Callable[..., Person]) -> None:
    @token_required
    async def view() -> str:
        return f"Hello, {current_claims().name}"

    app.add_url_rule("/async", view_func=view)
    with ThreadPoolExecutor(1) as pool:  # browser tests leave their event loop in this thread
        assert pool.submit(sign_in("alice").client.get, "/async").result().text == "Hello, alice"
        assert pool.submit(app.test_client().get, "/async").result().status_code == 401


def test_headers_that_a_view_sets_stay_as_they_are(app: Flask, sign_in: Callable[..., Person]) -> None:
    own = {
        "Content-Security-Policy": "default-src 'self'",
        "Cache-Control": "private, max-age=60",
        "X-Frame-Options": "",
    }

    @token_required
    def view() -> Response:
        return Response("<p>mine", headers=own)

    app.add_url_rule("/mine", view_func=view)
    response = sign_in("alice").client.get("/mine", headers=PAGE)
    assert {name: response.headers[name] for name in own} == own
    assert response.headers["X-Content-Type-Options"] == "nosniff"
