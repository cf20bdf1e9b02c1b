"""requirements.in -> requirements.txt: every package pinned and hashed, for all platforms."""
import re
import subprocess
import sys

from scripts.environment import CACHE, ROOT

# uv and pip cannot see PyTorch's CPU index from every machine, so the hashes of its wheels
# stand here. cp311-x86_64 was computed from the file; the others are as published in that index
# (read from lock files of public projects on 2026-11-24). A new torch version needs new ones.
CPU_TORCH = "2.13.0"
CPU_WHEELS = {
    "cp311-manylinux_2_28_x86_64": "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
    "cp312-manylinux_2_28_x86_64": "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",
    "cp313-manylinux_2_28_x86_64": "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",
    "cp314-manylinux_2_28_x86_64": "d20fa53ee744502fa4c69818a720b05ca0d37abd055d4f6e66cae155114bc691",
    "cp311-manylinux_2_28_aarch64": "84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7",
    "cp312-manylinux_2_28_aarch64": "6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604",
    "cp313-manylinux_2_28_aarch64": "0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d",
    "cp314-manylinux_2_28_aarch64": "ca021f9eb2f8345c83fa03e3a04587308afb8df71bd472670b3ece00df58621c",
    "cp312-win_amd64": "a8b450c1e58e5800e5b4691dac412f8d2d65a1dc3298166f91596603a3531e6f",
    "cp312-win_arm64": "fa0762705b933624d59f6823db9ce7ec2e35b3e1e9c319c9db51fbeecfc3e319",
}
CUDA_ONLY = ("nvidia-", "cuda-", "triton")
HEADER = """\
# 由 `python -m scripts lock` 生成，请改 requirements.in。
# 装法：pip install --no-deps --require-hashes -r requirements.txt
# torch 在 macOS 与 Windows 上是默认的 CPU 版。Linux 的默认版带数 GB 的 CUDA，这里没有它的哈希：
# `make` 会装 CPU 版；手工安装时，先按 PyTorch 官网的 CPU 一栏装好 torch，再用上面的命令。
"""


def main(argv):
    """Rewrite requirements.txt. Needs uv, which is installed into .venv on demand."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    raw = _compile(ROOT / "requirements.in")
    blocks = [b for b in re.split(r"(?m)^(?=[a-z0-9])", raw) if b.strip() and not b.startswith(CUDA_ONLY)]
    out = HEADER + "".join(_cpu_torch(b) if b.startswith("torch==") else b for b in blocks)
    (ROOT / "requirements.txt").write_text(out, encoding="utf-8", newline="\n")
    print(f"requirements.txt：{len(blocks)} 个包，{out.count('--hash')} 个哈希")
    return 0


def _compile(source):
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
               "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", str(source)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _cpu_torch(block):
    """The torch entry with the hashes of macOS, Windows and CPU-index wheels, without Linux's CUDA builds."""
    version = block.split()[0].removeprefix("torch==")
    if version != CPU_TORCH:
        raise SystemExit(f"scripts/lock.py:1: [LOCK-1] torch 是 {version}，而 CPU 轮子的哈希只收了 {CPU_TORCH}；"
                         "改法：从 PyTorch 的 CPU 源抄来新版本的哈希，连同 CPU_TORCH 一起更新。")
    project = CACHE / "lock"
    project.mkdir(parents=True, exist_ok=True)
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["torch=={version}"]\n')
    subprocess.run([sys.executable, "-m", "uv", "lock", "--quiet", "--project", str(project)], check=True)
    # uv.lock is the one place where a hash stands beside its file's name.
    listed = re.findall(r'/(torch-[^"/]+\.whl)", hash = "sha256:([0-9a-f]{64})"', (project / "uv.lock").read_text())
    default = [digest for name, digest in listed if "macosx" in name or "win_" in name]
    hashes = sorted({*default, *CPU_WHEELS.values()})
    return f"torch=={version} \\\n" + " \\\n".join(f"    --hash=sha256:{digest}" for digest in hashes) + "\n"
