#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes an int8 network of VGG16's thirteen convolutions at full width with random weights: shapes to measure, nothing to classify.

Usage: vgg16_shapes.py DIR      then: build/systole run DIR --images 1 --check pins
"""
import json
import os
import sys

import numpy as np

GROUPS = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]


def window(kernel, stride, pad):
    return {"kernel": [kernel, kernel], "stride": [stride, stride], "dilation": [1, 1], "pad": [pad, pad]}


def node(name, kind, before, shape, geometry, shift):
    return {"name": name, "kind": kind, "inputs": [before], "out_shape": list(shape), "window": geometry,
            "activation": {"signed": True, "bits": 8, "zero": 0},
            "psum": {"width": 32, "saturate": False, "bits": 31}, "tile_channels": 8,
            "requantization": {"raw": False, "rule": "round_shift_half_up", "multiply": False, "m0": [0], "lshift": [0],
                               "n": [shift], "zero_out": 0, "act_min": 0, "act_max": 127}}


def main(folder):
    rng = np.random.default_rng(1)
    nodes, blob, before = [], bytearray(), "input"
    size, channels = 32, 3
    for group, widths in enumerate(GROUPS, 1):
        for index, width in enumerate(widths, 1):
            name = f"conv{group}_{index}"
            conv = node(name, "conv2d", before, (size, size, width), window(3, 1, 1), 10)
            weights = rng.integers(-64, 65, (width, 9 * channels), dtype=np.int8)
            conv["weights"] = {"signed": True, "bits": 8, "zero": 0,
                               "data": {"dtype": "int8", "offset": len(blob), "count": int(weights.size)}}
            blob += weights.tobytes()
            nodes.append(conv)
            before, channels = name, width
        size //= 2
        nodes.append(node(f"pool{group}", "max_pool", before, (size, size, channels), window(2, 2, 0), 0))
        before = f"pool{group}"
    root = {"format": "systole-network", "version": 1, "number": "integer", "name": "vgg16-shapes",
            "input": {"shape": [32, 32, 3], "signed": True, "bits": 8, "pixel_offset": -128}, "classes": [], "nodes": nodes}
    os.makedirs(folder)
    with open(os.path.join(folder, "weights.bin"), "wb") as file:
        file.write(blob)
    with open(os.path.join(folder, "network.json"), "w", encoding="utf-8") as file:
        json.dump(root, file, indent=1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
