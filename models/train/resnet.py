#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a residual network on drawn digits and writes it as a float network.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/resnet.py models/train/data/train models/train/data/test models/resnet-float
    systole quantize models/resnet-float --scheme bfp -o models/resnet-bfp

ResNet-8's shape for CIFAR: three stages of one block, halved maps and doubled channels by a 1x1 projection in the shortcut.
"""
import graph
import options

WIDTHS = (8, 16, 32)


def layers():
    result, before = [graph.conv("stem", WIDTHS[0], 3)], "stem"
    for s, width in enumerate(WIDTHS, 1):
        stride = 1 if s == 1 else 2
        result.append(graph.conv(f"block{s}_1", width, 3, stride, inputs=(before,)))
        result.append(graph.conv(f"block{s}_2", width, 3, relu=False))
        shortcut = before
        if stride != 1:
            shortcut = f"shortcut{s}"
            result.append(graph.conv(shortcut, width, 1, stride, relu=False, inputs=(before,)))
        before = f"add{s}"
        result.append(graph.add(before, f"block{s}_2", shortcut))
    return result + [graph.avg_pool("pool", 8), graph.fully_connected("fc", 10)]


def main():
    o = options.parse(__doc__.splitlines()[0], {"out": "folder of the float network"}, 100000)
    net = graph.Net(layers())
    graph.train(net, *graph.load(o.train, o.images), o.rate)
    net = net.fold()
    print(f"float {graph.accuracy(net, *graph.load(o.test)):.4f}", flush=True)
    net.export("resnet", o.out)


if __name__ == "__main__":
    main()
