"""The stand-alone program: an app of its own, with its server, its log, the checks of proxies and a folder of pages.

What an app of somebody else's can use belongs into the extension.
"""
