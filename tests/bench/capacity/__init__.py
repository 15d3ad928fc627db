"""What the platform can take: load in steps up to the knee, and what a region of a size needs."""
