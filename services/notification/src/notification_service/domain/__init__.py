"""Rules about recipients, messages and subscriptions: pure, standard library only."""
