"""Marks texts for the catalogues; a page translates them."""


def N_(text: str) -> str:
    return text
