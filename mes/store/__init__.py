"""The books: journal, batches, lots and genealogy in one SQL database; one writer, nothing deleted."""
