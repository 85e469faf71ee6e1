"""The hash-chained audit trail: salted hashes in the chain, personal text beside it."""
