"""The home page: what Daypass is, or the pages that the visitor may open."""

from dataclasses import dataclass

from flask import Blueprint, request

from daypass.accounts import accounts, queries
from daypass.runtime import Runtime
from daypass.web.context import current_db, current_runtime
from daypass.web.home_pages import has_protected_pages, home_pages
from daypass.web.rendering import render_page
from daypass.web.verdict import visitor

pages = Blueprint("home", __name__)


@dataclass(frozen=True)
class NextSteps:
    """What an administrator has done of what makes an installation useful.

    A visit of the lab is not recorded, so the lab is offered until the other two are done.
    """

    people_invited: bool
    pages_protected: bool

    @property
    def are_done(self) -> bool:
        return self.people_invited and self.pages_protected


@pages.get("/")
def home() -> str:
    """Show what Daypass is; to visitors who are signed in, their pages, and to administrators what to do next."""
    runtime = current_runtime()
    own = visitor(runtime, request.environ)
    if own is None:
        return render_page("daypass/pages/welcome.html")
    steps = _next_steps(runtime) if accounts.ADMIN in own.claims.roles else None
    return render_page("daypass/pages/home.html", pages=home_pages(runtime, own), steps=steps)


def _next_steps(runtime: Runtime) -> NextSteps | None:
    """The steps, or None if they are done."""
    steps = NextSteps(queries.are_several(current_db()), has_protected_pages(runtime))
    return None if steps.are_done else steps
