"""The blueprint `daypass`, in which all of Daypass's pages are nested."""

from flask import Blueprint

from daypass.settings import resources
from daypass.settings.definitions import Settings
from daypass.web import flask_wtf
from daypass.web.page_url import BLUEPRINT
from daypass.web.pages import (
    account,
    account_acts,
    account_limits,
    account_settings,
    accounts,
    api,
    api_token_acts,
    api_tokens,
    attacks,
    confirm_address,
    delete_account,
    disown,
    events,
    guest,
    guest_links,
    health,
    home,
    invitations,
    join,
    jwks,
    keys,
    lab,
    lock_account,
    mails,
    managed_account,
    members,
    metrics,
    new_account,
    own_address,
    own_data,
    own_events,
    own_invitations,
    password_strength,
    recovery,
    requests,
    rules,
    sessions,
    sign_in,
    sign_out,
    sign_up,
    well_known,
)
from daypass.web.static_files import StaticFiles

PAGES = (
    *(home, sign_in, sign_out, sign_up, join, guest, recovery, disown, confirm_address, members, api),
    *(account, sessions, api_tokens, api_token_acts, account_settings, password_strength, own_address, own_data),
    *(own_invitations, lock_account, delete_account, own_events),
    *(lab, attacks, accounts, new_account, managed_account, account_limits, account_acts),
    *(invitations, requests, events, keys, rules, guest_links, mails),
)
ENDPOINTS = (health, jwks, well_known)  # for programs; a static site does not move them


def create_blueprint(settings: Settings, files: StaticFiles) -> Blueprint:
    """A new blueprint with all pages and static files, each under its full path."""
    blueprint = Blueprint(BLUEPRINT, __name__, template_folder=str(resources.TEMPLATES))
    for page in PAGES:
        blueprint.register_blueprint(page.pages, url_prefix=f"{settings.prefix}{page.pages.url_prefix or ''}")
    for endpoint in ENDPOINTS:
        blueprint.register_blueprint(endpoint.pages, url_prefix=settings.url_prefix)
    if settings.metrics_token:
        blueprint.register_blueprint(metrics.pages, url_prefix=settings.url_prefix)
    flask_wtf.exempt(blueprint, [page.pages for page in (*PAGES, *ENDPOINTS)])
    blueprint.add_url_rule(f"{settings.prefix}/static/<path:filename>", "static", files.serve)
    return blueprint
