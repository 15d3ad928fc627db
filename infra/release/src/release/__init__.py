"""What a release is made of: its components, their licences and known faults, its signed notes."""
