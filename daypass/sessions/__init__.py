"""Sessions and API tokens: start, renew, end, and the claims of their tokens. Browsers and cookies belong in `web`."""
