"""Browser and system of a session in words."""

from ua_parser import parse


def in_words(user_agent: str) -> str:
    """ "Firefox on Linux" from a User-Agent; "curl" for a program; "An unknown browser" for nonsense."""
    read = parse(user_agent)
    browser = read.user_agent.family if read.user_agent else "An unknown browser"
    return f"{browser} on {read.os.family}" if read.os else browser
