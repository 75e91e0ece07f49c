"""Notes that only their author sees: an app with models of its own, beside the tables of Daypass.

Run it in this folder: `flask daypass user add alice`, then `flask run`.
"""

from pathlib import Path

from flask import Flask, redirect, render_template, request, url_for
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.wrappers import Response

from daypass import Daypass, current_pass, token_required


class Base(DeclarativeBase):
    """The models of this app. Those of Daypass are in a database of their own."""


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)  # `current_pass.account_id` of the author
    text: Mapped[str]


daypass = Daypass()


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["DAYPASS_BASE_URL"] = "http://127.0.0.1:5000"
    daypass.init_app(app, url_prefix="/auth")
    Path(app.instance_path).mkdir(exist_ok=True)
    engine = create_engine(f"sqlite:///{app.instance_path}/notes.sqlite3")
    Base.metadata.create_all(engine)

    @app.get("/")
    @token_required
    def notes() -> str:
        with Session(engine) as db:
            own = db.scalars(select(Note).where(Note.account_id == current_pass.account_id).order_by(Note.id)).all()
            return render_template("notes.html", notes=own, author=current_pass.name)

    @app.post("/")
    @token_required
    def add() -> Response:
        with Session(engine) as db, db.begin():
            db.add(Note(account_id=current_pass.account_id, text=request.form["text"]))
        return redirect(url_for("notes"))

    return app
