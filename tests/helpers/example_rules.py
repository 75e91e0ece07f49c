"""A rules file for the tests of `daypass rules` and of the rules page."""

RULES = """
[[rule]]
host = "docs.example.org"
path = "/news/"
methods = ["GET"]
allow = "public"

[[rule]]
host = ["docs.example.org", "reports.example.org"]
path = "/**/*.pdf"
allow = { roles = ["staff"], names = ["bob"] }
"""

# One more rule, which lets API tokens in.
API_TOKEN_RULE = """
[[rule]]
host = "docs.example.org"
path = "/export/"
allow = { roles = ["staff"] }
programs = true
"""
