"""nbgrader's settings for courses in Go."""

from typing import Any


def settle(c: Any) -> None:
    """Changes nbgrader's configuration c."""
    # What students find in the place of a solution. It compiles where a function has a result.
    c.ClearSolutions.code_stub = {"go": '// YOUR CODE HERE\npanic("not implemented")'}
    c.ClearSolutions.text_stub = "*Your answer.*"
    # The buttons Validate and Generate run cells; in Go that includes compiling.
    c.Execute.timeout = 120
    c.Execute.startup_timeout = 60
    c.Autograde.sanitize_preprocessors = ["fashionlab_grading.nbgrader_refuse.Refuse"]
    c.Autograde.autograde_preprocessors = [
        "nbgrader.preprocessors.SaveAutoGrades", "nbgrader.preprocessors.AssignLatePenalties", "nbgrader.preprocessors.CheckCellMetadata",
    ]
    # Nothing is late until due.toml in the course folder has due dates.
    c.AssignLatePenalties.plugin_class = "fashionlab_grading.late.Days"
    # Pages that show what students wrote, as nbgrader and nbconvert make them elsewhere, clean it too.
    c.GenerateFeedback.exporter_class = "fashionlab_grading.pages.Feedback"
    c.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades"]
    c.HTMLExporter.filters = {"markdown2html": "fashionlab_grading.sanitise.markdown"}
