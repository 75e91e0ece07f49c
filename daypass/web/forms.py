"""The forms. What is typed is taken as it is; the rules themselves live with what they rule."""

import re

from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DIGITS = re.compile("[0-9]{1,9}")


class DigitsField(IntegerField):
    """A whole number in ASCII digits alone; `int` takes signs, blanks, underscores and other scripts' digits too."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not DIGITS.fullmatch(valuelist[0]):
            self.data = None
            raise ValueError("not a whole number in ASCII digits")
        super().process_formdata(valuelist)


class CredentialsForm(Form):
    """Name and password, and the way back."""

    username = StringField("Name")
    password = PasswordField("Password")
    next = HiddenField()


class LoginForm(CredentialsForm):
    """To sign in, for a day or for longer."""

    keep = BooleanField("Keep me signed in")


class SignupForm(CredentialsForm):
    """To make an account; the errors come from the account's rules."""


class SetupForm(CredentialsForm):
    """The first account: the same fields and the one-time token of the link."""

    token = HiddenField()


class PasswordForm(Form):
    """A change of password."""

    current = PasswordField("Current password")
    new = PasswordField("New password")


class ApiTokenForm(Form):
    """A token for programs: its name, how long it is good, which of one's roles it has, and the hosts it is for."""

    name = StringField("Name")
    days = DigitsField("Days", default=30)
    roles = SelectMultipleField("Roles", choices=[])
    hosts = SelectMultipleField("Hosts", choices=[])


class ExplainForm(Form):
    """Who may see a page, asked by its address."""

    url = StringField("Address")
    method = SelectField("Method", choices=METHODS)  # type: ignore[arg-type]  # tuples are given up


class DeleteForm(Form):
    """The end of one's own account."""

    password = PasswordField("Password")


class LabForm(Form):
    """The lab's bench: a key, what is to be signed, a token, and the same token before anything in it was changed."""

    algorithm = SelectField("Algorithm")
    key = TextAreaField("Key")
    expiry = SelectField("End")
    header = TextAreaField("Header")
    claims = TextAreaField("Payload")
    token = TextAreaField("Token")
    original = HiddenField()
    place = StringField("Character number")
