"""What the services say to each other: event types, topics and their schemas."""
