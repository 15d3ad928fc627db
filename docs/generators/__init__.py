"""One module per kind of derived document; each has `files(root) -> {path: content}`."""
