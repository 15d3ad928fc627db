"""Rules about recipients, messages and subscriptions, without I/O."""
