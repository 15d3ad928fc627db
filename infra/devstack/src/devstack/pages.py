"""The one HTML frame of the stack's own small pages."""

import html


def page(title: str, body: str, language: str = "en") -> str:
    """A complete page; `body` is trusted HTML, `title` is escaped."""
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
        "border-bottom:1px solid #ccc;overflow-wrap:anywhere}pre{white-space:pre-wrap}"
        "button,input{font:inherit;max-width:100%}"
    )
    safe = html.escape(title)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{safe}</title>'
        f"<style>{style}</style></head><body><main><h1>{safe}</h1>{body}</main></body></html>"
    )
