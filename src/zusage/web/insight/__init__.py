"""The hours the promises need against the hours there are, in the browser."""
