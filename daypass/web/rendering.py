"""Render Daypass's own templates."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import current_app, request

from daypass.accounts import queries
from daypass.settings.sign_up import SignUp
from daypass.web.app_layout import put_into, usable_layout
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import flash_message
from daypass.web.security_headers import INLINED_STYLE
from daypass.web.template_functions import functions_of
from daypass.web.templates import render
from daypass.web.verdict import visitor


def render_page(template: str, **variables: Any) -> str:
    """Render a template with these variables, and with those that all of Daypass's templates use."""
    runtime = current_runtime()
    settings, now = runtime.settings, datetime.now(UTC)
    layout = usable_layout(current_app, settings.layout)
    own = visitor(runtime, request.environ)
    shared = {
        "visitor": own,
        "flash_message": partial(flash_message, settings, own.claims.session_id if own else None),
        "is_set_up": own is not None or runtime.setup.is_done(),
        "in_layout": layout != "",
        "in_app": settings.url_prefix != "",
        "site": settings.authority,
        "base_url": settings.base_url,
        "site_home": settings.home if settings.site else None,
        "signup_open": settings.signup.has_form,
        "members_invite": settings.signup is SignUp.INVITE,
        "lab_open": settings.lab,
        "sends_mail": settings.sends_mail,
        "token_lifetime": settings.token_lifetime,
        "idle_lifetime": settings.idle_lifetime,
        "absolute_lifetime": settings.absolute_lifetime,
        "requests_waiting": _requests_waiting,  # called by administration pages only
        "now": now,
        "today": now.replace(hour=0, minute=0, second=0, microsecond=0),  # for fragments with dates
    }
    every = functions_of(current_app) | shared | variables
    page = render(template, every)
    return page if INLINED_STYLE in request.environ or not layout else put_into(layout, page, every)


def _requests_waiting() -> int:
    """How many accounts wait for approval."""
    return queries.count_requests(current_db())
