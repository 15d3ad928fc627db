"""Use cases and the sending loop. They use the standard library and the domain only."""
