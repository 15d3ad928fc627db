"""The image is built from pinned inputs: base by digest, uv by hash, packages by the lock file."""

import re
from pathlib import Path

import yaml

from devstack.options import ROLES
from release.lock import IMAGES, packages

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "infra" / "docker" / "Dockerfile").read_text(encoding="utf-8")
UV = (ROOT / "infra" / "docker" / "uv.txt").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_every_foreign_stage_has_a_digest() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    own = {stage for _, stage in stages}
    foreign = {image for image, _ in stages if image not in own}
    assert len(stages) == DOCKERFILE.count("FROM ")
    assert all(re.search(r":\d\S*@sha256:[0-9a-f]{64}$", image) for image in foreign)
    assert len(foreign) == 1, "one base for all stages"


def test_uv_is_the_locked_one_with_its_hashes() -> None:
    locked = packages()["uv"]
    hashes = {wheel["hash"] for wheel in locked["wheels"]}
    named = re.findall(r"--hash=(\S+)", UV)
    assert f"uv=={locked['version']} " in UV
    assert named
    assert set(named) <= hashes
    assert "--require-hashes --requirement /tmp/uv.txt" in DOCKERFILE


def test_packages_come_from_the_lock_file_alone() -> None:
    syncs = re.findall(r"uv sync [^\n]*", DOCKERFILE)
    assert syncs
    assert all("--frozen --no-dev" in sync for sync in syncs)


def test_every_service_is_in_the_image() -> None:
    named = re.findall(r"--package (\S+)", DOCKERFILE)
    assert set(IMAGES["platform"]) == {f"{service}-service" for service in ROLES}
    assert sorted(named) == sorted((*IMAGES["platform"], *IMAGES["development"]))


def test_every_folder_that_a_service_mounts_belongs_to_its_user() -> None:
    owned = re.findall(r"chown platform: (.+)", DOCKERFILE)[0].split()
    mounted = {
        volume.split(":")[1]
        for service in COMPOSE["services"].values()
        if service["image"].startswith("um-platform")
        for volume in service.get("volumes", [])
    }
    assert {"/round-keys", "/token-keys"} <= mounted <= {*owned}
