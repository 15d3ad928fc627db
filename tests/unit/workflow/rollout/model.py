"""The reference model of a rollout, written apart from the rules that it judges."""


class Model:
    """What may happen, as simply as possible."""

    def __init__(self) -> None:
        self.place = "preparation"  # and: pilot evaluation proposed decided broad over
        self.paused = False
        self.gate: str | None = None
        self.overridden = self.extended = False
        self.proposer = self.outcome = ""
        self.waves: dict[int, set[str]] = {}  # Their units, as planned.
        self.recorded: set[tuple[int, str]] = set()
        self.started_waves: set[int] = set()
        self.started: set[str] = set()  # Units whose journey has begun.
        self.paused_units: set[str] = set()
        self.ended_units: set[str] = set()

    def may(
        self,
        action: str,
        by: str,
        outcome: str = "",
        wave: int = 1,
        kind: str = "",
        corrects: bool = False,
        unit: str = "",
    ) -> bool:
        if self.place == "over":
            return False
        if action in ("resume", "stop"):
            return action == "stop" or self.paused
        if self.paused and action not in ("plan_waves", "record_prerequisite", "stop_unit"):
            return False
        return {
            "start_pilot": self.place == "preparation",
            # The sample's gate rests on results, which more time does not change.
            "extend_pilot": False,
            "evaluate_gate": self.place == "evaluation" and not self.overridden,
            "override_gate": self.place == "evaluation"
            and self.gate is not None
            and not self.overridden,
            "propose_decision": self.place == "evaluation"
            and self.gate in ("pass", "fail")
            and not self.extended
            and not (self.gate == "fail" and outcome == "broad_introduction"),
            "approve_decision": self.place == "proposed" and by != self.proposer,
            "reject_decision": self.place == "proposed",
            "plan_waves": self.place == "decided" or (self.place == "broad" and bool(self.planned)),
            "record_prerequisite": self.place in ("decided", "broad")
            and (corrects if (wave, kind) in self.recorded else wave in self.planned),
            "start_broad_introduction": self.place == "decided"
            and bool(self.planned)
            and self.complete(min(self.planned)),
            "pause": True,
            "pause_unit": unit in self.started - self.paused_units - self.ended_units,
            "resume_unit": unit in self.paused_units,
            "stop_unit": unit not in self.ended_units,
        }[action]

    @property
    def planned(self) -> set[int]:
        """The waves that are still to start: not those that all units have left."""
        going = {wave for wave, units in self.waves.items() if units - self.ended_units}
        return going - self.started_waves

    def complete(self, wave: int) -> bool:
        return {(wave, "risk_assessment"), (wave, "joint_consultation")} <= self.recorded
