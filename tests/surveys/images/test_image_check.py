"""What a file is, by what is in it."""

import pytest
from PIL import Image

from shoal.lab.pictures import FORMATS, bomb, draw
from shoal.surveys.images.check import HEAD, NotAPicture, examine, form_of


def written(folder, body, name="x"):
    path = folder / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_formats_are_known_by_their_first_bytes_and_thumbnails_fit(tmp_path, form):
    path = written(tmp_path, draw(form, 300, 150, 1))
    picture = examine(path, tmp_path / "deep" / "t.jpg", 64)
    assert (picture.form, picture.width, picture.height) == (form, 300, 150)
    with Image.open(tmp_path / "deep" / "t.jpg") as small:
        assert (small.format, small.size) == ("JPEG", (64, 32))


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_that_breaks_off_is_broken(tmp_path, form):
    with pytest.raises(NotAPicture, match="broken"):
        examine(written(tmp_path, draw(form, 300, 200, 1)[:-200]))
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_bomb_is_not_decoded(tmp_path):
    with pytest.raises(NotAPicture, match="more"):
        examine(written(tmp_path, bomb()))
    with pytest.raises(NotAPicture, match="9000 x 9000 pixels"):
        examine(written(tmp_path, bomb(9000)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"  <!DOCTYPE html><html>", "HTML"),
        (b"<svg xmlns=...", "SVG"),
        (b"GIF8", "broken"),
        (b"", "known format"),
        (b"\x00" * 100, "known format"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path, body, words):
    with pytest.raises(NotAPicture, match=words):
        examine(written(tmp_path, body))


def test_a_name_means_nothing(tmp_path):
    assert examine(written(tmp_path, draw("GIF", 20, 20, 1), "x.png")).suffix == "gif"


def test_clear_parts_are_white_in_a_thumbnail(tmp_path):
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "x.png")
    examine(tmp_path / "x.png", tmp_path / "t.jpg", 10)
    with Image.open(tmp_path / "t.jpg") as small:
        assert small.getpixel((5, 5)) == (255, 255, 255)


def test_the_head_is_long_enough_for_every_mark():
    assert form_of(draw("WEBP", 30, 30, 1)[:HEAD]) == ("WEBP", "webp")
