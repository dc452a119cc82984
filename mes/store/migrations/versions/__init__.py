"""One file per version of the schema. A published version is never changed."""
