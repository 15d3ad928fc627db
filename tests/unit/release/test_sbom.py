"""The bills of materials follow CycloneDX, are complete, and come out the same every time."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import sbom
from release.lock import IMAGES, foreign, own, reached_from

Document = dict[str, Any]


@pytest.fixture(scope="module")
def bills() -> dict[str, Document]:
    return sbom.bills()


def faults(document: Document) -> str | None:
    """What the validator says; it parses addresses slowly, so it is shown those of one package."""
    copy = json.loads(json.dumps(document))
    for number, part in enumerate(copy["components"]):
        part["externalReferences"] = part.get("externalReferences", [])[: number == 0]
    found = JsonStrictValidator(SchemaVersion.V1_5).validate_str(json.dumps(copy))
    return None if found is None else str(found)


def names(document: Document) -> set[str]:
    return {part["name"] for part in document["components"]}


def test_there_is_one_for_each_image_and_wheel(bills: dict[str, Document]) -> None:
    expected = {f"image-{name}" for name in IMAGES} | {f"wheel-{name}" for name in own()}
    assert {name.removesuffix(".cdx.json") for name in bills} == expected


def test_each_follows_the_schema(bills: dict[str, Document]) -> None:
    assert {name: why for name, document in bills.items() if (why := faults(document))} == {}


def test_a_broken_one_is_seen(bills: dict[str, Document]) -> None:
    broken = json.loads(json.dumps(bills["image-platform.cdx.json"]))
    broken["components"][0]["licenses"] = [{"license": {"id": "no licence"}}]
    assert faults(broken)


def test_the_image_names_all_that_is_installed_and_its_base(bills: dict[str, Document]) -> None:
    listed = names(bills["image-platform.cdx.json"])
    assert "people-service" in listed
    assert "python" in listed
    assert listed - {"python"} == reached_from(*IMAGES["platform"])


def test_every_package_has_its_version_licence_and_hashes(bills: dict[str, Document]) -> None:
    for part in bills["image-platform.cdx.json"]["components"]:
        if part["name"] in foreign():
            assert part["version"] == foreign()[part["name"]]
            assert part["licenses"]
            assert all(file["hashes"] for file in part["externalReferences"])


def test_the_same_commit_gives_the_same_bytes(
    bills: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sbom.bills() == bills
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    stamp = sbom.bills()["image-platform.cdx.json"]["metadata"]["timestamp"]
    assert stamp == "1970-01-01T00:00:00Z"
