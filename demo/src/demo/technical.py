"""The technical page: what was lost or repeated, events by topic, webhooks, kills and seconds."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo.charts import Row, Shape, chart
from demo.markup import Html, details, element, facts, join, paragraph, section, table, tiles
from demo.wording import BEHAVIOURS, MARKS, NOT_SHOWN, OCCASIONS, Language, wave_name
from demo.wording_technical import ACTIONS, CHECKS, PARTS, REFUSALS

_COUNTS = ("asked", "found", "lost", "duplicates", "unexpected")


def content(result: Mapping[str, Any], say: Language) -> Html:
    """Everything between the page's navigation and its foot."""
    return join(
        _header(result, say),
        _count(result["checks"], say),
        _events(result["events_by_topic"], say),
        _course(result, say),
        _refusals(result["refusals"], say),
        _releases(result["releases"], say),
        _subscriber(result["subscriber"], say),
        _run(result, say),
    )


def _header(result: Mapping[str, Any], say: Language) -> Html:
    lost, duplicates, webhooks = result["lost"], result["duplicates"], result["webhooks"]
    verdict = say(
        f"{lost} förlorade och {duplicates} dubbletter, oberoende räknat.",
        f"{lost} lost and {duplicates} duplicates, counted independently.",
    )
    numbers = (
        (result["events"], say("händelser", "events")),
        (result["mails"]["delivered"], say("mejl", "mails")),
        (webhooks["verified"], say("webhooks med rätt signatur", "webhooks, signature right")),
        (webhooks["refused"], say("webhooks med fel signatur", "webhooks, signature wrong")),
        (result["dead_letters"], say("händelser som lades åt sidan", "dead letters")),
        (result["answers"], say("svar", "answers")),
    )
    return element(
        "header",
        element("h1", say("Teknisk räkning", "Technical count")),
        paragraph(
            say(
                "Körningen gick på riktiga servrar och genom öppna gränssnitt.",
                "The run used real servers and public interfaces.",
            ),
            css="lead",
        ),
        paragraph(element("strong", verdict), css="bad" if lost or duplicates else "good"),
        tiles((say.number(value), name) for value, name in numbers),
    )


def _count(checks: Sequence[Mapping[str, Any]], say: Language) -> Html:
    head = (
        (say("Jämförelse", "Comparison"), ""),
        (say("Ska finnas", "Asked"), "n"),
        (say("Finns", "Found"), "n"),
        (say("Förlorade", "Lost"), "n"),
        (say("Dubbletter", "Duplicates"), "n"),
        (say("Oväntade", "Unexpected"), "n"),
    )
    rows = [
        [say(*CHECKS[check["code"]]), *(say.number(check[name]) for name in _COUNTS)]
        for check in checks
    ]
    return section(
        say("Oberoende räkning", "Independent count"),
        paragraph(
            say(
                "Efteråt jämförs det som begärdes med det som hände. En egen läsare läser alla "
                "ämnen från början, databasernas utkorgar, mejlen och mottagna webhooks.",
                "Afterwards, what was asked for is compared with what happened. An independent "
                "reader reads all topics from the start, the databases' outboxes, the mails and "
                "the received webhooks.",
            )
        ),
        table(head, rows),
    )


def _events(topics: Sequence[Mapping[str, Any]], say: Language) -> Html:
    most = max((topic["events"] for topic in topics), default=1)
    rows = [
        Row(
            topic["topic"],
            [Shape("external" if topic["external"] else "bar", 0, 100 * topic["events"] / most)],
            say.number(topic["events"]),
        )
        for topic in topics
    ]
    return section(
        say("Händelser per ämne", "Events by topic"),
        paragraph(say("Blå: öppna för andra system.", "Blue: open to other systems."), css="soft"),
        chart(rows),
    )


