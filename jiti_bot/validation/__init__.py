"""Candidates to verdicts: guards, ruff, ty, the sandboxed pytest worker, and the evidence.

Nothing is imported here: the worker loads parts of this package in the project's interpreter, standard library only.
"""
