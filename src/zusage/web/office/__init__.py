"""The firm itself: people, rights, hours, the service model in force, jobs, backups, the log of changes."""
