"""Browser and operating system of a session, in words."""

from ua_parser import parse

SYSTEMS = {"Mac OS X": "macOS"}


def describe_user_agent(user_agent: str) -> str:
    """Describe a User-Agent: "Firefox on Linux", "curl", or "An unknown browser"."""
    parsed = parse(user_agent)
    browser = parsed.user_agent.family.removeprefix("Mobile ") if parsed.user_agent else "An unknown browser"
    return f"{browser} on {SYSTEMS.get(parsed.os.family, parsed.os.family)}" if parsed.os else browser
