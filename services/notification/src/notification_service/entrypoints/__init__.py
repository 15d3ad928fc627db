"""What drives the service: HTTP requests and events."""
