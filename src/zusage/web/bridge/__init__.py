"""The only way from the web to the table engine: querysets it is handed become tables, tables become rows again.

It imports no room; no other file of the web calls book, cost, classes, capacity, engine or plan.
"""
