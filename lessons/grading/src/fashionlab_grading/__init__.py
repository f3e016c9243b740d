"""The course's grading: releases assignments, collects and grades submissions in sandboxes, shows the marks."""
