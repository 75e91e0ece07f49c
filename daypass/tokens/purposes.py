"""Token purposes (the claim `aud`): a token for one purpose is never accepted for another."""

SESSION, API, SETUP = "session", "api", "setup"
SETUP_LIFETIME = 3600  # seconds
