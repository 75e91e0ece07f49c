"""What a token is for, the claim `aud`: a token of one purpose is never accepted for another."""

SESSION, API, SETUP = "session", "api", "setup"
SETUP_LIFETIME = 3600  # seconds
