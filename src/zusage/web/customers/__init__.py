"""Customers: the list, the figures of a run, the class in force, what was chosen, decided and noted."""
