"""The web portal. It has no rules of the domain: it shows what the services' APIs say."""
