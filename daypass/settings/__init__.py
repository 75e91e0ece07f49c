"""Settings from environment variables, parsed one by one and then checked together.

Nothing reads the environment elsewhere.
"""