def _course(result: Mapping[str, Any], say: Language) -> Html:
    """Seconds: how long each part took, and when a process was killed."""
    seconds, unit = result["seconds"], say("s", "s")
    rows = [(say("Start av servrarna", "Set-up of the servers"), seconds["setup"])]
    rows += [(say(*PARTS[part["phase"][0]]), part["seconds"]) for part in result["phases"]]
    rows += [(say("Räkning", "Count"), seconds["count"])]
    kills = [m["at"] for m in result["timeline"]["marks"] if m["kind"] == "killed"]
    return section(
        say("Tid och störningar", "Time and disturbances"),
        table(
            ((say("Del", "Part"), ""), (say("Tid", "Time"), "n")),
            [(name, f"{say.number(took, 1)}\u00a0{unit}") for name, took in rows],
        ),
        *(
            paragraph(
                say(
                    f"{say(*MARKS['killed'])} med kill -9 {say.number(at, 1)} s efter pilotens "
                    "start. Den kom tillbaka och fortsatte där den var.",
                    f"{say(*MARKS['killed'])} with kill -9 {say.number(at, 1)} s after the start "
                    "of the pilot. It came back and continued where it was.",
                )
            )
            for at in kills
        ),
    )


def _refusals(refusals: Sequence[Mapping[str, Any]], say: Language) -> Html:
    head = (
        (say("Försök", "Attempt"), ""),
        (say("Kod", "Code"), ""),
        (say("Varför det inte gick", "Why it was refused"), ""),
    )
    rows = [
        (
            say(*ACTIONS.get(r["action"], (r["action"], r["action"]))),
            element("code", r["code"]),
            say(*REFUSALS.get(r["code"], (r["code"], r["code"]))),
        )
        for r in refusals
    ]
    return section(
        say("När plattformen sade nej", "When the platform refused"),
        paragraph(
            say(
                "Körningen försöker med flit göra det som inte får gå.",
                "The run tries on purpose what must not work.",
            )
        ),
        table(head, rows),
    )


def _releases(releases: Sequence[Mapping[str, Any]], say: Language) -> Html:
    head = [(say("Visning", "Release"), ""), (say("Enheter", "Units"), "n")]
    head += [(say(*words), "n") for words in BEHAVIOURS.values()]
    rows = [
        [_release_name(release, say), str(release["units"])]
        + [
            say(*NOT_SHOWN) if index is None else str(index)
            for index in release["behaviours"].values()
        ]
        for release in releases
    ]
    shown = sum(release["visibility"] == "shown" for release in releases)
    return section(
        say("Resultat som andra system kan läsa", "Results that other systems can read"),
        paragraph(
            say(
                f"Resultaten visades {len(releases)} gånger, alltid för hela regionen samlad. "
                f"{shown} gånger räckte svaren för att visa ett värde. Enheterna i en våg visas "
                "tillsammans. En enhet ensam visas aldrig.",
                f"Results were released {len(releases)} times, always for the whole region "
                f"together. {shown} times there were enough answers to show a value. The units of "
                "a wave are released together. One unit alone is never shown.",
            )
        ),
        details(say("Visa alla", "Show all"), table(head, rows)),
    )


def _release_name(release: Mapping[str, Any], say: Language) -> str:
    waves = " + ".join(say(*wave_name(wave)) for wave in release["waves"])
    return f"{waves}, {say(*OCCASIONS[release['occasion']])}"


def _subscriber(subscriber: Mapping[str, Any], say: Language) -> Html:
    received, invalid = subscriber["received"], subscriber["invalid"]
    return section(
        say("Ett annat system läser med", "Another system reads along"),
        paragraph(
            say(
                f"Byggt enbart på den publicerade händelsekatalogen. Det läste {received} "
                f"händelser, och {invalid} av dem bröt mot sitt schema. De första:",
                f"Built from the published event catalogue only. It read {received} events, and "
                f"{invalid} of them broke their schema. The first ones:",
            )
        ),
        element("pre", "\n".join(subscriber["lines"]), tabindex="0"),
    )


def _run(result: Mapping[str, Any], say: Language) -> Html:
    machine = result["machine"]
    return section(
        say("Körningen", "The run"),
        facts(
            (
                (say("Enheter", "Units"), say.number(result["units"])),
                (say("Exempelpersoner", "Sample people"), say.number(result["people"])),
                (say("Slumptalets frö", "Random seed"), str(result["seed"])),
                (say("Processorer", "Processors"), str(machine["cpus"])),
                ("Python", machine["python"]),
            )
        ),
    )
