"""The lessons for a class: a branch that holds them alone, and the links that bring them to a learner.

``python deploy/share.py publish origin`` puts the notebooks and pictures of the last commit, without the teachers'
pages, on the branch ``class`` of that repository. ``python deploy/share.py link HUB REPOSITORY 02`` prints the
address to give to learners: it pulls that branch into their folder ``lessons``, merges it with what they changed
(their own words win) and opens lesson 02.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from annlab.cli import CommandError, find_lesson, installed, lesson_names

ROOT = Path(__file__).resolve().parent.parent
BRANCH, FOLDER = "class", "lessons"
NOT_FOR_LEARNERS = ("teachers",)


def git(*arguments: str, root: Path, text: str | None = None) -> str:
    """What git answers; its own complaint where it refuses."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"git {' '.join(arguments)} said:\n{done.stderr.strip()}")
    return done.stdout.strip()


def publish(repository: str, root: Path = ROOT) -> str:
    """Bring the branch ``class`` of a repository up to the lessons of the last commit; return the new commit or "".

    ``repository`` is a remote's name, an address, or the folder of a bare repository. Each call adds one commit to
    the branch, so that learners' folders can follow; it adds none where nothing changed.
    """
    rows = git("ls-tree", f"HEAD:{FOLDER}", root=root).splitlines()
    wanted = [row for row in rows if row.split("\t", 1)[1] not in NOT_FOR_LEARNERS]
    tree = git("mktree", root=root, text="".join(f"{row}\n" for row in wanted))
    parents = []
    if git("ls-remote", repository, f"refs/heads/{BRANCH}", root=root):
        git("fetch", "--quiet", repository, BRANCH, root=root)
        parents = ["-p", git("rev-parse", "FETCH_HEAD", root=root)]
        if git("rev-parse", "FETCH_HEAD^{tree}", root=root) == tree:
            return ""
    said = f"The lessons of annlab {installed('annlab')}"
    author = ["-c", "user.name=annlab", "-c", "user.email=annlab@localhost"]  # the lessons' own authors are in main
    commit = git(*author, "commit-tree", tree, *parents, "-m", said, root=root)
    git("push", "--quiet", repository, f"{commit}:refs/heads/{BRANCH}", root=root)
    return commit


def pull_path(repository: str, lesson: str = "00_start_here") -> str:
    """The part of a link that a learner's own server understands: pull the lessons, then open one."""
    opens = f"lab/tree/{FOLDER}/{lesson}.ipynb"
    asked = {"repo": repository, "branch": BRANCH, "targetPath": FOLDER, "urlpath": opens}
    return f"/git-pull?{urlencode(asked)}"


def link(hub: str, repository: str, lesson: str = "00") -> str:
    """The address to give to a class: log in, start, pull the lessons, open this one."""
    if not hub.startswith(("https://", "http://")):
        raise CommandError(f"The hub's address begins with https://; got {hub!r}.")
    name = find_lesson(lesson, lesson_names(ROOT / FOLDER))
    return f"{hub.rstrip('/')}/hub/user-redirect{pull_path(repository, name)}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Lessons for a class: publish them, and make links to them.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("publish", help=f"put the lessons on the branch {BRANCH!r} of a repository")
    one.add_argument("repository", help="a remote's name, as origin; an address; or the folder of a bare repository")
    two = commands.add_parser("link", help="print the address that opens a lesson")
    two.add_argument("hub", help="the hub's address, as https://hub.example.org")
    two.add_argument("repository", help="the address that learners' servers pull from")
    two.add_argument("lesson", nargs="?", default="00", help="as 12 or 12_many_classes (00)")
    options = parser.parse_args(arguments)
    try:
        if options.command == "link":
            print(link(options.hub, options.repository, options.lesson))
        elif commit := publish(options.repository):
            print(f"The branch {BRANCH!r} of {options.repository} has the lessons now: {commit[:12]}.")
        else:
            print(f"The branch {BRANCH!r} of {options.repository} had these lessons already.")
    except CommandError as error:
        print(f"share: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
