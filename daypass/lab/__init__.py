"""What learners try out: tokens with keys of their own, and attacks with throw-away keys.

Nothing here can read a key of the app.
"""
