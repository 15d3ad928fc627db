"""What importing a unit file would do, decided before anything is written: all of it, or nothing.

A unit missing from the file is reported as absent and kept: journeys hang on it. A unit may have no
people, as some have in every HR system's tree: it takes no part. A unit whose journey is under way
keeps what a journey needs: people, and no unit below it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from workflow_service.domain.organisation import unit as units
from workflow_service.domain.organisation.fault_text import FaultText
from workflow_service.domain.organisation.unit import Unit, UnitEvent, UnitFacts, UnitTree
from workflow_service.domain.organisation.unit_file import Fault, FileErrors, Record

_SHOWN_OF_RING = 10
_OURS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A known unit, and which columns differ."""

    unit_id: str
    fields: tuple[str, ...]


@dataclass
class ImportPlan:
    """The difference between the file and what is known, and the units to store and events.

    `without_people` are the units of the file that have neither people nor a unit below them;
    `dissolved` are those that have ended: their rows are left out.
    """

    added: list[str] = field(default_factory=list)
    changed: list[ChangedUnit] = field(default_factory=list)
    unchanged: int = 0
    absent: list[str] = field(default_factory=list)
    without_people: list[str] = field(default_factory=list)
    dissolved: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    events: list[UnitEvent] = field(default_factory=list)


def plan_import(
    records: Iterable[Record],
    faults: Sequence[Fault],
    known: Mapping[str, Unit],
    under_way: Collection[str] = (),
    headings: Mapping[str, str] = _OURS,
) -> ImportPlan:
    """Compare a unit file with the known units, by id. `faults` are those already found in its
    form; `under_way` are the units with a journey that has not ended; `headings` are what the file
    calls our columns, where it calls them otherwise.

    A file of 100,000 lines takes seconds: call it in a thread.
    Raises DomainError `unit-file-invalid` with the first 200 errors, by line and column.
    """
    errors = FileErrors(faults, headings)
    rows = _first_of_each_id(records, errors)
    gone = {unit_id for unit_id, unit in known.items() if unit.dissolved_on is not None}
    dissolved = sorted(rows.keys() & gone)
    rows = {unit_id: record for unit_id, record in rows.items() if unit_id not in gone}
    parents = {unit.unit_id: unit.facts.parent_id for unit in known.values()}
    parents |= {unit_id: record.values["parent_id"] or None for unit_id, record in rows.items()}
    tree = UnitTree(parents.items())
    _check_tree(rows, parents, tree, errors)
    _check_parents_live(rows, gone, errors)
    _check_journeys(rows, under_way, errors)
    facts = {
        key: _facts(record, errors, peopled=key in under_way)
        for key, record in rows.items()
        if record.whole
    }
    errors.raise_if_any()

    plan = ImportPlan(absent=sorted(known.keys() - rows.keys() - gone), dissolved=dissolved)
    living = UnitTree((key, above) for key, above in parents.items() if key not in gone)
    plan.without_people = sorted(
        key for key, each in facts.items() if each.headcount == 0 and living.is_leaf(key)
    )
    for unit_id in rows:
        _plan_unit(plan, known.get(unit_id), facts[unit_id])
    return plan


def _plan_unit(plan: ImportPlan, known: Unit | None, facts: UnitFacts) -> None:
    event: UnitEvent
    if known is None:
        unit, event = units.register(facts)
        plan.added.append(facts.unit_id)
    elif fields := [
        name
        for name in ("name", "kind", "parent_id", "headcount")
        if getattr(known.facts, name) != getattr(facts, name)
    ]:
        unit, event = units.change(known, facts)
        plan.changed.append(ChangedUnit(facts.unit_id, tuple(fields)))
    else:
        plan.unchanged += 1
        return
    plan.units.append(unit)
    plan.events.append(event)


def _first_of_each_id(records: Iterable[Record], errors: FileErrors) -> dict[str, Record]:
    rows: dict[str, Record] = {}
    for record in records:
        unit_id = record.values["unit_id"]
        if not units.UNIT_ID.fullmatch(unit_id):
            errors.add(record.line, "unit_id", _id_advice(unit_id))
        if unit_id and unit_id in rows:
            first = rows[unit_id].line
            text = "Unit {unit} is already on line {line}. Keep one of the two."
            detail = FaultText("unit-twice", text, unit=unit_id[:70], line=first)
            errors.add(record.line, "unit_id", detail)
        # A row whose id is unusable still has its other columns checked.
        rows.setdefault(unit_id or f"(line {record.line})", record)
    return rows


