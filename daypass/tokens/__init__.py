"""JSON Web Tokens: claims, encoding, strict reading, and the cache of verified tokens.

Whether a session is still active is decided in `sessions`.
"""
