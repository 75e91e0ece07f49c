"""The page behind Flask-Login: its quickstart, with a user loader that reads SQLite as Flask's tutorial does."""

import os
import sqlite3

from flask import Flask, g, render_template
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from werkzeug.wrappers import Response

DATABASE = os.environ["BENCHMARK_DATABASE"]

app = Flask(__name__)
app.secret_key = "9d1f6b0c4e7a83d25c7be4f0a16839cd"
login_manager = LoginManager(app)


class User(UserMixin):
    def __init__(self, user_id: int, name: str) -> None:
        self.id, self.name = user_id, name


def get_db() -> sqlite3.Connection:
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE)
    db: sqlite3.Connection = g.db
    return db


@app.teardown_appcontext
def close_db(_: BaseException | None) -> None:
    if db := g.pop("db", None):
        db.close()


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    row = get_db().execute("SELECT id, name FROM users WHERE id = ?", [user_id]).fetchone()
    return User(*row) if row else None


@app.get("/login")
def login() -> Response:
    login_user(load_user("1"))
    return Response(status=204)


@app.get("/page")
@login_required
def page() -> str:
    return render_template("page.html", name=current_user.name)


def create_database() -> None:
    """Create the user; the benchmark calls this before the server starts."""
    with sqlite3.connect(DATABASE) as db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        db.execute("INSERT INTO users (name) VALUES ('alice')")
