"""Modules, meeting kits and learning: what a unit works with, and what it did."""
