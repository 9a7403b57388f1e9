"""The store: committed units, read, judged and written. The only writer of `.jiti/`. Standard library only."""
