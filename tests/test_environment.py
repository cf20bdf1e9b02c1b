"""Two set-ups do not meet, and a killed one does not keep the next waiting."""
import os
import subprocess
import sys
import threading
import time

import pytest

from scripts import environment


def test_the_lock_of_a_killed_set_up_is_taken_over(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "CACHE", tmp_path)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "setup.lock").write_text(str(ended.pid))
    with environment._alone():
        assert (tmp_path / "setup.lock").read_text() == str(os.getpid())
    assert not (tmp_path / "setup.lock").exists()


def test_the_lock_of_a_running_set_up_is_waited_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(environment, "CACHE", tmp_path)
    order = []

    def second():
        with environment._alone():
            order.append("second")

    with environment._alone():
        other = threading.Thread(target=second)
        other.start()
        other.join(0.5)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]
    assert "另一个命令正在安装" in capsys.readouterr().out


def test_an_environment_that_belongs_elsewhere_is_not_cleared(tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "kept").touch()
    (tmp_path / ".venv").symlink_to(tmp_path / "theirs", target_is_directory=True)
    monkeypatch.setattr(environment, "CACHE", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    with pytest.raises(environment.SetupError, match="链接"):
        environment._python_packages()
    assert (tmp_path / "theirs" / "kept").exists()


@pytest.mark.parametrize("owner, left", [(str(os.getpid()), False), ("", True)], ids=["alive", "unknown"])
@pytest.mark.skipif(os.name == "nt", reason="there a process cannot be asked whether it lives")
def test_a_set_up_that_lives_keeps_its_lock_however_long_it_takes(tmp_path, owner, left):
    lock = tmp_path / "setup.lock"
    lock.write_text(owner)
    assert not environment._left_behind(lock)
    os.utime(lock, (time.time() - 1900,) * 2)
    assert environment._left_behind(lock) is left


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A checkout without anything installed; returns (function that sets both locks, list of the installs)."""
    done = []
    for name, path in {"ROOT": "", "CACHE": ".cache", "NPM": ".cache/npm", "VENV": ".venv", "PYTHON": ".venv/python", "LOCK": "requirements.txt"}.items():
        monkeypatch.setattr(environment, name, tmp_path / path)
    monkeypatch.setattr(environment, "npm", lambda: ["npm"])
    monkeypatch.setattr(environment, "_torch_for_cpu", lambda: None)
    monkeypatch.setattr(environment, "_run", lambda command, *_, **__: done.append(command))
    monkeypatch.setattr(environment.venv.EnvBuilder, "create", lambda self, path: (path.mkdir(exist_ok=True), (path / "python").touch()))
    (tmp_path / "scripts" / "npm").mkdir(parents=True)

    def lock(text):
        for name in ("requirements.txt", "scripts/npm/package.json", "scripts/npm/package-lock.json"):
            (tmp_path / name).write_text(text)

    return lock, done


def test_npm_packages_of_another_lock_do_not_count_as_this_one_s(bare):
    lock, done = bare
    for text, dev, installs in [("A", True, 1), ("A", False, 1), ("B", False, 2), ("A", True, 3), ("A", True, 3)]:
        lock(text)
        environment._npm_packages(dev)
        assert len(done) == installs, (text, dev)


def test_a_python_environment_half_made_from_another_lock_is_made_again(bare, monkeypatch):
    lock, done = bare
    lock("A")
    environment._python_packages()
    lock("B")
    with monkeypatch.context() as offline, pytest.raises(environment.SetupError):
        offline.setattr(environment, "_torch_for_cpu", lambda: (_ for _ in ()).throw(environment.SetupError("offline")))
        environment._python_packages()
    lock("A")
    done.clear()
    environment._python_packages()
    assert done


def test_messages_reach_a_pipe_whose_encoding_lacks_their_characters(tmp_path, monkeypatch):
    say = ("from scripts import __main__ as entry\nentry.COMMANDS['say'] = ('scripts.say', 'main', lambda: print('安装'), '')\n"
           "entry.environment.enter = lambda argv: exit(0)\nentry.main([])\nentry.main(['say'])")
    done = subprocess.run([sys.executable, "-c", say], cwd=environment.ROOT, capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert done.stdout.decode().strip() == "安装" and "用法：python -m scripts 命令" in done.stderr.decode()
    seen = []
    monkeypatch.setattr(environment, "VENV", tmp_path)
    for name in ("chdir", "execve"):
        monkeypatch.setattr(environment.os, name, lambda *values: seen.append(values[-1]))
    if os.name != "nt":
        environment.enter(["check"])
        assert seen[-1]["PYTHONUTF8"] == "1"
