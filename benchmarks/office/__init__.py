"""The office under load: pages, the desk and an import, with the figures it is held to."""
