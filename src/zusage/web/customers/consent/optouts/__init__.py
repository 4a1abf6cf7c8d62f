"""Objections to advertising as a list: what a mail program or a mail house gives back."""
