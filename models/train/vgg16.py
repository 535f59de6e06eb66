#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains VGG16 on drawn digits, then retrains it with 4-bit weights and activations in the loop; writes both as float networks.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/vgg16.py models/train/data/train models/train/data/test models/vgg16-float models/vgg16-pact4-float
    systole quantize models/vgg16-pact4-float --scheme pact4 -o models/vgg16-w4a4

Thirteen 3x3 convolutions in VGG16's five groups with an eighth of its channels or more, the fourth group squeezed to 8 -> 8 channels on 4x4
maps. The second network holds the grid values of the weights and the learned clipping bounds alpha: its quantization loses nothing but
rounding.
"""
import graph
import options
import pact4

GROUPS = [(16, 16), (32, 32), (32, 32, 32), (8, 8, 64), (64, 64, 64)]


def layers():
    result = []
    for g, widths in enumerate(GROUPS, 1):
        result += [graph.conv(f"conv{g}_{i}", out, 3) for i, out in enumerate(widths, 1)]
        result.append(graph.max_pool(f"pool{g}"))
    return result + [graph.fully_connected("fc", 10)]


def main():
    o = options.parse(__doc__.splitlines()[0], {"out": "folder of the float network", "out_pact4": "folder of the retrained network"},
                      100000, 100000)
    test = graph.load(o.test)
    net = graph.Net(layers())
    images, labels = graph.load(o.train, o.images)
    graph.train(net, images, labels, o.rate)
    net = net.fold()
    print(f"float {graph.accuracy(net, *test):.4f}", flush=True)
    net.export("vgg16", o.out)
    pact4.retrain(net, "vgg16-pact4", o.out_pact4, o, test)


if __name__ == "__main__":
    main()
