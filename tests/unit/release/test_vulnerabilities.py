"""A locked version that OSV's export lists, or has in a range, is found; a bad file is named."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from release import vulnerabilities
from release.lock import foreign
from release.vulnerabilities import NoDatabase, findings

LOCKED = {"jinja2": "3.1.5", "httpx": "0.28.1"}


def osv(name: str = "Jinja2", **affected: Any) -> dict[str, Any]:
    entry = {"package": {"ecosystem": "PyPI", "name": name}, **affected}
    return {"id": "SAMPLE-1", "summary": "A sample.", "affected": [entry]}


def between(*events: dict[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


def export(folder: Path, *documents: Any) -> Path:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"SAMPLE-{number}.json", json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("affected", "found"),
    [
        ({"versions": ["3.1.5"]}, True),
        ({"versions": ["3.1.4", "not a version"]}, False),
        (between({"introduced": "0"}), True),
        (between({"introduced": "0"}, {"fixed": "3.1.6"}), True),
        (between({"introduced": "0"}, {"fixed": "3.1.5"}), False),
        (between({"introduced": "0"}, {"last_affected": "3.1.5"}), True),
        (between({"introduced": "0"}, {"last_affected": "3.1.4"}), False),
        (between({"introduced": "3.2"}), False),
        (between({"fixed": "2.0"}, {"introduced": "3.1"}, {"introduced": "0"}), True),
        (between({"introduced": "0"}, {"fixed": "not a version"}), True),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, False),
    ],
)
def test_versions_and_ranges(tmp_path: Path, affected: dict[str, Any], found: bool) -> None:
    assert bool(findings(export(tmp_path, osv(**affected)), LOCKED)) is found


def test_a_finding_names_package_identifier_and_remedy(tmp_path: Path) -> None:
    affected = between({"introduced": "0"}, {"fixed": "3.1.6"})
    (finding,) = findings(export(tmp_path, osv(**affected)), LOCKED)
    assert str(finding) == "jinja2 3.1.5: SAMPLE-1, fixed in 3.1.6. A sample."


def test_withdrawn_documents_and_other_ecosystems_do_not_count(tmp_path: Path) -> None:
    everything = between({"introduced": "0"})
    other = osv(**everything)
    other["affected"][0]["package"]["ecosystem"] = "npm"
    withdrawn = osv(**everything) | {"withdrawn": "2026-01-01T00:00:00Z"}
    assert findings(export(tmp_path, other, withdrawn, osv("absent", **everything)), LOCKED) == []


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NoDatabase, match=r"broken\.zip cannot be read"):
        findings(path, LOCKED)


def test_an_empty_database_never_says_all_is_well(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match="no OSV document"):
        findings(export(tmp_path), LOCKED)
    with pytest.raises(NoDatabase, match="is no OSV document"):
        findings(export(tmp_path, ["something else"]), LOCKED)


def test_the_command_compares_the_lock_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(path: Path) -> int:
        monkeypatch.setattr(sys, "argv", ["vulnerabilities", str(path)])
        return vulnerabilities.main()

    affected = between({"introduced": "0"})
    assert run(export(tmp_path, osv("FastAPI", **affected))) == 1
    assert f"fastapi {foreign()['fastapi']}: SAMPLE-1, no fix" in capsys.readouterr().out
    assert run(export(tmp_path, osv("absent", **affected))) == 0
    assert run(tmp_path / "absent.zip") == 2
