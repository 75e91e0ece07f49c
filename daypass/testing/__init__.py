"""For the tests of apps with Daypass: a client that is signed in."""

from daypass.testing.client import signed_in

__all__ = ["signed_in"]
