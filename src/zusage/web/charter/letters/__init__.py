"""Letters to customers: what each says, in waves, printed or by mail."""
