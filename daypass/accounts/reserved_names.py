"""Names that sign-up rejects, because their holder would appear to have authority."""

# Accounts with special rights in operating systems and web apps.
PRIVILEGED = """
    adm admin administrator administrators admins daypass moderator operator owner root staff su sudo superadmin
    superuser sysadmin sysop system toor wheel
"""
# RFC 2142 sections 3 to 5; mailboxes that certificate authorities accept or accepted as proof of control over a domain
# (CA/Browser Forum Baseline Requirements, 3.2.2.4.4, which also has admin and administrator); other common ones.
MAILBOXES = """
    info marketing sales support abuse noc security ftp hostmaster news postmaster usenet uucp webmaster www
    ssladmin ssladministrator sslwebmaster
    billing contact help helpdesk legal mailer-daemon no-reply privacy
"""
# Names that apps use for a visitor without an account, for all visitors, or for a missing value.
NOBODY_IN_PARTICULAR = """
    anonymous anyone authenticated default everybody everyone guest nobody none null public signed-in undefined
    unknown user username users
"""
SEPARATORS = str.maketrans("", "", "._-")
LOOK_ALIKE = str.maketrans("0134578l", "oieastbi")  # l, 1 and i look alike: all become i


def is_reserved(name: str) -> bool:
    """Whether a canonical name is reserved, or looks like a reserved one: `a.d.m.i.n`, `admin_`, `adm1n`, `adrnin`."""
    return _skeleton(name) in RESERVED


def _skeleton(name: str) -> str:
    """Map names that look alike to the same text (the idea of Unicode TR 39, for ASCII)."""
    return name.translate(SEPARATORS).replace("rn", "m").replace("vv", "w").translate(LOOK_ALIKE)


RESERVED = {_skeleton(name) for name in (PRIVILEGED + MAILBOXES + NOBODY_IN_PARTICULAR).split()}
