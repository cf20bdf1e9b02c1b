"""Run the notebooks, keep what they showed, hand it to the pages."""
