"""Messages by e-mail, and signed webhooks to other systems."""
