"""The page: a view of a plan comes in, its sections go out, each headed by a sentence with figures as its answer."""
