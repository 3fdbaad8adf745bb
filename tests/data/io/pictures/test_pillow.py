"""Pictures are read as viewers show them, label maps as what they stand for."""

import struct
import zlib

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import tifffile

from keras_mia.core.problem import Problem
from keras_mia.data import colours_to_labels, read_image, read_label, threshold_labels, write_image
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.formats import PICTURES, SUFFIXES, label_suffix
from keras_mia.data.io.labels.integers import ROUNDED
from keras_mia.data.io.pictures import pixels
from keras_mia.doctor.case import examine

RANDOM = np.random.default_rng(0)


def blocks(shape=(2, 3), size=8):
    """A picture of large squares, which JPEG keeps nearly as it is."""
    values = (40 * (1 + np.arange(np.prod(shape))).reshape(shape)).astype(np.uint8)
    return np.kron(values, np.ones((size, size), np.uint8))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif", "tif", "lzw.tif", "JPG", "mpo"])
@pytest.mark.parametrize("tag", range(1, 9))
def test_pictures_and_label_maps_are_turned_as_their_tag_says(tmp_path, tag, suffix):
    stored, path = blocks(), tmp_path / f"a.{suffix}"
    exif = PIL.Image.Exif()
    exif[274] = tag
    form = {"JPG": "JPEG", "mpo": "MPO"}.get(suffix)
    if suffix == "tif":
        tifffile.imwrite(path, stored, extratags=[(274, 3, 1, tag, True)])
    elif suffix == "lzw.tif":
        picture = PIL.Image.fromarray(stored)
        picture.save(path, compression="tiff_lzw", tiffinfo={274: tag})
    else:
        PIL.Image.fromarray(stored).convert("RGB").save(path, form, exif=exif, quality=100)
    plain = PIL.Image.fromarray(stored)
    plain.getexif()[274] = tag
    expected = np.asarray(PIL.ImageOps.exif_transpose(plain))
    for read in (read_image, read_label):
        image = read(path)
        assert image.space == expected.shape
        np.testing.assert_allclose(image.array[..., 0], expected, atol=4)
        if suffix != "avif":
            assert (pixels.ORIENTED in image.remarks) == (tag != 1)


def test_a_stack_of_pages_is_turned_too(tmp_path):
    pages = RANDOM.integers(0, 255, (3, 4, 5)).astype(np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", pages, photometric="minisblack", extratags=[(274, 3, 1, 6, False)]
    )
    expected = np.rot90(np.moveaxis(pages, 0, 2), -1)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array[..., 0], expected)


def test_broken_exif_is_no_reason_to_refuse_a_picture(tmp_path):
    PIL.Image.fromarray(blocks()).save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\xff\xff\xff")
    assert read_image(tmp_path / "a.jpg").space == blocks().shape


def test_16_bit_colours_are_turned(tmp_path):
    import SimpleITK

    deep = RANDOM.integers(0, 2**16, (4, 6, 3)).astype(np.uint16)
    picture = SimpleITK.GetImageFromArray(deep, isVector=True)
    SimpleITK.WriteImage(picture, str(tmp_path / "a.png"))
    whole = (tmp_path / "a.png").read_bytes()
    exif = PIL.Image.Exif()
    exif[274] = 3
    body = b"eXIf" + exif.tobytes()[6:]
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    (tmp_path / "a.png").write_bytes(whole[:33] + chunk + whole[33:])
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").array, deep[::-1, ::-1])


def test_the_first_picture_of_a_phones_file_is_the_picture(tmp_path):
    picture = PIL.Image.fromarray(blocks())
    small = picture.resize((5, 4))
    picture.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[small])
    image = read_image(tmp_path / "a.jpg")
    assert image.space == blocks().shape
    assert image.remarks == (pixels.FIRST,)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_what_moves_is_no_picture(tmp_path, suffix):
    frames = [PIL.Image.fromarray(np.full((9, 9, 3), 80 * i, np.uint8)) for i in range(3)]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(Problem, match="moving: 3"):
        read_image(tmp_path / f"a.{suffix}")


