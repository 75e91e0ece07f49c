"""The files of a folder, opened so that no path leads out of it. Who may see them is decided in `web`."""
