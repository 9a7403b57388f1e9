"""A repository set up for jiti: the project as it is -> a list of edits, each of which only inserts; one writer.

`look` reads, `plan` decides and is pure, `write` writes. Text is inserted as text and the result is read again: it has
to say what it said before and what was added, or the edit is left to a person. So comments, quotes, order and line ends
stay as they are, byte for byte.
"""