@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_preview_in_a_tiff_is_left_out(tmp_path, where):
    whole, small = blocks(), blocks(size=4)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        if where == "before":
            file.write(small, subfiletype=1)
        file.write(whole)
        if where == "behind":
            file.write(small, subfiletype=1)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array[..., 0], whole)


WRITTEN = {"jpe": "JPEG", "jfif": "JPEG", "dib": "DIB", "j2k": "JPEG2000", "jpf": "JPEG2000"}


@pytest.mark.parametrize("suffix", [one for one in PICTURES if one not in (".mpo", ".pfm")])
def test_whatever_pillow_reads_is_read(tmp_path, suffix):
    for name in (suffix, suffix.upper()):
        path = tmp_path / f"a{name}"
        form = WRITTEN.get(suffix[1:]) or ("JPEG2000" if suffix == ".jpx" else None)
        PIL.Image.fromarray(blocks()).save(path, form)
        np.testing.assert_allclose(read_image(path).array[..., 0], blocks(), atol=4)
        np.testing.assert_allclose(read_label(path).array[..., 0], blocks(), atol=4)
        assert label_suffix(path) == ".png"


def test_all_names_end_as_the_table_has_it():
    assert all(suffix == suffix.lower() for suffix in SUFFIXES)


def test_formats_that_blur_labels_are_told_from_those_that_keep_them(tmp_path):
    picture = PIL.Image.fromarray(blocks())
    for name, options, blurs in (
        ("a.jpg", {}, True),
        ("a.avif", {}, True),
        ("a.webp", {"quality": 80}, True),
        ("b.webp", {"lossless": True}, False),
        ("a.jp2", {"irreversible": True}, True),
        ("b.jp2", {"irreversible": False}, False),
        ("a.png", {}, False),
        ("a.bmp", {}, False),
    ):
        picture.save(tmp_path / name, **options)
        assert (pixels.BLURRED in read_label(tmp_path / name).remarks) == blurs, name
        assert read_image(tmp_path / name).remarks == ()


def test_pgm_of_any_depth(tmp_path):
    deep = np.array([[0, 1, 2, 4095]], np.uint16)
    head = b"P5\n# 7 7 7\n4 1\n4095\n"
    (tmp_path / "a.pgm").write_bytes(head + deep.astype(">u2").tobytes())
    assert read_image(tmp_path / "a.pgm").array[..., 0].tolist() == deep.tolist()
    assert read_label(tmp_path / "a.pgm").array[..., 0].tolist() == deep.tolist()
    (tmp_path / "b.pgm").write_bytes(b"P5 4 1 3\n" + bytes([0, 1, 2, 3]))
    assert read_image(tmp_path / "b.pgm").array[..., 0].tolist() == [[0, 85, 170, 255]]
    assert read_label(tmp_path / "b.pgm", values="stored").array.ravel().tolist() == [0, 1, 2, 3]


def indexed(path, indices, palette, **options):
    picture = PIL.Image.fromarray(np.asarray(indices, np.uint8), mode="P")
    picture.putpalette([value for colour in palette for value in colour])
    picture.save(path, **options)
    return path


BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "tif", "lzw.tif"])
def test_the_whole_palette_decides_whether_labels_are_indices(tmp_path, suffix):
    options = {"compression": "tiff_lzw"} if "lzw" in suffix else {}
    few, all_three = [[0, 1], [1, 0]], [[0, 1], [2, 0]]
    # Pillow cuts the palette of a GIF down to the colours that it uses
    for indices in (all_three,) if suffix == "gif" else (few, all_three):
        path = indexed(tmp_path / f"a.{suffix}", indices, (BLACK, WHITE, RED), **options)
        assert read_label(path).array[..., 0].tolist() == indices
    path = indexed(tmp_path / f"b.{suffix}", few, (WHITE, BLACK), **options)
    assert read_label(path).array[..., 0].tolist() == [[255, 0], [0, 255]]
    ramp = [(i, i, i) for i in range(256)]
    path = indexed(tmp_path / f"c.{suffix}", [[0, 255]], ramp, **options)
    assert read_label(path).array[..., 0].tolist() == [[0, 255]]


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "tif", "lzw.tif"])
def test_indexed_images_are_shown_in_their_colours(tmp_path, suffix):
    options = {"compression": "tiff_lzw"} if "lzw" in suffix else {}
    path = indexed(tmp_path / f"a.{suffix}", [[0, 1, 2]], (BLACK, WHITE, RED), **options)
    image = read_image(path)
    assert image.colours
    assert image.array.tolist() == [[list(BLACK), list(WHITE), list(RED)]]
    path = indexed(tmp_path / f"b.{suffix}", [[0, 1]], (WHITE, BLACK, RED), **options)
    assert read_image(path).array.tolist() == [[[255], [0]]]


