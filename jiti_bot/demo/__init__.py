"""The main job on a small library, from a stored session of model replies: everything but the words is real."""
