"""Fold committed units back into their host source: the merged view that validation judges, and what merging writes."""
