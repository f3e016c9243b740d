"""Makes pictures of test images as people have them, for the Go tests.

    python pictures.py T10K_IMAGES_GZ

It needs Pillow and numpy; nothing else in the project does. It enlarges the first test image
of each class six times, and writes it with other backgrounds, margins, orientations, modes
and formats, in all ways below. A file's name begins with the image's number in the test set.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent
SCALE = 6
# The first test image of each class.
FIRST = [19, 2, 1, 13, 6, 8, 4, 9, 18, 0]
ORIENTATION = 0x0112
# What a viewer does for each orientation; a file holds the reverse.
REVERSE = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


def page(grey: np.ndarray, background: int, margins: tuple[int, int, int, int]) -> Image.Image:
    """The garment, dark on a page of the given grey, with margins left, top, right, bottom."""
    levels = Image.fromarray(background - (grey.astype(float) * background / 255).round().astype(np.uint8))
    large = levels.resize((28 * SCALE, 28 * SCALE), Image.Resampling.BICUBIC)
    return ImageOps.expand(large, margins, fill=background)


def save(name: str, picture: Image.Image, **options: object) -> None:
    picture.save(HERE / name, **options)


def write(number: int, grey: np.ndarray) -> None:
    """Writes the pictures of one image."""
    white = page(grey, 255, (50, 30, 20, 40))
    cutout = Image.merge("LA", [Image.new("L", white.size, 60), ImageOps.invert(white)])
    light = Image.merge("LA", [Image.new("L", white.size, 245), ImageOps.invert(white)])
    colour = ImageOps.colorize(ImageOps.invert(white), (236, 236, 240), (20, 10, 60))
    indexed = white.copy()
    indexed.putpalette([level for level in range(256) for _ in "RGB"])
    files = {
        "white.png": (white, {}),
        "white.gif": (indexed, {}),
        "white.webp": (white.convert("RGB"), {"lossless": True}),
        "lossy.webp": (white.convert("RGB"), {"quality": 80}),
        "grey.jpg": (white, {"quality": 85}),
        "colour.jpg": (colour, {"quality": 85}),
        "progressive.jpg": (colour, {"quality": 85, "progressive": True}),
        "cmyk.jpg": (white.convert("CMYK"), {"quality": 85}),
        "deep.png": (Image.fromarray(np.asarray(white).astype(np.uint16) * 257), {}),
        "palette.png": (indexed, {"transparency": 255}),
        "dark.png": (ImageOps.invert(white), {}),
        "cutout.png": (cutout, {}),
        "light-cutout.png": (light, {}),
        "light-cutout.webp": (light.convert("RGBA"), {"quality": 90}),
        "wide.png": (page(grey, 255, (350, 200, 350, 200)), {}),
        "size.png": (Image.fromarray(grey), {}),
        "size-white.png": (ImageOps.invert(Image.fromarray(grey)), {}),
        "cream.png": (ImageOps.colorize(ImageOps.invert(white), (255, 255, 255), (255, 253, 208)), {}),
    }
    for name, (picture, options) in files.items():
        save(f"{number}-{name}", picture, **options)
    for orientation, steps in REVERSE.items():
        turned = white
        for step in steps:
            turned = turned.transpose(step)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        assert ImageOps.exif_transpose(_with(turned, exif)).tobytes() == white.tobytes()
        for ending in ["jpg", "png", "webp"] if orientation == 6 else ["jpg"]:
            save(f"{number}-turned-{orientation}.{ending}", turned.convert("RGB"), exif=exif, quality=85)


def _with(picture: Image.Image, exif: Image.Exif) -> Image.Image:
    picture = picture.copy()
    picture.getexif()[ORIENTATION] = exif[ORIENTATION]
    return picture


def main() -> None:
    content = gzip.decompress(Path(sys.argv[1]).read_bytes())
    images = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28)
    for number in FIRST:
        write(number, images[number])


if __name__ == "__main__":
    main()
