"""Tokens signed by us (K) for another audience or session, or with rights."""

from collections.abc import Iterator

from tests.security.forging import OMITTED, Forgery, Target, row

INVALID_TEXTS: dict[str, object] = {
    "missing": OMITTED,
    "null": None,
    "number": 1,
    "2-to-70": 2**70,
    "minus-2-to-70": -(2**70),
    "float": 0.5,
    "true": True,
    "empty": "",
    "empty-list": [],
    "object": {"$ne": ""},
    "nul": "\0",
    "lone-surrogate": "\ud800",
    "lone-low-surrogate": "x\udfff",
    "newline": "x\n",
    "right-to-left": "\u202eecila",
    "other-digits": "\u0661\u0662",
    "sql": "' OR '1'='1",
    "sql-drop": "x'; DROP TABLE sessions; --",
    "like": "%",
    "long": "a" * 65,
    "very-long": "a" * 1500,
}


def _wrong_ids(ours: str) -> dict[str, object]:
    """Values that are not the id of this account or session, by name."""
    return INVALID_TEXTS | {
        "unknown": "0" * 32,
        "upper-case": ours.upper() + "A",
        "space-behind": f"{ours} ",
        "newline-behind": f"{ours}\n",
        "nul-behind": f"{ours}\0",
        "cut": ours[:-1],
        "list": [ours],
    }


@row(48, "aud-wrong")
def aud_wrong(target: Target) -> Iterator[Forgery]:
    values = INVALID_TEXTS | {
        "other": "https://other.example",
        "prefix": "sess",
        "superstring": "sessions",
        "upper-case": "SESSION",
        "space-behind": "session ",
        "nul-behind": "session\0",
        "list-of-it": ["session"],
        "list-of-others": ["reset", "device"],
        "list-with-it": ["reset", "session"],
        "list-in-a-list": [["session"]],
        "our-address": target.payload["iss"],
    }
    for name, value in values.items():
        yield Forgery(name, target.with_claims(aud=value))


@row(49, "iss-wrong")
def iss_wrong(target: Target) -> Iterator[Forgery]:
    ours = target.payload["iss"]
    values = INVALID_TEXTS | {
        "other": "https://evil.example",
        "prefix": ours[:-1],
        "superstring": f"{ours}0",
        "slash-behind": f"{ours}/",
        "one-letter": ours[0],
        "inner-letters": ours[4:10],
        "upper-case": ours.upper(),
        "https": ours.replace("http:", "https:"),
        "localhost": ours.replace("127.0.0.1", "localhost"),
        "list": [ours],
        "letters": list(ours),
        "space-behind": f"{ours} ",
    }
    for name, value in values.items():
        yield Forgery(name, target.with_claims(iss=value))


@row(50, "sub-wrong")
def sub_wrong(target: Target) -> Iterator[Forgery]:
    ours = target.payload["sub"]
    values = _wrong_ids(ours) | {
        "somebody-elses": target.admin["sub"],
        "name-for-id": target.payload["name"],
        "setup": "setup",
    }
    for name, value in values.items():
        yield Forgery(name, target.with_claims(sub=value))
    yield Forgery("somebody-elses-with-name-and-roles", target.with_claims(**_of_the_admin(target, "sub")))


@row(51, "sid-wrong")
def sid_wrong(target: Target) -> Iterator[Forgery]:
    ours = target.payload["sid"]
    values = _wrong_ids(ours) | {
        "somebody-elses": target.admin["sid"],
        "account-for-session": target.payload["sub"],
        "jti-instead": OMITTED,
    }
    for name, value in values.items():
        more = {"jti": ours} if name == "jti-instead" else {}
        yield Forgery(name, target.with_claims(sid=value, **more))
    yield Forgery("somebody-elses-with-name-and-roles", target.with_claims(**_of_the_admin(target, "sid")))


@row(52, "rights-added")
def rights_added(target: Target) -> Iterator[Forgery]:
    added = {"role": "admin", "admin": True, "scope": "admin", "is_admin": 1, "groups": ["admin"], "x": None, "": ""}
    for name, value in added.items():
        yield Forgery(f"claim-{name}", target.with_claims(**{name: value}))
    roles: dict[str, object] = {
        "admin": ["admin"],
        "admin-twice": ["admin", "admin"],
        "empty-text": [""],
        "text": "admin",
        "null": None,
        "missing": OMITTED,
        "true": True,
        "object": {"admin": True},
        "nested": [["admin"]],
        "numbers": [1],
        "null-inside": [None],
        "lone-surrogate": ["\ud800"],
    }
    for name, value in roles.items():
        yield Forgery(f"roles-{name}", target.with_claims(roles=value))
    names = INVALID_TEXTS | {"admins": target.admin["name"], "upper-case": target.payload["name"].upper()}
    for name, value in names.items():
        yield Forgery(f"name-{name}", target.with_claims(name=value))


def _of_the_admin(target: Target, identifier: str) -> dict[str, object]:
    """The admin's claims that belong to this identifier, with the identifier itself."""
    return {name: target.admin[name] for name in (identifier, "name", "roles")}
