"""The names of Flask-Login: `current_user`, `login_required` and `logout_user`.

Replace `from flask_login import ...` by `from daypass.compat.flask_login import ...`. There is no `login_user`, because
the sign-in page of Daypass starts sessions, or `Daypass.sign_in`, and no `UserMixin` or `user_loader`: see
`Daypass.profile_loader`.
"""

from typing import Any

from daypass.web.current_pass import current_pass
from daypass.web.gate import token_required
from daypass.web.own_views import sign_out

login_required = token_required


class CurrentUser:
    """The visitor. An attribute that is not of Flask-Login is that of the profile, if the app loads profiles."""

    @property
    def is_authenticated(self) -> bool:
        """Whether the visitor is signed in."""
        return bool(current_pass)

    @property
    def is_anonymous(self) -> bool:
        """Whether the visitor is not signed in."""
        return not current_pass

    @property
    def is_active(self) -> bool:
        """Whether the account can be used: nobody is signed in with a disabled one."""
        return bool(current_pass)

    def get_id(self) -> str | None:
        """The id of the account; None for visitors who are not signed in."""
        return current_pass.account_id if current_pass else None

    @property
    def id(self) -> str:
        """The id of the account. Raises InvalidToken, which shows the sign-in form."""
        return current_pass.account_id

    @property
    def name(self) -> str:
        """The name of the account. Raises InvalidToken."""
        return current_pass.name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(current_pass.profile, name)


current_user = CurrentUser()


def logout_user() -> bool:
    """End the session, and clear the cookie with the response. Returns whether the visitor was signed in."""
    return sign_out()
