"""Use cases and the sending loop: standard library and the domain only."""
