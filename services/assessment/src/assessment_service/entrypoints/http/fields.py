"""Parts of bodies that several routes use. Bodies check data's shape, the domain its meaning."""

from typing import Annotated

from pydantic import Field, StringConstraints

from servicekit.text import Line, Prose

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]  # PostgreSQL's integer
Text = Annotated[
    dict[Language, Annotated[Line, Field(max_length=1000)]],
    Field(description="Language code > text.", examples=[{"sv": "Ofta", "en": "Often"}]),
]
Reason = Annotated[Prose, Field(max_length=2000)]
