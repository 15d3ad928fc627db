"""Who somebody is, for which units and until when; the platform's own tokens."""
