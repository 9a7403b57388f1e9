"""The sandbox that model-written code runs in. Standard library only; nothing is imported here.

Two processes: the *supervisor* (our code, outside, see `supervisor`) starts and watches the *worker* (the project's
interpreter, inside, see `enter`). Modules used inside must run on any Python that a project may have (3.11 and newer).
"""
