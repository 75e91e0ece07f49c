"""Everything that reads a request or writes a response.

Code that needs no request belongs in the other packages.
"""
