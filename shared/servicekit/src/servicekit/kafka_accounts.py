"""Accounts, their quotas and access control lists on a Kafka cluster, by Kafka's own protocol."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DeleteAclsRequest_v1,
    DescribeAclsRequest,
)
from aiokafka.protocol.api import Request

from servicekit.kafka import connection
from servicekit.kafka_requests import AlterQuotas, AlterScram, Built, DescribeQuotas, DescribeScram
from servicekit.kafka_rights import Kind, Operation, Right
from servicekit.settings import Kafka

_SHA_512 = 2
_ITERATIONS = 4096  # the fewest that Kafka takes; passwords are random, and each login counts
_ANY, _ALLOW, _EVERYWHERE = 1, 3, "*"
_KINDS: Mapping[Kind, int] = {"topic": 2, "group": 3}
_OPERATIONS: Mapping[Operation, int] = {"read": 3, "write": 4, "create": 5, "delete": 6}
_PATTERNS = {False: 3, True: 4}
_EXACTLY = 0  # how a quota's account is looked for
_NOT_FOUND = 91  # no such account
Entry = tuple[int, str, int, str, str, int, int]
"""Resource type, name and pattern type; principal, host, operation, permission type."""


class Accounts:
    """Of the cluster that an administrator is logged in to. All raise KafkaError if it refuses."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def known(self) -> set[str]:
        """The accounts' names."""
        answer = await self._send(Built(DescribeScram([], {})))
        _check(answer.error_code, answer.error_message)
        return {user for user, *_ in answer.results}

    async def set_password(self, account: str, password: str) -> None:
        """Make the account, or replace its password. Who is logged in stays so."""
        salt = secrets.token_bytes(24)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
        await self._alter([], [(account, _SHA_512, _ITERATIONS, salt, salted, {})])

    async def remove(self, account: str) -> None:
        """Remove the account if it is there."""
        await self._alter([(account, _SHA_512, {})], [])

    async def _alter(self, removed: list[Any], written: list[Any]) -> None:
        answer = await self._send(Built(AlterScram(removed, written, {})))
        for _, code, message, _ in answer.results:
            if code != _NOT_FOUND:
                _check(code, message)

    async def limit(self, account: str, limits: Mapping[str, float | None]) -> None:
        """Set the account's client quotas (KIP-546), by Kafka's names; None takes one away."""
        whose: list[Any] = [("user", account, {})]
        changes: list[Any] = [
            (name, value or 0, value is None, {}) for name, value in limits.items()
        ]
        answer = await self._send(Built(AlterQuotas([(whose, changes, {})], False, {})))
        for code, message, *_ in answer.entries:
            _check(code, message)

    async def limits(self, account: str) -> dict[str, float]:
        """The account's client quotas."""
        question = DescribeQuotas([("user", _EXACTLY, account, {})], True, {})
        answer = await self._send(Built(question))
        _check(answer.error_code, answer.error_message)
        return {name: value for _, limits, _ in answer.entries for name, value, _ in limits}

    async def entries(self) -> set[Entry]:
        """All entries of the access control lists, of everybody."""
        answer = await self._send(DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
        _check(answer.error_code, answer.error_message)
        return {
            (kind, name, pattern, *entry)
            for kind, name, pattern, entries in answer.resources
            for entry in entries
        }

    async def add(self, entries: Iterable[Entry]) -> None:
        answer = await self._send(Built(CreateAclsRequest_v1(sorted(entries))))
        for code, message in answer.creation_responses:
            _check(code, message)

    async def take_away(self, entries: Iterable[Entry]) -> None:
        answer = await self._send(Built(DeleteAclsRequest_v1(sorted(entries))))
        for code, message, _ in answer.filter_responses:
            _check(code, message)

    async def _send(self, request: Request[Any]) -> Any:
        return await self._admin._send_to_controller(request)


@asynccontextmanager
async def accounts(kafka: Kafka) -> AsyncIterator[Accounts]:
    """Logged in as an administrator. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    try:
        await admin.start()
        yield Accounts(admin)
    finally:
        await admin.close()


def entry_of(right: Right) -> Entry:
    """The right as Kafka has it: from every host."""
    return (
        _KINDS[right.kind],
        right.name,
        _PATTERNS[right.prefixed],
        f"User:{right.account}",
        _EVERYWHERE,
        _OPERATIONS[right.operation],
        _ALLOW,
    )


def account_in(entry: Entry) -> str:
    """Whose entry it is."""
    return entry[3].removeprefix("User:")


def _check(code: int, message: str | None) -> None:
    if code:
        error: type[KafkaError] = for_code(code)
        raise error(message or error.description)
