"""The bot's work in stages that hand files to each other, so that each can run on a machine of its own."""
