"""Make, read, tamper with and verify tokens, with keys that visitors bring."""
