"""The page behind Flask-JWT-Extended: a token in a cookie, and the block list of its documentation, in a database."""

import os
from datetime import datetime

from flask import Flask, render_template
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required, set_access_cookies
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
app.config["JWT_TOKEN_LOCATION"] = ["cookies"]
app.config["JWT_COOKIE_SECURE"] = False  # the benchmark uses plain http
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['BENCHMARK_DATABASE']}"
jwt = JWTManager(app)
db = SQLAlchemy(app)


class TokenBlocklist(db.Model):  # type: ignore[name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]


@jwt.token_in_blocklist_loader
def is_revoked(jwt_header: dict[str, str], jwt_payload: dict[str, str]) -> bool:
    token = db.session.query(TokenBlocklist.id).filter_by(jti=jwt_payload["jti"]).scalar()
    return token is not None


@app.get("/login")
def login() -> Response:
    response = Response(status=204)
    set_access_cookies(response, create_access_token(identity="alice"))
    return response


@app.get("/page")
@jwt_required()
def page() -> str:
    return render_template("page.html", name=get_jwt_identity())


def create_database() -> None:
    """Create the empty block list; the benchmark calls this before the server starts."""
    with app.app_context():
        db.create_all()
