"""What somebody can let another stand in for, and what the service is sent."""

from portal_service.domain.delegating import body_of, posts_of, where_wrong


def test_a_role_of_ones_own_can_be_stood_in_for() -> None:
    held = [
        ("manager", "rehab"),
        ("manager", "heart"),
        ("approver", "*"),
        ("employee", "rehab"),
        ("deputy", "rehab"),
        ("manager", "*"),
        ("approver", "rehab"),
        ("manager", None),
    ]
    assert [one.value for one in posts_of(held)] == ["approver", "deputy heart", "deputy rehab"]


def test_what_is_not_said_is_left_to_the_service() -> None:
    assert body_of({}) == {
        "role": "deputy",
        "unit_id": None,
        "delegate": "",
        "valid_from": None,
        "valid_to": "",
        "reason": "",
    }


def test_a_refusal_points_at_the_fields_of_the_form() -> None:
    errors = [{"pointer": p} for p in ("/delegate", "/unit_id", "/body/valid_to", "/x", "/role")]
    assert where_wrong([*errors, {}]) == ["delegate", "post", "valid_to"]
