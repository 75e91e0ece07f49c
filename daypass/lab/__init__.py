"""The lab for learners: a playground for tokens, and a gallery of attacks. Neither can read the keys of the app."""
