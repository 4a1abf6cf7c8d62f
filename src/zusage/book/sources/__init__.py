"""One file per format: the bytes of a file come in, grids of cells with their line numbers come out."""
