"""Training: the controls of a demonstration, for trainers."""
