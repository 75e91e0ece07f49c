"""Errors of guest links."""

from daypass.errors import DaypassError


class InvalidGuestLink(DaypassError):
    """No guest link with this code is valid. It does not reveal whether there ever was one."""

    status = 410
    title = "This link does not work"
    message = "The link has expired, was revoked, or was not copied completely. Ask the person who gave it to you."


class NotShareable(DaypassError):
    """No guest link can be created for this address; `message` says why."""

    status = 422
    title = "No guest link for this address"


class TooManyGuestLinks(DaypassError):
    """Somebody has as many guest links as they may have."""

    status = 409
    title = "Too many guest links"

    def __init__(self, allowed: int) -> None:
        message = f"You have {allowed} guest links, which is the maximum. Revoke one first."
        super().__init__("too many guest links", message=message)


class NoSuchGuestLink(DaypassError):
    """No guest link has this id."""

    status = 404
    title = "No such guest link"
    message = "There is no such guest link any more. It was revoked, or expired long ago."
    back = ("guest_links.guest_links", "Go to the guest links")
