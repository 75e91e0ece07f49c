"""Open the files of a folder, and nothing outside it. `web` decides who may see them."""
