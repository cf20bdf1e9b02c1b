"""Import torch and matplotlib once, then fork one kernel per notebook: no kernel pays for the imports again.

    python nursery.py SOCKET [MODULE...]

It listens first, then imports, also the modules named: who asks meanwhile waits in the queue of the socket.
launch.py asks for a kernel over the socket and holds the connection: when it closes, the kernel is killed;
when the kernel ends, its exit code is sent back. No notebook ever runs in this process, so a fork carries
imported modules and nothing else. Linux only: elsewhere forking after these imports is not safe.
"""
import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys

import launch

PR_SET_PDEATHSIG = 1


def preload(more):
    """What every notebook imports that takes long, and the modules named in `more`.

    Not matplotlib_inline.backend_inline: it asks the running kernel for its settings when it is imported.
    """
    gc.disable()  # a tenth of the time that imports take goes into looking for garbage that they do not make
    import ipykernel.ipkernel  # noqa: F401
    import ipykernel.kernelapp  # noqa: F401
    import matplotlib.backends.backend_svg  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import torch

    for name in more:
        importlib.import_module(name)
    torch.set_num_threads(1)
    # A fork copies the calling thread only; a lock held by another would stay locked in every kernel.
    assert len(os.listdir("/proc/self/task")) == 1, "an import has started a thread: kernels cannot be forked"
    gc.collect()
    gc.freeze()
    gc.enable()


def become_kernel(request):
    """Turn a fresh fork into the kernel that was asked for; never returns."""
    try:
        # If the nursery is killed its kernels must not stay behind.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        os.environ.clear()
        os.environ.update(request["env"], JPY_PARENT_PID=str(os.getppid()))
        os.chdir(request["cwd"])
        sys.argv[:] = request["argv"]
        launch.run_kernel()
    finally:
        os._exit(1)


def serve(listener):
    """Answer requests until stdin closes, which it does when the building process ends, however it ends."""
    ready, kernels = selectors.DefaultSelector(), {}
    ready.register(listener, selectors.EVENT_READ)
    ready.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            source = key.fileobj
            if source is sys.stdin:
                return
            if source is listener:
                asker, _ = listener.accept()
                with asker.makefile() as lines:
                    request = json.loads(lines.readline())
                pid = os.fork()
                if pid == 0:
                    ready.close()
                    listener.close()
                    become_kernel(request)
                ended = os.pidfd_open(pid)
                kernels[asker], kernels[ended] = (pid, asker, ended), (pid, asker, ended)
                ready.register(asker, selectors.EVENT_READ)
                ready.register(ended, selectors.EVENT_READ)
            elif source in kernels:
                pid, asker, ended = kernels[source]
                if source is asker:
                    os.kill(pid, signal.SIGKILL)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                if source is ended:
                    with contextlib.suppress(OSError):  # whoever asked may have been ended meanwhile
                        asker.sendall(json.dumps(code).encode())
                for each in (asker, ended):
                    ready.unregister(each)
                    del kernels[each]
                asker.close()
                os.close(ended)


if __name__ == "__main__":
    # The script's own folder must not be importable from a notebook.
    sys.path[0] = ""
    launch.cut_network()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    print("ready", flush=True)
    preload(sys.argv[2:])
    serve(listener)
