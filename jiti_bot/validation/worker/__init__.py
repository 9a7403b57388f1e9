"""The worker: runs in the project's interpreter, inside the sandbox. Standard library and the project's pytest only.

`__main__` enters the sandbox, imports what may be kept (pytest, third-party code) and forks once per job; a job's code
runs in the fork alone. Nothing is imported here.
"""
