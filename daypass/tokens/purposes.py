"""Token purposes (the claim `aud`): a token for one purpose is never accepted for another."""

SESSION, API, SETUP, DEVICE = "session", "api", "setup", "device"
SETUP_LIFETIME = 3600  # seconds
DEVICE_LIFETIME = 180 * 86_400  # seconds; each sign-in in that browser starts it again
