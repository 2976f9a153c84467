"""What the programs run on: servers, settings, the terminal, the end."""
