"""Daypass with the page, open and gated. Run: python -m benchmarks.apps.daypass_app"""

from unittest import mock

from flask import Blueprint, Flask, render_template

from daypass.program import server, serving
from daypass.web.gate import current_claims, token_required

TARGET = "benchmarks.apps.daypass_app:create_worker"

pages = Blueprint("benchmark", __name__, template_folder="templates")


@pages.get("/open")
def open_page() -> str:
    return render_template("page.html", name="alice")


@pages.get("/gated")
@token_required
def gated_page() -> str:
    return render_template("page.html", name=current_claims().name)


def create_worker() -> Flask:
    """Create the app of one server worker, with the two pages."""
    app = serving.create_worker()
    app.register_blueprint(pages)
    return app


def main(target: str = TARGET) -> None:
    """Serve as `python app.py` does, except for the target: the workers create the app of this module."""
    serve = server.serve
    with mock.patch.object(server, "serve", lambda _, settings: serve(target, settings)):
        serving.serve()


if __name__ == "__main__":
    main()
