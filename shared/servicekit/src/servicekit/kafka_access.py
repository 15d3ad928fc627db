"""An administrator's command: the accounts of Kafka and what each may do, as the matrix has it."""

import argparse
import asyncio
import os
import secrets
from collections.abc import Collection, Iterable, Mapping

from aiokafka.errors import KafkaConnectionError, KafkaError

from servicekit.kafka import add_connection, connection_of
from servicekit.kafka_accounts import Accounts, Entry, account_in, accounts, entry_of
from servicekit.kafka_certificate import reload_certificate
from servicekit.kafka_rights import (
    MATRIX,
    SERVICES,
    SUBSCRIBER_LIMITS,
    Right,
    account_of_subscriber,
    rights_of_subscriber,
)
from servicekit.settings import Kafka

_SUBSCRIBERS = account_of_subscriber("")
_SETTLING_SECONDS = 10


class CannotGive(Exception):
    """It is refused, with a reason for the administrator; nothing was changed."""


def password_variable(service: str) -> str:
    """The environment variable from which the service and this command take its password."""
    return f"{service.upper()}_KAFKA__SASL_PASSWORD"


async def apply(kafka: Kafka, environment: Mapping[str, str]) -> list[str]:
    """Give every service its account and exactly its rights; renew subscribers' rights and limits.

    A password is taken from the environment; without it an account keeps the one that it has.
    Returns lines that say what was done. Raises CannotGive, or KafkaError.
    """
    async with accounts(kafka) as cluster:
        known = await cluster.known()
        given = {one: environment.get(password_variable(one), "") for one in SERVICES}
        passwords = {service: password for service, password in given.items() if password}
        if missing := [one for one in SERVICES if one not in known and one not in passwords]:
            names = ", ".join(map(password_variable, missing))
            raise CannotGive(f"set {names}: a new account needs a password")
        await _set_passwords(cluster, passwords)
        subscribers = [name for name in known if name.startswith(_SUBSCRIBERS)]
        theirs = [rights_of_subscriber(name.removeprefix(_SUBSCRIBERS)) for name in subscribers]
        added, taken = await _give(cluster, MATRIX.union(*theirs), (*SERVICES, *subscribers))
        for subscriber in subscribers:
            await cluster.limit(subscriber, SUBSCRIBER_LIMITS)
        strangers = {account_in(entry) for entry in await cluster.entries()}
        strangers -= {*SERVICES, *subscribers}
    return [
        f"accounts: {len(SERVICES)} of services, {len(passwords)} passwords set; "
        f"{len(subscribers)} of subscribers",
        f"rights: {added} added, {taken} taken away",
        *(f"WARNING: {name} has rights and is not in the matrix" for name in sorted(strangers)),
    ]


async def add_subscriber(kafka: Kafka, name: str, *, new_password: bool = False) -> str:
    """Make another system's account with exactly its rights and limits; returns its password.

    Raises CannotGive if the account is there and no new password is asked for, or KafkaError.
    """
    rights, account = rights_of_subscriber(name), account_of_subscriber(name)
    async with accounts(kafka) as cluster:
        if account in await cluster.known() and not new_password:
            raise CannotGive(f"{account} is there; --new-password replaces its password")
        password = secrets.token_urlsafe(24)
        await cluster.limit(account, SUBSCRIBER_LIMITS)
        await _set_passwords(cluster, {account: password})
        await _give(cluster, rights, (account,))
    return password


async def remove_subscriber(kafka: Kafka, name: str) -> None:
    """Remove another system's account, rights and limits. Raises CannotGive if there is none."""
    account = account_of_subscriber(name)
    async with accounts(kafka) as cluster:
        if account not in await cluster.known():
            raise CannotGive(f"there is no account {account}")
    await remove_account(kafka, account)


async def remove_account(kafka: Kafka, account: str) -> None:
    """Remove an account, its rights and limits. Raises KafkaError."""
    async with accounts(kafka) as cluster:
        await _give(cluster, (), (account,))
        await cluster.limit(account, dict.fromkeys(SUBSCRIBER_LIMITS))
        await cluster.remove(account)


