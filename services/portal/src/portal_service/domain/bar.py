"""The picture of one value between two others: how much of the whole, and where the threshold is.
Lengths are in CSS pixels."""

WIDTH, HEIGHT = 136, 20
MARGIN = 8


def place(value: float, lowest: float = 0, highest: float = 100) -> float:
    """Where a value stands, from the left; what is outside stands at the end."""
    inside = min(max(value, lowest), highest)
    return round(MARGIN + (inside - lowest) * (WIDTH - 2 * MARGIN) / (highest - lowest), 1)
