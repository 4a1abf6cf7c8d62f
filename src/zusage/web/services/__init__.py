"""The service model in the browser: drafts, classes, promises, times and hours, check and publishing."""
