"""HTTP: instruments."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from assessment_service.application import handlers
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import InstrumentPublisher, InstrumentReader
from assessment_service.entrypoints.http.fields import Code
from assessment_service.entrypoints.http.instrument_schemas import (
    COLUMNS,
    InstrumentBody,
    InstrumentCard,
)
from assessment_service.entrypoints.http.kept_answer import NEVER_CHANGES, NOT_MODIFIED, kept_answer
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["instruments"])


@router.post("/instruments", status_code=201, response_model=InstrumentBody)
async def publish_instrument(
    request: Request, caller: InstrumentPublisher, key: IdempotencyKey, body: InstrumentBody
) -> Response:
    """Publish a version of an instrument. It never changes: publish a new version instead."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> InstrumentBody:
            await handlers.publish_instrument(body.to_domain(), uow)
            return body

        return await idempotent(uow, key, produce, status=201)


@router.get(
    "/instruments",
    response_model=Page[InstrumentCard],
    responses=also_csv(COLUMNS, ("um-self-assessment", 1, "sv, en", 28, 3)),
)
async def list_instruments(
    request: Request,
    caller: InstrumentReader,
    page: PageQuery,
    as_csv: WantsCsv,
    instrument_id: Code | None = None,
) -> Page[InstrumentCard] | Response:
    """Versions of one or all instruments, by id, the newest of each first.

    With `Accept: text/csv` all of them in one file.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        if as_csv:
            cards = map(
                InstrumentCard.of, await every(partial(uow.instruments.page, instrument_id))
            )
            return await csv_answer("instruments", COLUMNS, [card.row() for card in cards])
        found, total = await uow.instruments.page(instrument_id, page)
    return page.holding([InstrumentCard.of(one) for one in found], total)


@router.get(
    "/instruments/{instrument_id}/versions/{version}",
    response_model=InstrumentBody,
    responses=NOT_MODIFIED,
)
async def get_instrument(
    request: Request,
    caller: InstrumentReader,
    instrument_id: Code,
    version: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> Response:
    """One version, with its source and licence. It never changes and can be kept."""
    app = app_of(request)
    found = await app.reading.instrument(instrument_id, version)
    known = request.headers.get("if-none-match", "")
    return kept_answer(app.instrument_json(found), NEVER_CHANGES, known)