async def _give(
    cluster: Accounts, rights: Iterable[Right], whose: Collection[str]
) -> tuple[int, int]:
    """Make the entries of these accounts exactly the rights; returns how many were added, taken.

    Returns when the broker goes by them.
    """
    wanted = {entry_of(right) for right in rights}
    found = await _entries_of(cluster, whose)
    if missing := wanted - found:
        await cluster.add(missing)
    if surplus := found - wanted:
        await cluster.take_away(surplus)
    async with asyncio.timeout(_SETTLING_SECONDS):
        while await _entries_of(cluster, whose) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return len(missing), len(surplus)


async def _entries_of(cluster: Accounts, whose: Collection[str]) -> set[Entry]:
    return {entry for entry in await cluster.entries() if account_in(entry) in whose}


async def _set_passwords(cluster: Accounts, passwords: Mapping[str, str]) -> None:
    for account, password in passwords.items():
        await cluster.set_password(account, password)
    async with asyncio.timeout(_SETTLING_SECONDS):
        while not await cluster.known() >= passwords.keys():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def table(rights: Iterable[Right]) -> str:
    """The rights as lines: account, operations, kind and name."""
    joined: dict[tuple[str, str, str], list[str]] = {}
    for right in sorted(rights):
        name = f"{right.name}*" if right.prefixed else right.name
        joined.setdefault((right.account, right.kind, name), []).append(right.operation)
    return "\n".join(
        f"{account:<24} {kind:<6} {name:<44} {' '.join(operations)}"
        for (account, kind, name), operations in joined.items()
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m servicekit.kafka_access", description=__doc__)
    add_connection(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show", help="print the matrix; needs no Kafka")
    commands.add_parser(
        "apply",
        help="make the services' accounts and rights, renew the rights and limits of subscribers;"
        " may be repeated. Passwords:"
        f" {password_variable('assessment')} and so on",
    )
    adding = commands.add_parser("add-subscriber", help="an account for another system")
    adding.add_argument("--new-password", action="store_true", help="for one that is there")
    removing = commands.add_parser("remove-subscriber", help="remove such an account")
    reloading = commands.add_parser(
        "reload-certificate", help="have the brokers read a replaced certificate"
    )
    reloading.add_argument("--listener", default="ACCOUNTS", help="(default: ACCOUNTS)")
    reloading.add_argument("--keystore", required=True, help="its file, as the brokers know it")
    for command in (adding, removing):
        command.add_argument("name", metavar="NAME", help="the system's, for example hr")
    return parser


async def _run(kafka: Kafka, arguments: argparse.Namespace) -> list[str]:
    if arguments.command == "apply":
        return await apply(kafka, os.environ)
    if arguments.command == "reload-certificate":
        brokers = await reload_certificate(kafka, arguments.listener, arguments.keystore)
        return [f"read again by the brokers {', '.join(brokers)}"]
    if arguments.command == "remove-subscriber":
        await remove_subscriber(kafka, arguments.name)
        return [f"removed {account_of_subscriber(arguments.name)}"]
    password = await add_subscriber(kafka, arguments.name, new_password=arguments.new_password)
    return [
        f"account: {account_of_subscriber(arguments.name)}",
        f"password, shown once: {password}",
        table(rights_of_subscriber(arguments.name)),
    ]


def main() -> None:
    """The command."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.command == "show":
        print(table(MATRIX))
        return
    kafka = connection_of(parser, arguments)
    try:
        print("\n".join(asyncio.run(_run(kafka, arguments))))
    except KafkaConnectionError as error:
        parser.exit(1, f"Kafka does not answer at {kafka.bootstrap_servers}: {error}\n")
    except KafkaError as error:
        parser.exit(1, f"Kafka refuses: {type(error).__name__}: {error}\n")
    except TimeoutError:
        parser.exit(1, "kafka access: the broker does not go by the changes yet; repeat it\n")
    except (CannotGive, ValueError, OSError) as error:
        parser.exit(1, f"kafka access: {error}\n")


if __name__ == "__main__":
    main()