def test_alpha_is_said_where_it_shows_something(tmp_path):
    colours = RANDOM.integers(0, 255, (6, 7, 3)).astype(np.uint8)
    for name in ("a.png", "a.tif", "a.webp"):
        for least, remarks in ((255, ()), (9, (pixels.ALPHA,))):
            alpha = np.full((6, 7, 1), 255, np.uint8)
            alpha[0, 0] = least
            picture = PIL.Image.fromarray(np.concatenate([colours, alpha], -1))
            picture.save(tmp_path / name, **{"lossless": True} if name == "a.webp" else {})
            image = read_image(tmp_path / name)
            np.testing.assert_array_equal(image.array, colours)
            assert image.remarks == remarks
            assert image.colours


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_mask_in_the_alpha_channel_is_not_read_as_an_empty_one(tmp_path, name):
    mask = (RANDOM.random((6, 7)) > 0.5).astype(np.uint8) * 255
    white = np.full_like(mask, 255)
    PIL.Image.fromarray(np.stack([white, white, white, mask], -1)).save(tmp_path / name)
    with pytest.raises(Problem, match=r"getchannel\('A'\)"):
        read_label(tmp_path / name)
    PIL.Image.fromarray(np.stack([mask, mask, mask, mask], -1)).save(tmp_path / name)
    np.testing.assert_array_equal(read_label(tmp_path / name).array[..., 0], mask)


def test_channels_of_a_tiff_that_are_no_alpha_stay(tmp_path):
    pages = RANDOM.integers(0, 900, (4, 6, 7)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pages, imagej=True, metadata={"axes": "CYX"})
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, np.moveaxis(pages, 0, 2))
    assert not image.colours
    tifffile.imwrite(tmp_path / "b.tif", pages[:2], imagej=True, metadata={"axes": "CYX"})
    assert read_image(tmp_path / "b.tif").array.shape == (6, 7, 2)


def test_printers_colours_become_rgb(tmp_path):
    picture = PIL.Image.fromarray(RANDOM.integers(0, 255, (6, 7, 4)).astype(np.uint8), mode="CMYK")
    for name in ("a.tif", "lzw.tif"):
        picture.save(tmp_path / name, compression="tiff_lzw" if name == "lzw.tif" else None)
        expected = np.asarray(picture.convert("RGB"))
        np.testing.assert_array_equal(read_image(tmp_path / name).array, expected)


