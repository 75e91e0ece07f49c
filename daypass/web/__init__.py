"""Everything that reads a request or writes a response.

Decisions that need no request belong to the packages that this one uses.
"""
