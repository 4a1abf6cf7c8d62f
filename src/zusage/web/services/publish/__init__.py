"""From draft to service model in force: check, publishing, versions, and who was told."""