def _id_advice(unit_id: str) -> FaultText:
    if not unit_id:
        return FaultText("unit-id-missing", "Every unit needs an id.")
    return FaultText(
        "unit-id-wrong",
        "{unit!r} is not a unit id: use 1 to 63 lower-case letters a-z, digits or '-', starting"
        " with a letter or digit.",
        unit=unit_id[:70],
    )


def _check_tree(
    rows: Mapping[str, Record],
    parents: Mapping[str, str | None],
    tree: UnitTree,
    errors: FileErrors,
) -> None:
    for record in rows.values():
        parent_id = record.values["parent_id"]
        if record.whole and parent_id and parent_id not in parents:
            detail = FaultText(
                "parent-unknown",
                "Unit {unit} is neither in the file nor known already. Add it to the file, correct"
                " the id, or leave the column empty for a top unit.",
                unit=parent_id[:70],
            )
            errors.add(record.line, "parent_id", detail)
    for ring in tree.cycles():
        in_file = sorted((rows[unit_id].line, unit_id) for unit_id in ring if unit_id in rows)
        line, start = in_file[0]
        turn = ring.index(start)
        way = [*ring[turn:], *ring[:turn], start]
        if len(ring) > _SHOWN_OF_RING:
            way[_SHOWN_OF_RING:-1] = ["..."]
        detail = FaultText(
            "parents-in-ring",
            "These {count} units are their own parents: {ring}. Correct one of their parent_id.",
            count=len(ring),
            ring=" > ".join(way),
        )
        errors.add(line, "parent_id", detail)


def _check_parents_live(
    rows: Mapping[str, Record], gone: Collection[str], errors: FileErrors
) -> None:
    for record in rows.values():
        parent_id = record.values["parent_id"]
        if record.whole and parent_id in gone:
            text = "Unit {unit} was dissolved. Name the unit that this one is below now."
            detail = FaultText("parent-dissolved", text, unit=parent_id)
            errors.add(record.line, "parent_id", detail)


def _check_journeys(
    rows: Mapping[str, Record], under_way: Collection[str], errors: FileErrors
) -> None:
    for record in rows.values():
        parent_id = record.values["parent_id"]
        if record.whole and parent_id in under_way:
            detail = FaultText(
                "parent-under-way",
                "Unit {unit} has a journey under way, so no unit can be put below it. Wait until"
                " the journey has ended, or stop its rollout first.",
                unit=parent_id,
            )
            errors.add(record.line, "parent_id", detail)


def _facts(record: Record, errors: FileErrors, *, peopled: bool) -> UnitFacts:
    values = record.values

    def wrong(column: str) -> Callable[[FaultText], None]:
        return lambda detail: errors.add(record.line, column, detail)

    name = values["name"]
    if not name:
        wrong("name")(FaultText("unit-name-missing", "Every unit needs a name."))
    elif len(name) > units.MAX_NAME_LENGTH:
        text = "{count} characters; at most {most} are kept."
        most = units.MAX_NAME_LENGTH
        wrong("name")(FaultText("unit-name-too-long", text, count=len(name), most=most))
    if values["kind"] not in units.KINDS:
        text, choices = "{kind!r} is not one of: {choices}.", ", ".join(units.KINDS)
        kind = values["kind"][:40]
        wrong("kind")(FaultText("unit-kind-unknown", text, kind=kind, choices=choices))
    headcount = _headcount(values["headcount"], peopled, wrong("headcount"))
    return UnitFacts(
        unit_id=values["unit_id"],
        name=name,
        kind=values["kind"],
        parent_id=values["parent_id"] or None,
        headcount=headcount,
    )


def _headcount(text: str, peopled: bool, wrong: Callable[[FaultText], None]) -> int:
    """People in the unit; none if the column is empty. It must have some if it is `peopled`."""
    needed = FaultText(
        "headcount-needed", "A unit with a journey under way needs a headcount of at least 1."
    )
    if not text:
        if peopled:
            wrong(needed)
        return 0
    # int() alone would take "1_000", " 7" and other scripts' digits.
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        said = "{headcount!r} is not a whole number of people, such as 12."
        wrong(FaultText("headcount-no-number", said, headcount=text[:40]))
        return 0
    headcount = int(text[:40])
    if headcount < 0:
        said = "{headcount} people is not possible. Give the number of people, such as 12."
        wrong(FaultText("headcount-negative", said, headcount=headcount))
    elif headcount == 0 and peopled:
        wrong(needed)
    elif headcount > units.MAX_HEADCOUNT:
        said, most = "{headcount} is more than {most}. Check the number.", units.MAX_HEADCOUNT
        wrong(FaultText("headcount-too-large", said, headcount=text[:40], most=most))
    return headcount
