"""The pages and endpoints, one file per page or small group of pages.

A view reads the form, calls the domain packages, and renders the result.
"""
