"""Settings from environment variables, parsed one by one and then checked together.

No other package reads the environment.
"""
