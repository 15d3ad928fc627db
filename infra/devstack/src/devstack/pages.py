"""The one HTML frame of the stack's own small pages."""

import html


def page(title: str, body: str) -> str:
    """A complete page; `body` is trusted HTML, `title` is escaped."""
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
        "border-bottom:1px solid #ccc}pre{white-space:pre-wrap}button{font:inherit}"
    )
    safe = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{safe}</title>'
        f"<style>{style}</style></head><body><h1>{safe}</h1>{body}</body></html>"
    )
