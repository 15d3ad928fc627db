"""Plumbing shared by the services; knows no business word."""
