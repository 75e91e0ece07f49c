"""Why a message was not delivered, in words for administrators."""

WORDS = {
    "ConnectionRefusedError": "The server refuses connections: it is down, or the port is another one.",
    "ConnectionResetError": "The server closed the connection.",
    "RemoteDisconnected": "The server closed the connection without an answer.",
    "SMTPServerDisconnected": "The server closed the connection.",
    "SMTPNotSupportedError": "The server does not offer what the settings ask for, such as STARTTLS or a password.",
    "SSLCertVerificationError": "The certificate of the server is not valid for its name.",
    "SSLError": "No encrypted connection to the server could be made.",
    "TimeoutError": "The server did not answer in time.",
    "gaierror": "The name of the server was not found.",
    "OSError": "The server could not be reached.",
}


def delivery_error(stored: str) -> tuple[str, str]:
    """A stored error as a sentence, and the original text; the latter is empty if it is a sentence already.

    The stored text of an exception begins with the name of its class.
    """
    words = WORDS.get(stored.partition(":")[0])
    return (words, stored) if words else (stored[:1].upper() + stored[1:], "")
