"""What units should have done by today."""

from sqlalchemy import func, select

from content_service.adapters.tables import ActionRow
from servicekit.db import Transaction, table
from servicekit.operation import Backlog

_actions = table(ActionRow)
_OVERDUE = select(func.count()).where(
    _actions.c.outcome.is_(None),
    _actions.c.withdrawn_at.is_(None),
    _actions.c.check_back_on < func.current_date(),
)


async def backlogs(uow: Transaction) -> list[Backlog]:
    """Actions that no unit has looked back at by the day that it chose."""
    count = (await uow.connection.execute(_OVERDUE)).scalar_one()
    return [Backlog(kind="check_backs_overdue", count=count)]
