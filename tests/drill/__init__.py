"""`make drill`: destroy the databases and Temporal of a stack under load, restore them, verify."""
