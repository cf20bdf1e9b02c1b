"""How long a notebook may take. Not part of a run's key: another limit does not make an old run wrong."""
CELL_SECONDS = 120
TOTAL_SECONDS = 300
