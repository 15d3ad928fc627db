"""Keys: published before they sign, and still after they have signed."""

import json
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet

from people_service.adapters.signing_keys import FolderSigningKeys

DAY = 24 * 3600


class Clock:
    now = 1_772_438_400.0

    def __call__(self) -> float:
        return self.now


def signed_by(keys: FolderSigningKeys) -> str:
    """The id of the key that signs now; the published keys verify what it signed."""
    token = keys.sign({"sub": "somebody"})
    decoded = jwt.decode(token, KeySet.import_key_set({"keys": keys.published()}))
    assert decoded.header["typ"] == "at+jwt"
    return str(decoded.header["kid"])


def test_the_first_key_is_made_and_signs_at_once(tmp_path: Path) -> None:
    keys = FolderSigningKeys(tmp_path / "keys", Clock())
    assert signed_by(keys) == signed_by(FolderSigningKeys(tmp_path / "keys", Clock()))
    (file,) = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "d" in json.loads(file.read_text())
    assert not {"d", "p", "q"} & keys.published()[0].keys()


def test_a_new_key_is_published_before_it_signs(tmp_path: Path) -> None:
    clock = Clock()
    keys = FolderSigningKeys(tmp_path, clock)
    first = signed_by(keys)
    clock.now += 29 * DAY
    keys.rotate()
    assert len(keys.published()) == 1
    clock.now += 2 * DAY
    keys.rotate()
    assert len(keys.published()) == 2
    assert signed_by(keys) == first
    clock.now += 1_000
    assert signed_by(keys) != first
    assert first in {key["kid"] for key in keys.published()}


def test_a_key_can_be_made_early(tmp_path: Path) -> None:
    clock = Clock()
    keys = FolderSigningKeys(tmp_path, clock)
    first = signed_by(keys)
    clock.now += 1_000
    keys.rotate(early=True)
    assert len(keys.published()) == 2
    assert signed_by(keys) == first
    clock.now += 1_000
    assert signed_by(keys) != first


def test_an_old_key_is_removed_when_no_token_of_its_is_valid(tmp_path: Path) -> None:
    clock = Clock()
    keys = FolderSigningKeys(tmp_path, clock)
    signed_by(keys)
    clock.now += 31 * DAY
    keys.rotate()
    assert len(keys.published()) == 2
    clock.now += 30 * DAY
    keys.rotate()
    assert len(keys.published()) == 1
