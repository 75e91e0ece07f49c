"""The lab: tokens written, read, judged and spoilt with keys that visitors bring. It knows no key of the app."""
