"""What an act that ends all of the visitor's sessions and tokens would end, in words."""

from daypass.sessions import kinds
from daypass.tokens.claims import Claims
from daypass.web.session_cards import own_cards


def ending_sessions(claims: Claims) -> str:
    """A sentence such as `3 sessions, with this one, and 1 token for programs end now.`"""
    sessions, tokens = len(own_cards(claims, kinds.BROWSER).live), len(own_cards(claims, kinds.API_TOKEN).live)
    programs = "1 token for programs" if tokens == 1 else f"{tokens} tokens for programs"
    if sessions == 1:
        return f"This session and {programs} end now." if tokens else "This session ends now."
    others = f"{sessions} sessions, with this one,"
    return f"{others} and {programs} end now." if tokens else f"{others} end now."
