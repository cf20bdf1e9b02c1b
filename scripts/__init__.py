"""Everything the site is made with; scripts/README.md gives each file one line."""
import sys

# jsonschema, which nbformat imports, would compile a grammar for international web addresses: 1.5 s at every start,
# and nothing here has such an address validated.
sys.modules.setdefault("rfc3987_syntax", None)
