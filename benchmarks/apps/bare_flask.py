"""The page without a login, as the quickstart of Flask writes it."""

from flask import Flask, render_template

app = Flask(__name__)


@app.get("/page")
def page() -> str:
    return render_template("page.html", name="alice")
