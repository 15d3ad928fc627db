"""Units, rollouts and their Temporal workflows: pilot, evaluation, decision, wide introduction."""
