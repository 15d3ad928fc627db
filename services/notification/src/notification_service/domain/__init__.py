"""Rules about messages and subscriptions, without I/O."""
