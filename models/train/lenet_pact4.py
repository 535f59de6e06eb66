#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Retrains LeNet on drawn digits with everything in 4 bits, the image too, and writes it as a float network.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/lenet_pact4.py models/train/data/train models/train/data/test models/lenet-pact4-float
    systole quantize models/lenet-pact4-float --scheme pact4 --input-bits 4 -o models/lenet-w4a4

Starts from models/lenet-float, of which it has the shape and a bias in every layer.
"""
import torch

import float_network
import graph
import options
import pact4

LAYERS = [graph.Layer("conv1", "conv2d", 6, 5, relu=True), graph.max_pool("pool1"),
          graph.Layer("conv2", "conv2d", 16, 5, relu=True), graph.max_pool("pool2"),
          graph.fully_connected("fc1", 120, relu=True), graph.fully_connected("fc2", 84, relu=True),
          graph.fully_connected("fc3", 10)]


def start(folder):
    """LeNet as it is stored, without batch normalization."""
    net = graph.Net(LAYERS).fold()
    root, blobs = float_network.read(folder)
    with torch.no_grad():
        for layer in net.layers:
            if layer.name not in blobs:
                continue
            module = net.weighted[layer.name]
            weights, bias = blobs[layer.name]
            out, *inside = module.weight.shape
            h, w, c = net.shapes[layer.inputs[0]] if len(inside) == 1 else (inside[1], inside[2], inside[0])
            module.weight.copy_(torch.from_numpy(weights.reshape(out, h, w, c).transpose(0, 3, 1, 2).reshape(out, *inside).copy()))
            module.bias.copy_(torch.zeros(out) if bias is None else torch.from_numpy(bias.copy()))
        # The same sums of another unit of the pixels.
        net.weighted[net.layers[0].name].weight.mul_(root["input"]["pixel_scale"] / graph.PIXEL_SCALE)
    return net


def main():
    o = options.parse(__doc__.splitlines()[0], {"out": "folder of the retrained network"}, 0, 120000, 2e-3)
    test = graph.load(o.test)
    net = start("models/lenet-float")
    print(f"float {graph.accuracy(net, *test):.4f}", flush=True)
    pact4.retrain(net, "lenet-pact4", o.out, o, test, input_bits=4)


if __name__ == "__main__":
    main()
