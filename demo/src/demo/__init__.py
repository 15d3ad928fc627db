"""The main job end to end on sample data: four pilots, an evaluation, a decision, waves."""
