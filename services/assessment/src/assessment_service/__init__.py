"""Self-assessment: instruments, rounds, answers, and results released by the privacy rule."""
