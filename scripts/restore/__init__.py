"""Restore Chinese text that was read with the wrong code page, and keep such damage out."""
