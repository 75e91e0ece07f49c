"""E-mail addresses in one normalized form."""

MAX_LENGTH = 254  # characters (RFC 5321 section 4.5.3.1.3)


def parse_email(text: str) -> str:
    """Normalize an address: ASCII, its domain in lower case and IDNA. Raises ValueError.

    Internal domains such as `mail.internal` are accepted, and no name is looked up.
    """
    from email_validator import EmailNotValidError, validate_email  # large, and most processes parse no address

    try:
        parsed = validate_email(
            text.strip(" "),
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    if parsed.ascii_email is None or len(parsed.ascii_email) > MAX_LENGTH:
        raise ValueError("The address is too long, or not ASCII.")
    return parsed.ascii_email


def lookup_key(address: str) -> str:
    """The form in which addresses are compared: nearly all mail systems ignore the case of the local part."""
    return address.lower()
