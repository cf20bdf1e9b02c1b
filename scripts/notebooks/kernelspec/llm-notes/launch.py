"""Start one kernel for one notebook, shut off from what a notebook has no business with.

Where the system allows: no network, at most MEMORY bytes, at most FILE bytes per file.
Elsewhere the kernel still runs; the checks read the notebook for network and shell use.
"""
import contextlib
import ctypes
import json
import os
import signal
import socket
import sys

MEMORY = 6 << 30
FILE = 200 << 20
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def limit_resources():
    """Cap memory and file size; a missing `resource` module (Windows) leaves both open."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE)):
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            pass


def cut_network():
    """Enter an empty network namespace. The kernel talks to its client over Unix sockets, which still work."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if uid == 0 and libc.unshare(CLONE_NEWNET) == 0:
        return
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        # Without the identity map the process would own no file, not even its scratch folder.
        # Where a security module forbids the map the namespace stands all the same.
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def run_kernel():
    """Be the kernel that sys.argv describes, in this process."""
    # OMP threads are counted when torch is imported: set before anything else runs.
    os.environ["OMP_NUM_THREADS"] = "1"
    # The script's own folder must not be importable from a notebook.
    sys.path[0] = os.getcwd()
    limit_resources()
    from ipykernel.kernelapp import launch_new_instance

    sys.argv.append("--InlineBackend.figure_formats={'svg'}")
    launch_new_instance()


def ask_nursery(address):
    """Have nursery.py fork the kernel; live as long as it does and end with its exit code."""
    # An interrupt comes before every shutdown; this process has nothing to interrupt.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        request = {"argv": sys.argv, "cwd": os.getcwd(), "env": dict(os.environ)}
        line.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(line.recv(16) or b"1")


if __name__ == "__main__":
    address = os.environ.pop("NURSERY", None)
    if address:
        sys.exit(ask_nursery(address))
    cut_network()
    run_kernel()
