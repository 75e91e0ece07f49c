"""JSON Web Tokens: claims, encoding, strict reading, and the cache of verified tokens.

Whether a session still lives is decided elsewhere.
"""
