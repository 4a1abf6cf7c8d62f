"""The same job, written for each engine: a book (a folder of Parquet files) and a folder to write to come in."""
