"""Browser and system of a session in words."""

from ua_parser import parse

SYSTEMS = {"Mac OS X": "macOS"}


def describe_user_agent(user_agent: str) -> str:
    """ "Firefox on Linux" from a User-Agent; "curl" for a program; "An unknown browser" for nonsense."""
    read = parse(user_agent)
    browser = read.user_agent.family.removeprefix("Mobile ") if read.user_agent else "An unknown browser"
    return f"{browser} on {SYSTEMS.get(read.os.family, read.os.family)}" if read.os else browser
