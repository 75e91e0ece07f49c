"""The page from which a visitor comes to an act, to lead back to it."""

from flask import request

from daypass.web.page_url import current_blueprint, page_url

SETTINGS = "account_settings.settings"
ACCOUNTS = "admin.accounts"
MANAGED = "managed_account.account"

# by the blueprint of the act
ORIGINS = {
    "sessions": "sessions.own_sessions",
    "api_tokens": "api_tokens.own_tokens",
    "api_token_acts": "api_tokens.own_tokens",
    "own_address": SETTINGS,
    "own_data": SETTINGS,
    "lock_account": SETTINGS,
    "own_invitations": "own_invitations.invitations",
    "admin": ACCOUNTS,
    "new_account": ACCOUNTS,
    "managed_account": MANAGED,
    "account_acts": MANAGED,
    "account_limits": MANAGED,
    "invitations": "invitations.invitations",
    "requests": "requests.requests",
    "guest_links": "guest_links.guest_links",
    "keys": "keys.ring",
}


def origin_url() -> str:
    """The URL of the page that the act of the current request is on; the home page for acts of the app's own views."""
    endpoint = ORIGINS.get(current_blueprint(), "home.home")
    account = {"account_id": (request.view_args or {})["account_id"]} if endpoint == MANAGED else {}
    return page_url(endpoint, **account)
