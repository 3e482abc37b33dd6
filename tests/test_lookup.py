"""Adapters by name: found where they are installed, opened with their options, and three ways of not being there."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dunning.adapter import (
    AdapterError,
    AdapterMisspeltError,
    AdapterUnknownError,
    Capabilities,
    DependencyMissingError,
    installed,
    open_adapter,
)
from dunning.adapter.lookup import GROUP, KNOWN, Known
from dunning.basis.errors import UsageError
from dunning.basis.finding import Text

SHELF = """
from shelf import Shelf
from dunning.adapter import Capabilities

CAPABILITIES = Capabilities(name="tinyerp", delivers=True)


class Opened(Shelf):
    def __init__(self, options):
        super().__init__()
        self.options = options


def open_tiny(*, url: str, page: str = "20"):
    return Opened({"url": url, "page": page})


def open_plain():
    return "no adapter at all"


def open_late(*, url: str):
    import a_driver_nobody_has
"""


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two distributions as pip leaves them: their modules, and a folder of metadata each."""
    (tmp_path / "tinyerp.py").write_text(SHELF, encoding="utf-8")
    (tmp_path / "halferp.py").write_text("import a_driver_nobody_has\n", encoding="utf-8")
    metadata(
        tmp_path,
        "dunning-tiny",
        "tinyerp = tinyerp:open_tiny\ntinyplain = tinyerp:open_plain\ntinylate = tinyerp:open_late\n",
    )
    metadata(tmp_path, "dunning-half", "halferp = halferp:open_half\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("tinyerp", "halferp"):
        sys.modules.pop(name, None)


def metadata(folder: Path, name: str, entries: str) -> None:
    info = folder / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[dunning.adapters]\n{entries}", encoding="utf-8")


def test_what_is_installed_is_found_and_not_imported() -> None:
    found = installed()
    assert {"tinyerp", "tinyplain", "halferp"} <= found.keys()
    assert (found["tinyerp"].distribution, found["tinyerp"].version) == ("dunning-tiny", "1.2")
    assert "tinyerp" not in sys.modules


@pytest.mark.parametrize(
    "address",
    [
        "adapter:tinyerp?url=https://erp.example/api&page=50",
        "tinyerp?page=50&url=https://erp.example/api",
        "tinyerp?url=https%3A%2F%2Ferp.example%2Fapi&page=50",
    ],
)
def test_an_address_opens_an_adapter(address: str) -> None:
    opened = open_adapter(address)
    assert opened.options == {"url": "https://erp.example/api", "page": "50"}  # type: ignore[attr-defined]
    assert opened.capabilities().delivers


def test_options_may_be_given_beside_the_address() -> None:
    opened = open_adapter("tinyerp?page=50", url="x")
    assert opened.options == {"url": "x", "page": "50"}  # type: ignore[attr-defined]


def test_a_plus_is_a_plus() -> None:
    """`postgresql+psycopg://...` names a driver; read as a form, its plus would be a blank."""
    opened = open_adapter("tinyerp?url=postgresql+psycopg://u:p%26q@db/wy?x=1")
    assert opened.options["url"] == "postgresql+psycopg://u:p&q@db/wy?x=1"  # type: ignore[attr-defined]


def test_an_adapter_nobody_has() -> None:
    with pytest.raises(AdapterUnknownError, match=r"there are: .*tinyerp") as raised:
        open_adapter("adapter:sap")
    assert "没有适配器 sap" in raised.value.told("zh")


def test_an_adapter_we_publish_and_nobody_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN, "nowhere", Known("dunning-nowhere", Text("无处", "nowhere")))  # type: ignore[misc]
    with pytest.raises(AdapterUnknownError, match=r"pip install \./adapters/dunning-nowhere"):
        open_adapter("nowhere")


@pytest.mark.parametrize("name", ["tinyrep", "tinyer", "TinyERP"])
def test_an_adapter_misspelt(name: str) -> None:
    with pytest.raises(AdapterMisspeltError, match="did you mean `tinyerp`"):
        open_adapter(f"{name}?url=x")


@pytest.mark.parametrize("name", ["halferp", "tinylate"])
def test_an_adapter_without_its_driver(name: str) -> None:
    """Whether it wants the driver when it is imported, or only when it knows which."""
    with pytest.raises(DependencyMissingError, match=r"needs a_driver_nobody_has.*pip install dunning-(half|tiny)"):
        open_adapter(f"{name}?url=x" if name == "tinylate" else name)


def test_an_adapter_of_another_version_says_so_and_the_others_are_still_told(tmp_path: Path) -> None:
    (tmp_path / "olderp.py").write_text("from dunning.adapter import nothing_of_the_kind\n", encoding="utf-8")
    metadata(tmp_path, "dunning-old", "olderp = olderp:open_old\n")

    with pytest.raises(AdapterError, match=r"does not go with this dunning .*; run: pip install -U dunning-old"):
        open_adapter("olderp")
    with pytest.raises(AdapterError, match="-U dunning-old"):
        installed()["olderp"].declared()
    assert installed()["tinyerp"].declared() is not None


def test_the_three_errors_are_three() -> None:
    kinds = (AdapterUnknownError, AdapterMisspeltError, DependencyMissingError)
    assert all(issubclass(kind, AdapterError) for kind in kinds)
    assert not any(issubclass(one, other) for one in kinds for other in kinds if one is not other)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tinyerp?urk=x", "did you mean `url`"),
        ("tinyerp?url=x&colour=red", "no option `colour`"),
        ("tinyerp", r"adapter:tinyerp\?url="),
        ("tinyerp?url", "name=value"),
        ("tinyerp?url=x&url=y", "each name once"),
    ],
)
def test_options_it_does_not_have_or_needs(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_adapter(address)


def test_a_password_in_a_broken_address_is_not_repeated() -> None:
    with pytest.raises(UsageError) as raised:
        open_adapter("tinyerp?url=mysql://erp:ge&heim@db")
    assert "heim" not in str(raised.value)


def test_what_is_no_adapter_is_said() -> None:
    with pytest.raises(AdapterError, match="is no adapter"):
        open_adapter("tinyplain")


def test_what_an_adapter_declares_before_it_is_opened() -> None:
    assert installed()["tinyerp"].declared() == Capabilities(name="tinyerp", delivers=True)
    with pytest.raises(DependencyMissingError):
        installed()["halferp"].declared()


ADAPTERS = Path(__file__).resolve().parent.parent / "adapters"


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_support_table_has_every_adapter_we_publish(page: str) -> None:
    table = (ADAPTERS / page).read_text(encoding="utf-8")
    published = {path.name for path in ADAPTERS.glob("dunning-*")} | {known.distribution for known in KNOWN.values()}
    assert [name for name in sorted(published) if f"{name}`" not in table and f"[{name}]" not in table] == []


def test_adapters_that_are_opened_by_name_are_known_to_those_who_lack_them() -> None:
    """`dunning adapters` and the error for a name tell how to get them."""
    opened = set()
    for path in ADAPTERS.glob("dunning-*/pyproject.toml"):
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        opened |= {(name, project["name"]) for name in project.get("entry-points", {}).get(GROUP, {})}
    assert opened <= {(name, known.distribution) for name, known in KNOWN.items()}
