"""Accounts and access control lists on a Kafka cluster, by Kafka's own protocol.

aiokafka knows neither the requests for SCRAM accounts (KIP-554) and quotas (KIP-546) nor lists of
more than one entry.
"""

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
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Float64,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from servicekit.kafka import connection
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
        answer = await self._send(Built(_DescribeScram([], {})))
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
        answer = await self._send(Built(_AlterScram(removed, written, {})))
        for _, code, message, _ in answer.results:
            if code != _NOT_FOUND:
                _check(code, message)

    async def limit(self, account: str, limits: Mapping[str, float | None]) -> None:
        """Set the account's client quotas (KIP-546), by Kafka's names; None takes one away."""
        whose: list[Any] = [("user", account, {})]
        changes: list[Any] = [
            (name, value or 0, value is None, {}) for name, value in limits.items()
        ]
        answer = await self._send(Built(_AlterQuotas([(whose, changes, {})], False, {})))
        for code, message, *_ in answer.entries:
            _check(code, message)

    async def limits(self, account: str) -> dict[str, float]:
        """The account's client quotas."""
        question = _DescribeQuotas([("user", _EXACTLY, account, {})], True, {})
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


class Built(Request[RequestStruct]):  # type: ignore[misc]  # the client has no types
    """A request whose version is known: that of Kafka 4."""

    API_KEY = -1

    def __init__(self, built: RequestStruct) -> None:
        self._built = built

    def prepare(self, versions: dict[int, tuple[int, int]]) -> RequestStruct:
        return self._built

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        return self._built


class _DescribedScram(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 50, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                (
                    "credential_infos",
                    CompactArray(("mechanism", Int8), ("iterations", Int32), ("t", TaggedFields)),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeScram(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE, FLEXIBLE_VERSION = 50, 0, _DescribedScram, True
    SCHEMA = Schema(
        ("users", CompactArray(("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("tags", TaggedFields),
    )


class _AlteredScram(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScram(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE, FLEXIBLE_VERSION = 51, 0, _AlteredScram, True
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(
                ("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)
            ),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


_QUOTA_OF = CompactArray(
    ("type", CompactString("utf-8")), ("name", CompactString("utf-8")), ("tags", TaggedFields)
)


class _AlteredQuotas(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 49, 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            CompactArray(
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("entity", _QUOTA_OF),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterQuotas(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE, FLEXIBLE_VERSION = 49, 1, _AlteredQuotas, True
    SCHEMA = Schema(
        (
            "entries",
            CompactArray(
                ("entity", _QUOTA_OF),
                (
                    "ops",
                    CompactArray(
                        ("key", CompactString("utf-8")),
                        ("value", Float64),
                        ("remove", Boolean),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("validate_only", Boolean),
        ("tags", TaggedFields),
    )


class _DescribedQuotas(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 48, 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "entries",
            CompactArray(
                ("entity", _QUOTA_OF),
                (
                    "values",
                    CompactArray(
                        ("key", CompactString("utf-8")), ("value", Float64), ("tags", TaggedFields)
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeQuotas(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE, FLEXIBLE_VERSION = 48, 1, _DescribedQuotas, True
    SCHEMA = Schema(
        (
            "components",
            CompactArray(
                ("entity_type", CompactString("utf-8")),
                ("match_type", Int8),
                ("match", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("strict", Boolean),
        ("tags", TaggedFields),
    )
