"""Starts the command course."""

import sys

from fashionlab_grading.course import main

sys.exit(main())
