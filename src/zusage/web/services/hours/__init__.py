"""How long things take and how many hours there are: standard and measured times, roles."""
