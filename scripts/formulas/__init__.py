"""Formulas: rendered at build time, named, collected for search."""
