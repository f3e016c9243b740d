"""Entries for the challenge, honest and forged, and rules by which they are marked in seconds. test_challenge.py and term.py hand them in."""

import csv
import json
import os
import subprocess
from pathlib import Path

from fashionlab_grading.entries import FILES, MARKS, RULES
from fashionlab_grading.folder import Course
from fashionlab_grading.toolbox import ROOT

# Softmax regression is to earn half of the points.
QUICK = {"parameters": 10_000, "minutes": 20, "replayed_steps": 10, "accuracy_for_no_points": 0.5, "accuracy_for_all_points": 0.9, "images": 1000}
# Why what does not hold earns nothing.
WHY = {
    "large": "28938 parameters, want at most 10000",
    "tested": "trained on other images than the 60000",
    "borrowed": "it was trained in another way than it says",
}


def set_rules(course: Course, **rules: object) -> None:
    """Changes rules, of which the secret stays."""
    path = course.folder / RULES
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **rules}), encoding="utf-8")


def go(*arguments: object) -> None:
    subprocess.run(["go", "run", *map(str, arguments)], cwd=ROOT, check=True, env={**os.environ, "GOMLX_BACKEND": "go"})


def train(folder: Path) -> dict[str, dict[str, bytes]]:
    """Trains in a folder, and returns entries by what they are."""
    command = ["./fashion/cmd/fashion", "train", "-split-size", "60000"]
    go(*command, "-model", "softmax", "-epochs", "1", "-batch", "200", "-optimizer", "adam", "-lr", "0.005", "-run", folder / "honest")
    go(*command, "-model", "cnn", "-steps", "1", "-batch", "8", "-run", folder / "large")
    go("./lessons/grading/tests/testdata/cheat", folder / "tested")
    honest, large, tested = ({name: (folder / run / name).read_bytes() for name in FILES} for run in ("honest", "large", "tested"))
    return {
        "honest": honest,
        "large": large,
        "tested": tested,
        # The settings of the honest run around the weights that know the test images.
        "borrowed": {**tested, "config.json": honest["config.json"]},
        "forged": with_history(honest, boast),
    }


def with_history(entry: dict[str, bytes], change) -> dict[str, bytes]:
    """An entry with another history. A safetensors file is the length of its header, the header, the values."""
    checkpoint = entry["checkpoint.safetensors"]
    size = int.from_bytes(checkpoint[:8], "little")
    header = json.loads(checkpoint[8 : 8 + size])
    info = json.loads(header["__metadata__"]["run"])
    change(info["history"])
    header["__metadata__"]["run"] = json.dumps(info)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return {**entry, "checkpoint.safetensors": len(text).to_bytes(8, "little") + text + checkpoint[8 + size :]}


def boast(history: dict) -> None:
    """What a forger writes: another accuracy, no time."""
    for epoch in history["epochs"]:
        epoch["validated"], epoch["val_accuracy"] = True, 0.99
    history["wall_seconds"] = 1e-3


def marks(course: Course) -> dict[str, dict[str, str]]:
    """The lines of the table, by student."""
    with (course.folder / MARKS).open(encoding="utf-8-sig", newline="") as f:
        return {row["id"]: row for row in csv.DictReader(f)}


def fair(mark: dict[str, str]) -> bool:
    """Whether an honest entry earned the points for its accuracy, which is that of softmax regression."""
    accuracy = float(mark["accuracy"])
    return 0.65 < accuracy < 0.86 and abs(float(mark["points"]) - 20 * (accuracy - 0.5) / 0.4) < 0.051 and mark["problems"] == ""
