"""Two set-ups do not meet, and a killed one does not keep the next waiting."""
import os
import subprocess
import sys
import threading

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
