"""Browser and operating system of a session, in words."""

SYSTEMS = {"Mac OS X": "macOS"}


def describe_user_agent(user_agent: str) -> str:
    """Describe a User-Agent: "Firefox on Linux", "curl", or "An unknown browser"."""
    from ua_parser import parse  # only lists of sessions need it

    parsed = parse(user_agent)
    browser = parsed.user_agent.family.removeprefix("Mobile ") if parsed.user_agent else "An unknown browser"
    return f"{browser} on {SYSTEMS.get(parsed.os.family, parsed.os.family)}" if parsed.os else browser
