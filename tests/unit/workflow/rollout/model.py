"""The reference model of a rollout, written apart from the rules that it judges."""


class Model:
    """What may happen, as simply as possible."""

    def __init__(self) -> None:
        self.place = "preparation"  # and: pilot evaluation proposed decided broad over
        self.paused = False
        self.gate: str | None = None
        self.overridden = self.extended = False
        self.proposer = self.outcome = ""
        self.wave_sizes: list[int] = []
        self.recorded: set[tuple[int, str]] = set()
        self.next_wave = 1
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
        unit: str = "",
    ) -> bool:
        if self.place == "over":
            return False
        if action in ("resume", "stop"):
            return action == "stop" or self.paused
        if self.paused:
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
            "plan_waves": self.place == "decided"
            or (self.place == "broad" and self.next_wave <= len(self.wave_sizes)),
            "record_prerequisite": self.place in ("decided", "broad")
            and self.next_wave <= wave <= len(self.wave_sizes)
            and (wave, kind) not in self.recorded,
            "start_broad_introduction": self.place == "decided"
            and bool(self.wave_sizes)
            and self.complete(1),
            "pause": True,
            "pause_unit": unit in self.started - self.paused_units - self.ended_units,
            "resume_unit": unit in self.paused_units,
            "stop_unit": unit not in self.ended_units,
        }[action]

    def complete(self, wave: int) -> bool:
        return {(wave, "risk_assessment"), (wave, "joint_consultation")} <= self.recorded
