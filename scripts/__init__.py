"""Everything the site is made with; scripts/README.md gives each file one line."""
