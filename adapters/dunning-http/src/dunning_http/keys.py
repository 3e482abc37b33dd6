"""API keys: who may ask what. A key is shown once and kept as a hash; it is compared in constant time.

A key has 256 random bits, so one SHA-256 keeps it as well as any slow hash would: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dunning import Text, UsageError
from dunning_http.problems import Problem

SCOPES: Mapping[str, Text] = {
    "assess": Text("评估", "assess accounts"),
    "explain": Text("说明来由", "explain answers"),
    "timeline": Text("往后演", "play accounts forward"),
    "may": Text("某个动作可不可以做", "ask whether an action may be done"),
    "check": Text("检查规则文件", "check rule files"),
    "books": Text("看规则书和事实", "see books and facts"),
    "admin": Text("全部, 并重新装入规则", "all of these, and reload the rules"),
}

_PREFIX = "dun"
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. `id` is the part of it that may be seen, `sha256` the hash of all of it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    sha256: str
    created: str

    def reaches(self, scope: str) -> bool:
        return scope in self.scopes or "admin" in self.scopes


class Keyring:
    """The keys of a file, read anew when the file changes; a file that cannot be read takes nobody's key away."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._seen = _state(self.path)
        self._keys = _read(self.path)

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(self._keys.values())

    def look(self) -> None:
        """Reads the file again where it has changed. UsageError if it is no keys file; the keys then stay."""
        state = _state(self.path)
        if state != self._seen:
            self._seen = state
            self._keys = _read(self.path)

    def admit(self, authorization: str, scope: str) -> Key:
        """The key of an `Authorization: Bearer` header, if it reaches `scope`; Problem 401 or 403 if not."""
        scheme, _, given = authorization.partition(" ")
        key = self.find(given.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            told = Text("请在 Authorization 里写 Bearer 和密钥", "send `Authorization: Bearer KEY`")
            raise Problem("key", told, headers={"WWW-Authenticate": 'Bearer realm="dunning"'})
        if not key.reaches(scope):
            told = Text(f"要有权限 {scope}", f"it needs the scope `{scope}`")
            challenge = f'Bearer realm="dunning", error="insufficient_scope", scope="{scope}"'
            raise Problem("scope", told, headers={"WWW-Authenticate": challenge})
        return key

    def find(self, given: str) -> Key | None:
        """The key that was given; the comparison takes as long whether or not there is one of that id."""
        id_ = given.split("_")[1] if given.count("_") >= 2 else ""
        key = self._keys.get(id_)
        same = hmac.compare_digest(_hash(given), key.sha256 if key else _NOBODY)
        return key if same else None

    def add(self, name: str, scopes: Iterable[str], *, on: date) -> str:
        """Makes a key, keeps its hash, and gives the key itself: nobody can show it again.

        UsageError: a name that is taken, no scope, or one that is none.
        """
        wanted = tuple(dict.fromkeys(scopes))
        if not wanted or not set(wanted) <= SCOPES.keys():
            known = ", ".join(SCOPES)
            raise UsageError(Text(f"--scope 写一个或几个: {known}", f"give --scope, one or more of {known}"))
        if any(key.name == name for key in self.keys):
            raise UsageError(Text(f"已经有一把密钥叫 {name}", f"there is a key named {name} already"))
        id_ = secrets.token_hex(4)
        given = f"{_PREFIX}_{id_}_{secrets.token_urlsafe(32)}"
        key = Key(id=id_, name=name, scopes=wanted, sha256=_hash(given), created=on.isoformat())
        self._save({**self._keys, id_: key})
        return given

    def remove(self, name: str) -> None:
        """Takes a key away, by its name or id. UsageError if there is none."""
        left = {id_: key for id_, key in self._keys.items() if name not in (key.name, id_)}
        if len(left) == len(self._keys):
            raise UsageError(Text(f"没有密钥 {name}", f"there is no key {name}"))
        self._save(left)

    def _save(self, keys: Mapping[str, Key]) -> None:
        """Writes the whole file or nothing of it, for the owner's eyes only."""
        rows = [{name: getattr(key, name) for name in Key.__slots__} for key in keys.values()]
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump({"keys": rows}, out, ensure_ascii=False, indent=2)
            out.write("\n")
        part.replace(self.path)
        self._keys, self._seen = dict(keys), _state(self.path)


def _hash(given: str) -> str:
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


def _read(path: Path) -> dict[str, Key]:
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = [Key(**row) for row in rows]
        return {key.id: replace(key, scopes=tuple(key.scopes)) for key in keys}
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(Text(f"{path} 不是密钥文件", f"{path} is no keys file")) from error


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
