"""The forms of all pages.

Their values are validated in the packages of their domain.
"""

import re

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DEFAULT_DAYS = 30  # of an API token
INVITATION_HOURS = ("1", "8", "24", "72", "168")
GUEST_LINK_DAYS = ("1", "7", "30", "90")
DIGITS = re.compile("[0-9]{1,9}")


class DigitsField(IntegerField):
    """A whole number in ASCII digits.

    `int` would accept signs, blanks, underscores and other digits.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not DIGITS.fullmatch(valuelist[0]):
            self.data = None
            raise ValueError("not a whole number in ASCII digits")
        super().process_formdata(valuelist)


class DayField(DateField):
    """A date.

    Browsers reject any other text in such a field, so it is not shown again.
    """

    def _value(self) -> str:
        return self.data.isoformat() if self.data else ""


class CredentialsForm(Form):
    """Name, password, and the page to return to."""

    username = StringField("Name")
    password = PasswordField("Password")
    next = HiddenField()


class LoginForm(CredentialsForm):
    """Sign in, for a day or longer."""

    keep = BooleanField("Keep me signed in")


class SignupForm(CredentialsForm):
    """Create an account."""


class SetupForm(CredentialsForm):
    """Create the first account, with the one-time code of the set-up link."""

    code = HiddenField()


class JoinForm(CredentialsForm):
    """Create an account, with the code of an invitation."""

    code = HiddenField()


class InvitationForm(Form):
    """Invite somebody: name (empty: they choose one), lifetime in hours, and roles."""

    name = StringField("Name")
    hours = SelectField("Valid for", choices=INVITATION_HOURS, default="72")  # type: ignore[arg-type]  # the stubs want a list
    roles = SelectMultipleField("Roles", choices=[])


class GuestLinkForm(Form):
    """Share a page: its address, what for, and for how many days, or until the end of a day."""

    url = StringField("Address")
    label = StringField("What it is for")
    days = SelectField("Works for", choices=GUEST_LINK_DAYS, default="7")  # type: ignore[arg-type]  # the stubs want a list
    until = StringField("Until the end of")


class OpenGuestLinkForm(Form):
    """Open what a guest link shares, with its code."""

    code = HiddenField()


class PasswordForm(Form):
    """Change the password."""

    current = PasswordField("Current password")
    new = PasswordField("New password")


class ForgotForm(Form):
    """Ask for a link that resets the password."""

    account = StringField("Name or e-mail address")


class LinkForm(Form):
    """Act on a link, whose token is in the form."""

    token = HiddenField()


class ResetForm(LinkForm):
    """Set a new password with a link."""

    password = PasswordField("New password")


class EmailForm(Form):
    """The e-mail address of the visitor's account."""

    email = EmailField("E-mail address")


class ApiTokenForm(Form):
    """Create an API token: name, lifetime in days, roles and hosts."""

    name = StringField("Name")
    days = DigitsField("Days", default=DEFAULT_DAYS)
    roles = SelectMultipleField("Roles", choices=[])
    hosts = SelectMultipleField("Hosts", choices=[])


class RolesForm(Form):
    """Choose roles: of those that exist, and a new one."""

    roles = SelectMultipleField("Roles", choices=[])
    new_role = StringField("A new role")


class NewAccountForm(RolesForm):
    """Create an account: its name, its roles, and the last day on which it can be used, if there is one."""

    name = StringField("Name")
    until = StringField("Last day")


class ExplainForm(Form):
    """Ask who may see the page at an address, and whether an account may."""

    url = StringField("Address")
    name = StringField("Name")
    method = SelectField("Method", choices=METHODS)  # type: ignore[arg-type]  # the stubs want a list


class EventForm(Form):
    """Filter the audit events."""

    event = StringField("Event")
    outcome = StringField("Outcome")
    account = StringField("Account")
    address = StringField("Address")
    since = DayField("From")
    until = DayField("To")

    def chosen(self) -> dict[str, str]:
        """The fields that are not empty, for links that keep the filter."""
        return {field.name: field.raw_data[0] for field in self if field.raw_data and field.raw_data[0]}


class DeleteForm(Form):
    """Delete the visitor's account."""

    password = PasswordField("Password")
