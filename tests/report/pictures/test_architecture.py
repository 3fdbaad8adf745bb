"""Pictures of networks: which layers are a box, and which boxes an arc joins."""

import pytest
from matplotlib.patches import FancyArrowPatch

from keras_mia.models import densenet, resnet, unet, vgg
from keras_mia.models.describe import describe, without_memory
from keras_mia.report.pictures.architecture import draw, save_picture
from keras_mia.report.pictures.layer_boxes import boxes_of


def rows(build, *arguments, **options):
    with without_memory():
        return describe(build(*arguments, **options))


def test_layers_that_change_no_shape_have_no_box():
    boxes = boxes_of(rows(vgg, (32, 32, 1), 2, variant="A", norm="instance"))
    assert list(boxes)[:4] == ["image", "block_1_conv_1", "block_1_pool", "block_2_conv_1"]
    inside = [row.kind for row in boxes["block_1_conv_1"].rows]
    assert inside == ["Conv2D", "InstanceNormalization", "ReLU"]
    assert boxes["block_1_pool"].dimensions == "16 x 16 x 64"
    assert boxes["flat"].kind.name == "flattened"


def test_skip_connections_go_from_encoder_to_decoder():
    boxes = boxes_of(rows(unet, (32, 32, 1), 2, depth=2))
    assert boxes["decoder_0_skip"].inputs == {"encoder_0_conv_2", "decoder_0_up"}
    assert boxes["decoder_1_skip"].inputs == {"encoder_1_conv_2", "decoder_1_up"}


def test_a_residual_block_is_joined_after_its_shortcut():
    boxes = boxes_of(rows(resnet, (16, 16, 1), 2, depth=(1, 1)))
    first, second = "stage_2_block_1_conv_1", "stage_2_block_1_conv_2"
    assert boxes[second].inputs == {first, "stage_2_block_1_shortcut"}
    names = list(boxes)
    for name, box in boxes.items():
        assert all(names.index(taken) < names.index(name) for taken in box.inputs)


@pytest.mark.parametrize(
    ("build", "most", "block", "layers"),
    [
        (resnet, 10, "stage_2_block_2", 7),
        (densenet, 10, "block_2", 14),
    ],
)
def test_deep_networks_are_drawn_by_their_blocks(build, most, block, layers):
    network = rows(build, (32, 32, 1), 2, depth=(2, 2))
    boxes = boxes_of(network, most)
    assert len(boxes) <= most < len(boxes_of(network))
    assert boxes[block].title(block) == f"{block} ({layers} layers)"
    assert boxes[block].kind.name == "convolution"
    assert sum(len(box.rows) for box in boxes.values()) == len(network)


def test_the_picture_has_an_arrow_for_each_way_and_all_shapes():
    network = rows(unet, (32, 32, 1), 2, depth=2)
    boxes = boxes_of(network)
    (axes,) = draw(network, "mine").axes
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == sum(len(box.inputs) for box in boxes.values())
    texts = {text.get_text() for text in axes.texts}
    assert {*boxes, *(box.dimensions for box in boxes.values())} <= texts
    assert any(word.startswith("mine: ") for word in texts)
    # Arcs rise above all boxes, and stay in the picture.
    tops = [arrow.get_path().vertices[:, 1].max() for arrow in arrows]
    assert max(tops) < axes.get_ylim()[1]
    legend = {text.get_text() for text in axes.get_legend().get_texts()}
    assert legend == {"image", "convolution", "pooling", "upsampling", "joined maps"}


def test_other_formats_and_sides_that_are_not_known(tmp_path):
    network = rows(unet, (None, None, 1), 2, depth=1)
    save_picture(tmp_path / "unet.svg", network, "unet")
    assert "<!-- ? x ? x 32 -->" in (tmp_path / "unet.svg").read_text()
