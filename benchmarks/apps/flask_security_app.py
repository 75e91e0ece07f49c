"""The page behind Flask-Security: the quickstart of its documentation, with Flask-SQLAlchemy."""

import os

from flask import Flask, render_template
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    current_user,
    hash_password,
    login_user,
)
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy
from werkzeug.wrappers import Response

app = Flask(__name__)
app.config["SECRET_KEY"] = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
app.config["SECURITY_PASSWORD_SALT"] = "146585145368132386173505678016728509634"
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['BENCHMARK_DATABASE']}"
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}
db = SQLAlchemy(app)
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):  # type: ignore[name-defined]
    pass


class User(db.Model, fsqla.FsUserMixin):  # type: ignore[name-defined]
    pass


user_datastore = SQLAlchemyUserDatastore(db, User, Role)
app.security = Security(app, user_datastore)  # type: ignore[attr-defined]


@app.get("/sign-in")
def sign_in() -> Response:
    login_user(user_datastore.find_user(email="alice@example.org"))
    return Response(status=204)


@app.get("/page")
@auth_required()
def page() -> str:
    return render_template("page.html", name=current_user.username)


def create_database() -> None:
    """Create the user; the benchmark calls this before the server starts."""
    with app.app_context():
        db.create_all()
        password = hash_password("hazel lantern 7 quiet river")
        user_datastore.create_user(email="alice@example.org", username="alice", password=password)
        db.session.commit()
