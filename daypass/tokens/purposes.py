"""Token purposes (the claim `aud`): a token for one purpose is never accepted for another."""

SESSION, API, DEVICE = "session", "api", "device"
CONFIRM_ADDRESS, RESET, DISOWN = "confirm_address", "reset", "disown"

LINK_LIFETIMES = {CONFIRM_ADDRESS: 86_400, RESET: 1800, DISOWN: 7 * 86_400}  # seconds
MAX_LINK_LIFETIME = max(LINK_LIFETIMES.values())
DEVICE_LIFETIME = 180 * 86_400  # seconds; each sign-in in that browser starts it again
