"""What every test and every lesson shares, whether one runs ``pytest``, ``pytest tests`` or ``pytest lessons``."""

import os
import sys
import tempfile
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest

# What a test may need beside the extra "test": other libraries, and other ways to start the lessons.
PEERS = (
    "keras",
    "torch",
    "sklearn",
    "scikit-learn",
    "jupyterlite",
    "jupyterhub",
    "nbgrader",
    "distributed",
    "pandas",
    "repo2docker",
)

# Keras reads this when it is imported: annlab's numbers are held against its torch backend.
os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("MPLBACKEND", "agg")
# One thread for matrix products, as the annlab command sets it for the lessons.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A learner's progress and JupyterLab settings are the learner's: tests keep theirs in a folder that goes away.
SCRATCH = tempfile.TemporaryDirectory(prefix="annlab-tests-", ignore_cleanup_errors=True)
os.environ.setdefault("ANNLAB_PROGRESS", SCRATCH.name)
os.environ.setdefault("JUPYTER_CONFIG_DIR", SCRATCH.name)
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.nbval and sys.platform != "linux":
        # The last printed digit may differ on another system: there lessons are run, and not compared.
        config.option.nbval, config.option.nbval_lax = False, True


def fail_where_a_peer_is_missing(report: Any) -> Any:
    """With ANNLAB_REQUIRE_PEERS a comparison with another library may not be skipped."""
    if report.skipped and os.environ.get("ANNLAB_REQUIRE_PEERS"):
        reason = str(report.longrepr)
        if any(peer in reason for peer in PEERS):
            report.outcome = "failed"
            report.longrepr = f"ANNLAB_REQUIRE_PEERS is set, so this may not be skipped: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return fail_where_a_peer_is_missing((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return fail_where_a_peer_is_missing((yield))
