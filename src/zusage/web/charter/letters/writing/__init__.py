"""Letters are composed here: rows of a customer come in, the letter as data goes out."""
