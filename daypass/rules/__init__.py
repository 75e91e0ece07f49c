"""Rules that decide who may see which page: file parser, loader, matching and explanation. Independent of Flask."""
