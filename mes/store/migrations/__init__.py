"""The versions of the schema, in order; `mes.store.versions` applies them."""
