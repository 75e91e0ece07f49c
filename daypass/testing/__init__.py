"""For tests: a client that is signed in, and forged tokens for any verifier."""

from daypass.testing.client import signed_in
from daypass.testing.forgeries import Forgery, forgeries

__all__ = ["Forgery", "forgeries", "signed_in"]
