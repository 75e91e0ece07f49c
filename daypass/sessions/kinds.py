"""Kinds of sessions."""

BROWSER, API_TOKEN, TRIAL = "browser", "api", "trial"  # the attack gallery runs in trials
