"""The choices of an expiry for a new token."""

EXPIRIES: dict[str, tuple[str, int | None]] = {  # label in the form, and seconds from now
    "day": ("In one day", 86_400),
    "hour": ("In one hour", 3600),
    "minute": ("In one minute", 60),
    "past": ("An hour ago", -3600),
    "none": ("None", None),
    "payload": ("As in the payload", None),
}
