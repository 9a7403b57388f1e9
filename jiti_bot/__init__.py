"""jiti-bot: write the signature and the docstring; review a body that your own tests have proved."""
