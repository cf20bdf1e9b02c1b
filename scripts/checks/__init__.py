"""What must hold. Rules are declared in rules_*.py, each with an id that never changes and the fix in its message."""
