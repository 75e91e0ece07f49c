"""Kinds of sessions."""

BROWSER, API_TOKEN, TRIAL = "browser", "api", "trial"  # kinds of sessions; the last is the attack gallery's
