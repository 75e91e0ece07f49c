"""Serve the files of the folder DAYPASS_SITE to visitors whom the rules allow them.

`daypass/static_site` finds and opens a file; here is who may see it, and the response that carries it.
"""
