"""The office in the browser: one Django application with rooms; requests come in, pages and rows go out."""