@pytest.mark.parametrize("packing", [None, "group4", "tiff_lzw"])
def test_bits_are_white_and_black(tmp_path, packing):
    mask = np.asarray([[0, 255, 255], [255, 0, 0]], np.uint8)
    for name in ("a.tif",) if packing else ("a.tif", "a.png", "a.bmp", "a.pbm"):
        PIL.Image.fromarray(mask).convert("1").save(
            tmp_path / name, **{"compression": packing} if packing else {}
        )
        assert read_image(tmp_path / name).array[..., 0].tolist() == mask.tolist()
        assert read_label(tmp_path / name).array[..., 0].tolist() == mask.tolist()
        stored = read_label(tmp_path / name, values="stored").array[..., 0]
        assert stored.tolist() == (mask // 255).tolist()


def test_colour_coded_masks_are_refused_with_a_line_that_corrects_them(tmp_path):
    folder = tmp_path / "masks"
    folder.mkdir()
    colours = np.array([BLACK, RED, (0, 255, 0)], np.uint8)
    labels = RANDOM.integers(0, 3, (2, 6, 7))
    for number, label in enumerate(labels):
        PIL.Image.fromarray(colours[label]).save(folder / f"{number}.png")
    with pytest.raises(Problem, match="colours_to_labels"):
        read_label(folder / "0.png")
    found = colours_to_labels(folder, tmp_path / "labels")
    assert found == {BLACK: 0, (0, 255, 0): 1, RED: 2}
    again = read_label(tmp_path / "labels" / "1.png").array[..., 0]
    np.testing.assert_array_equal(again, np.array([0, 2, 1])[labels[1]])


@pytest.mark.parametrize("name", ["a.npy", "a.nii.gz", "a.tif", "a.mha"])
def test_numbers_that_are_nearly_whole_are_rounded_and_others_get_a_threshold(tmp_path, name):
    whole = RANDOM.integers(0, 5, (6, 7, 8) if name != "a.tif" else (6, 7)).astype(np.float32)
    path = tmp_path / "soft" / name
    path.parent.mkdir()
    write_image(path, np.where(whole > 0, np.nextafter(whole, np.float32(9)), whole))
    label = read_label(path)
    np.testing.assert_array_equal(label.array[..., 0], whole)
    assert ROUNDED in label.remarks
    write_image(path, whole)
    assert ROUNDED not in read_label(path).remarks
    write_image(path, whole + np.float32(0.002))
    with pytest.raises(Problem, match="whole numbers"):
        read_label(path)
    write_image(path, whole / 4)
    with pytest.raises(Problem, match=r"above=0\.5"):
        read_label(path)
    threshold_labels(path.parent, tmp_path / "hard", above=0.5)
    np.testing.assert_array_equal(read_label(tmp_path / "hard" / name).array[..., 0], whole > 2)


def test_a_label_map_that_fits_the_image_without_its_tag_is_told_so(tmp_path):
    exif = PIL.Image.Exif()
    exif[274] = 6
    PIL.Image.fromarray(blocks()).save(tmp_path / "a.jpg", exif=exif)
    PIL.Image.fromarray(blocks()).save(tmp_path / "label.png")
    case = Case("a", {"image": (tmp_path / "a.jpg",)}, LabelMapFile(tmp_path / "label.png"), "a")
    with pytest.raises(Problem, match="exiftool -Orientation="):
        read_facts(case)
    found = [one for one in examine(case, read_facts)[0] if one.severity == "wrong"]
    assert ["exiftool" in one.remedy for one in found] == [True]


def test_packed_16_bit_colours_that_are_turned_are_refused(tmp_path):
    import SimpleITK

    deep = RANDOM.integers(0, 2**16, (4, 6, 3)).astype(np.uint16)
    picture = SimpleITK.GetImageFromArray(deep, isVector=True)
    writer = SimpleITK.ImageFileWriter()
    writer.SetFileName(str(tmp_path / "a.tif"))
    writer.UseCompressionOn()
    writer.SetCompressor("LZW")
    writer.Execute(picture)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array, deep)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as file:
        file.pages[0].tags[274].overwrite(6)
    with pytest.raises(Problem, match="orientation tag 6"):
        read_image(tmp_path / "a.tif")


def test_grey_masks_in_blurred_colours_are_grey(tmp_path):
    mask = np.kron((RANDOM.random((4, 4)) > 0.5).astype(np.uint8) * 255, np.ones((8, 8), np.uint8))
    shift = np.stack([mask // 2, mask // 2 + 3, mask // 2], -1)
    PIL.Image.fromarray(shift).save(tmp_path / "a.jpg", quality=100)
    np.testing.assert_allclose(read_label(tmp_path / "a.jpg").array[..., 0], mask // 2, atol=4)
    PIL.Image.fromarray(shift).save(tmp_path / "a.png")
    with pytest.raises(Problem, match="3 that differ"):
        read_label(tmp_path / "a.png")
