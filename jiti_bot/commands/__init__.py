"""One module for each verb: ``add_arguments(parser)`` and ``run(arguments) -> int``.

A verb builds its collaborators, calls them and renders what they return. The first line of its docstring is its help.
"""
