"""Consents and objections of customers, and what they allow."""
