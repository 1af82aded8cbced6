"""``python -m annlab`` does what the ``annlab`` command does."""

import sys

from annlab.cli import main

sys.exit(main())
