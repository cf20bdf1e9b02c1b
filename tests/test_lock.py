"""The lock is whole, hashed, free of CUDA and of addresses, and pip accepts it as it stands."""
import re

from scripts.environment import LOCK, ROOT, _lock_block
from scripts.lock import CPU_WHEELS


def entries():
    return re.findall(r"(?m)^([a-z0-9][\w.-]*)==(\S+)(.*(?:\n .*)*)", LOCK.read_text(encoding="utf-8"))


def test_every_direct_dependency_is_locked():
    wanted = {re.split(r"[=<>\s#]", line)[0].lower() for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
              if line.strip() and not line.startswith("#")}
    assert wanted <= {name for name, _, _ in entries()}


def test_every_entry_has_hashes():
    found = entries()
    assert len(found) > 100
    assert [name for name, _, rest in found if "--hash=sha256:" not in rest] == []


def test_no_cuda_no_address_no_path():
    text = LOCK.read_text(encoding="utf-8")
    assert not re.search(r"(?m)^(nvidia-|cuda-|triton)", text)
    assert not re.search(r"https?://|file:|--(?:extra-)?index-url|--find-links", text)


def test_torch_has_the_hash_of_every_platforms_wheel():
    block = _lock_block("torch")
    assert all(digest in block for digest in CPU_WHEELS.values())
    # four Python versions of macOS and Windows each, and the free-threaded ones
    assert block.count("--hash") >= len(CPU_WHEELS) + 8


def test_npm_lock_has_integrity_and_no_address():
    text = (ROOT / "scripts" / "npm" / "package-lock.json").read_text(encoding="utf-8")
    assert text.count('"integrity"') > 50 and '"resolved"' not in text and ".tgz" not in text


def test_installed_packages_are_the_locked_ones():
    from importlib.metadata import version
    locked = {name: pinned for name, pinned, _ in entries()}
    for name in ("mkdocs", "mkdocs-material", "nbclient", "torch", "matplotlib", "quickjs"):
        assert version(name).split("+")[0] == locked[name]
    assert "+cu" not in version("torch")
