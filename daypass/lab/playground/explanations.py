"""What each message of a verdict means, and what was found in the token at hand."""

from collections.abc import Collection

from daypass.lab.playground.parsing import PartName, read

VALID = "The signature matches this text and this key, and the token has not expired."
PADDING = (
    "The {part} is not base64url: it has a character of another alphabet, or one too many or too few. "
    "A part that was cut off or copied with a line break looks like this."
)
EXPLANATIONS = {  # by the beginning of the message
    "Signature has expired": "The signature is valid, but the time in exp has passed.",
    "The token is not yet valid (nbf)": "The signature is valid, but the time in nbf has not come yet.",
    "The token is not yet valid (iat)": "The signature is valid, but the time in iat is in the future.",
    "Invalid header padding": PADDING.format(part="header"),
    "Invalid payload padding": PADDING.format(part="payload"),
    "Invalid crypto padding": PADDING.format(part="signature"),
    "Invalid header string": "The header is base64url, but what it encodes is not a JSON object. "
    "Without it, nobody can know how the token is signed.",
    "Invalid payload string": "The signature is valid, but the payload that it signs is not a JSON object. "
    "A JWT has claims, which are its members (RFC 7519 section 7.2).",
    "Algorithm not specified": "The header has no “alg”, which every header must have (RFC 7515 section 4.1.1).",
    "Algorithm not supported": "The lab does not know the algorithm in the header.",
    "Key ID header parameter": "“kid” names the key that signed the token, and a name is text.",
    "Invalid 'crit' header": "“crit” lists header members that the verifier must understand. "
    "It must be a list of names, and the header must have each of them (RFC 7515 section 4.1.11).",
    "Unsupported critical extension": "“crit” says that a verifier must understand this header member, "
    "and the lab does not. So the token has to be rejected, whatever else it says.",
    "Expiration Time claim": "A time in a token is a number: the seconds since 1970 (NumericDate, RFC 7519 section 2).",
    "Not Before claim": "A time in a token is a number: the seconds since 1970 (NumericDate, RFC 7519 section 2).",
    "Issued At claim": "A time in a token is a number: the seconds since 1970 (NumericDate, RFC 7519 section 2).",
    "Subject must be": "“sub” says who the token is about. It must be text (RFC 7519 section 4.1.2).",
    "JWT ID must be": "“jti” is the ID of the token. It must be text (RFC 7519 section 4.1.7).",
    "Longer than": "The lab reads only shorter tokens. Most servers accept at most 8 KB of headers, cookies included.",
    "It is required that you pass": "“b64” says that the payload is not in the token, but elsewhere.",
    "Payload segment must be empty": "“b64” says that the payload is not in the token, but there is one.",
}


def explain(message: str, token: str, changed: Collection[PartName]) -> str:
    """Explain the message of a verdict; empty if it needs no explanation.

    message: as in `Verification.message`. changed: the parts that were changed since the token was signed or pasted.
    """
    _, _, why = message.partition(" --> ")
    if not why:
        return VALID
    if why.startswith("Not enough segments"):
        return _not_enough_segments(token)
    if why.startswith("Signature verification failed"):
        return _signature_failed(changed)
    if why.startswith("The specified alg"):
        return "A verifier accepts only the algorithms that it expects. Otherwise, the attacker would choose one."
    return next((text for beginning, text in EXPLANATIONS.items() if why.startswith(beginning)), "")


def _not_enough_segments(token: str) -> str:
    count = token.count(".") + 1
    found = "one segment and no dot" if count == 1 else f"{count} segments"
    return (
        "A segment is the text between two dots. A token has three: header, payload and signature, "
        f"each in base64url. This text has {found}. {_what_it_looks_like(token, count)}"
    ).strip()


def _what_it_looks_like(token: str, count: int) -> str:
    if count == 2 and read(token).header:
        return "It begins like a token, so its signature may have been cut off."
    if token.startswith("ey"):
        return "It begins like a token, so its end may have been cut off."
    return "An API key or a session ID looks like this; only its issuer can read it." if token.isalnum() else ""


def _signature_failed(changed: Collection[PartName]) -> str:
    edited = [name for name in ("header", "payload") if name in changed]
    if edited:
        return f"The {' and the '.join(edited)} changed after signing, so the signature no longer fits."
    if "signature" in changed:
        return "The signature was changed, so it no longer fits header and payload."
    return "The signature was made for a different text or with a different key."
