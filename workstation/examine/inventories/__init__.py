"""Readers of bills of material: what a model or program is said to be made of."""
