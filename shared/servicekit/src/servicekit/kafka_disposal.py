"""`python -m servicekit.kafka_disposal`: what the platform has on Kafka, deleted for good."""

import argparse
import asyncio
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, for_code

from contracts.registry import TOPICS
from servicekit.kafka import add_connection, connection, connection_of, end, group_topics
from servicekit.kafka_access import remove_account
from servicekit.kafka_accounts import accounts
from servicekit.kafka_rights import SERVICES, account_of_subscriber
from servicekit.settings import Kafka


class AnotherCluster(Exception):
    """The cluster is not the one that was named; nothing was deleted."""


@dataclass(frozen=True)
class Belongings:
    """What is the platform's on a cluster: topics and accounts, by name."""

    cluster: str
    topics: tuple[str, ...]
    accounts: tuple[str, ...]

    def lines(self) -> list[str]:
        """One for each, as a list of what is deleted shows them."""
        return [
            *(f"topic {name}" for name in self.topics),
            *(f"account {n}" for n in self.accounts),
        ]


async def look(kafka: Kafka) -> Belongings:
    """Topics of the contracts and of consumer groups, and accounts of services and subscribers.

    Raises KafkaError.
    """
    ours = {*TOPICS, *(topic.name for topic in await group_topics(kafka))}
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        cluster = (await admin.describe_cluster())["cluster_id"]
        topics = sorted(ours & set(await admin.list_topics()))
    finally:
        await end(admin.close())
    async with accounts(kafka) as known:
        names = [
            name
            for name in sorted(await known.known())
            if name in SERVICES or name.startswith(account_of_subscriber(""))
        ]
    return Belongings(cluster, tuple(topics), tuple(names))


async def delete(kafka: Kafka, cluster: str) -> Belongings:
    """Delete all of it for good and return what it was.

    The groups' positions go with their topics. Raises AnotherCluster, or KafkaError.
    """
    found = await look(kafka)
    if found.cluster != cluster:
        raise AnotherCluster(f"this is the cluster {found.cluster}, not {cluster}")
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        answer = await admin.delete_topics(list(found.topics))
        for name, code, *_ in answer.topic_error_codes:
            if code:
                raise for_code(code)(name)
    finally:
        await end(admin.close())
    for name in found.accounts:
        await remove_account(kafka, name)
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m servicekit.kafka_disposal",
        description=__doc__,
        epilog="See docs/runbooks/end-the-platform.md.",
    )
    add_connection(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print the cluster's id, and the platform's topics, accounts")
    deleting = commands.add_parser("delete", help="delete them for good, with all their records")
    deleting.add_argument("--cluster", required=True, metavar="ID", help="its id, see `list`")
    arguments = parser.parse_args()
    kafka = connection_of(parser, arguments)
    try:
        if arguments.command == "list":
            found = asyncio.run(look(kafka))
            print(f"cluster {found.cluster}")
        else:
            found = asyncio.run(delete(kafka, arguments.cluster))
        print("\n".join(found.lines()))
    except KafkaConnectionError as error:
        parser.exit(1, f"Kafka does not answer at {kafka.bootstrap_servers}: {error}\n")
    except KafkaError as error:
        parser.exit(1, f"Kafka refuses: {type(error).__name__}: {error}\n")
    except (AnotherCluster, OSError) as error:
        parser.exit(1, f"kafka disposal: {error}\n")


if __name__ == "__main__":
    main()
