"""What works here and what does not: facts gathered at the edge, each judged by a pure function.

A file holds one group of questions: its facts (a frozen value), `gather` or its like, which looks and never raises for
what is missing or broken, and the functions that judge. Nothing of a project is imported or executed, but for its
interpreter's start inside the sandbox and the wheel's build, which is asked for.
"""
