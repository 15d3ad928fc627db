"""Reads a round in one round trip, for whoever opens its page."""

from types import SimpleNamespace
from uuid import UUID

from assessment_service.adapters.direct_pool import DirectPool
from assessment_service.adapters.rounds import ONE_ROUND, to_round
from assessment_service.application.sealing_ports import RoundFacts


class PostgresRoundFacts:
    """The port `ReadRound`."""

    def __init__(self, pool: DirectPool) -> None:
        self._pool = pool

    async def __call__(self, round_id: UUID) -> RoundFacts | None:
        async with self._pool.connection() as connection:
            found = await connection.fetchrow(ONE_ROUND, round_id)
        if found is None:
            return None
        row = SimpleNamespace(**found)
        return RoundFacts(
            to_round(row), bytes(row.public_key), row.envelope is not None, row.is_in_group
        )
