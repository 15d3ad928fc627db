"""Reads a rollout template from its JSON document. Every error is told, with its JSON pointer."""

from datetime import UTC, datetime, timedelta

from workflow_service.domain.duration import Duration
from workflow_service.domain.template import template as t
from workflow_service.domain.template.findings import Findings, Node

# Only for comparing durations with each other: months have a length once they have a start.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST_ROUND = timedelta(days=366)  # The assessment service refuses to open a longer one.


def parse_template(document: object) -> t.RolloutTemplate:
    """The template in a parsed JSON document.

    Raises DomainError `template-invalid` with one entry per error.
    """
    findings = Findings()
    root = Node(document, "", findings).members(
        "template_id", "version", "name", "steps", "pilot_gate", "waves", "minutes_asked"
    )
    template = t.RolloutTemplate(
        template_id=root["template_id"].code(),
        version=root["version"].integer(1, 1_000_000),
        name=_text(root["name"]),
        steps=_steps(root["steps"]),
        pilot_gate=_gate(root["pilot_gate"]),
        waves=_waves(root["waves"]),
        minutes_asked=_minutes_asked(root["minutes_asked"]),
    )
    findings.raise_if_any("template-invalid", "template")
    return template


def _text(node: Node) -> t.Text:
    languages = node.members(*t.LANGUAGES)
    return t.Text(sv=languages["sv"].text(), en=languages["en"].text())


def _steps(node: Node) -> t.Steps:
    steps = node.members(*t.STEPS)
    preparation = steps["preparation"].members("min_duration")
    return t.Steps(
        preparation=t.Preparation(preparation["min_duration"].duration()),
        baseline=_round(steps["baseline"]),
        modules=_modules(steps["modules"]),
        follow_up=_round(steps["follow_up"]),
        after_care=_after_care(steps["after_care"]),
    )


def _round(node: Node) -> t.Round:
    members = node.members("window", "instrument")
    instrument = members["instrument"].members("id", "version")
    window = members["window"].duration(at_least_some=True)
    if window.after(_ANY_DAY) - _ANY_DAY > _LONGEST_ROUND:
        members["window"].wrong("A round is open for a year at most.")
    return t.Round(
        window=window,
        instrument=t.InstrumentRef(
            instrument["id"].code(), instrument["version"].integer(1, 1_000_000)
        ),
    )


def _modules(node: Node) -> t.Modules:
    members = node.members("module_ids", "min_duration")
    module_ids: list[str] = []
    for item in members["module_ids"].items():
        module_id = item.code()
        if module_id and module_id in module_ids:
            item.wrong(f"{module_id} stands twice. Remove one.")
        module_ids.append(module_id)
    return t.Modules(tuple(module_ids), members["min_duration"].duration())


def _after_care(node: Node) -> t.AfterCare:
    checkpoints: list[Duration] = []
    latest = _ANY_DAY
    for item in node.members("checkpoints")["checkpoints"].items():
        checkpoint = item.duration(at_least_some=True)
        if checkpoint.after(_ANY_DAY) <= latest and checkpoints:
            item.wrong("Must be later than the checkpoint before it.")
        latest = checkpoint.after(_ANY_DAY)
        checkpoints.append(checkpoint)
    return t.AfterCare(tuple(checkpoints))


def _gate(node: Node) -> t.Gate:
    members = node.members("name", "criteria")
    criteria: list[t.Criterion] = []
    for item in members["criteria"].items():
        criterion = _criterion(item)
        if criterion.code and criterion.code in [other.code for other in criteria]:
            item.member("code", None).wrong(f"{criterion.code} stands twice. Rename one.")
        criteria.append(criterion)
    if criteria and all(criterion.dry_run for criterion in criteria):
        members["criteria"].wrong(
            "Every criterion is a dry run, so nothing would decide. Set dry_run to false on one."
        )
    return t.Gate(members["name"].text(), tuple(criteria))


def _criterion(node: Node) -> t.Criterion:
    members = node.members("code", "measure", "pass_at_least", "fail_below", "dry_run")
    measure = members["measure"].choice(t.MEASURES)
    # A share such as 0.7 in place of 70 would pass almost everything: least is 1 percent.
    lowest, least_pass = (-100, -100) if measure in t.IN_POINTS else (0, 1)
    criterion = t.Criterion(
        code=members["code"].code(),
        measure=measure,
        pass_at_least=members["pass_at_least"].number(least_pass, 100),
        fail_below=members["fail_below"].number(lowest, 100),
        dry_run=members["dry_run"].flag(),
    )
    if criterion.fail_below > criterion.pass_at_least:
        members["fail_below"].wrong(
            f"Must not be above pass_at_least ({criterion.pass_at_least:g}): a value between"
            " the two would both pass and fail."
        )
    if criterion.measure in t.DRY_RUN_ONLY and members["dry_run"].value is False:
        members["dry_run"].wrong(
            f"{criterion.measure} cannot decide: a few pilots carry no effect claim. Set true."
        )
    return criterion


def _waves(node: Node) -> t.Waves:
    members = node.members("size", "verified_after", "order", "gap")
    order = members["order"].choice(t.ORDERS)
    return t.Waves(
        size=members["size"].integer(1, t.MAX_WAVE_SIZE),
        verified_after=members["verified_after"].choice(t.STEPS),
        order="headcount" if order == "headcount" else "unit_id",
        gap=members["gap"].duration(),
    )


def _minutes_asked(node: Node) -> t.MinutesAsked:
    members = node.members("manager", "employee")
    return t.MinutesAsked(_minutes(members["manager"]), _minutes(members["employee"]))


def _minutes(node: Node) -> dict[str, int]:
    steps = node.optional_members(t.STEPS)
    return {step: minutes.integer(0, 10_000) for step, minutes in steps.items()}
