"""The page from which a visitor comes to an act, to lead back to it."""

from flask import request, url_for

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
    endpoint = ORIGINS.get(request.blueprint or "", "home.home")
    account = {"account_id": (request.view_args or {})["account_id"]} if endpoint == MANAGED else {}
    return url_for(endpoint, **account)
