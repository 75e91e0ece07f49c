"""What an attacker does to a token: change a character, edit a claim, cut the signature off. Nothing is signed here."""


def change_character(text: str, place: int) -> str:
    """The token with the character at `place` (from 0) changed to another one that may stand there.

    Done twice it is the token again. Raises LabError for a place outside of the token, and for a dot.
    """
    raise NotImplementedError


def replace_claim(text: str, name: str, value: str) -> str:
    """The token with a claim set to `value`, a JSON text, and its signature kept. Raises LabError."""
    raise NotImplementedError


def replace_claims(text: str, claims: str) -> str:
    """The token with this JSON object as its payload, and its signature kept. Raises LabError."""
    raise NotImplementedError


def cut_signature(text: str) -> str:
    """The token up to and with its last dot. Raises LabError for text that has no three parts."""
    raise NotImplementedError
