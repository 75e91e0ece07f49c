"""The forms. What is typed is taken as it is; the rules themselves live with what they rule."""

from wtforms import Form, HiddenField, PasswordField, StringField


class LoginForm(Form):
    """Name and password, and the way back."""

    username = StringField("Name")
    password = PasswordField("Password")
    next = HiddenField()


class SignupForm(LoginForm):
    """The same fields; their errors come from the account's rules."""


class SetupForm(LoginForm):
    """The first account: the same fields and the one-time token of the link."""

    token = HiddenField()


class PasswordForm(Form):
    """A change of password."""

    current = PasswordField("Current password")
    new = PasswordField("New password")
