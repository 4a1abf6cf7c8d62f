"""Promises: classes and a policy come in, what is owed to whom goes out, in words and in tables."""
