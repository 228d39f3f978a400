"""Whether the first of several images is changed or shown anew."""

from __future__ import annotations

import pytest

from limner.engine.words.roles import changes_the_first


@pytest.mark.parametrize(
    "prompt",
    [
        "add the hat of image 2",
        "Please put image 2 on image 1",
        "put the hat of image 2 on the dog of image 1",
        "could you use the style of the second image?",
        "make it look like image 2",
        "replace the car with the bus from image 3",
        "the logo of image 2 on the bag of image 1",
        "change image 1 so that it has the palette of image 2",
        "add a combination lock like in image 2",
        "remove all the objects",
        "make the two cats sit next to each other",
        "put the hat of image 2 on the dog together with a scarf",
        "wrap the logo of image 2 around the mug",
        "colour the car like in image 2",
        "I want to add the hat of image 2",
        "draw the hat of image 2 on the dog",
        "setze den Hut von Bild 2 auf den Hund",
        "把图2的帽子放在狗上",
    ],
)
def test_an_order_changes_the_first_of_several_images(prompt: str):
    assert changes_the_first(prompt, 2)


@pytest.mark.parametrize(
    "prompt",
    [
        "image 1 and image 2 side by side",
        "put image 1 to the right of image 2 on a gradient",
        "Put the fox of the first image behind image 2",
        "a photorealistic gift basket with the items in the reference pictures",
        "combine these into one scene",
        "combine them side by side",
        "put image 1 and image 2 together in one frame",
        "draw a shelf with the things of the pictures",
        "add all of these to a shelf",
        "the cheese of image 1, image 2 and the cup of image 3 on a blue background",
        "a shelf holding the four things",
    ],
)
def test_a_description_of_several_images_has_no_source(prompt: str):
    assert not changes_the_first(prompt, 2)


def test_one_image_is_always_the_source():
    assert changes_the_first("image 1 on a beach, side by side with a crab", 1)
