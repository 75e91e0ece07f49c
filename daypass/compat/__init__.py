"""The names of other extensions, for code that was written for them: one module for each.

What Daypass itself does is not here.
"""
