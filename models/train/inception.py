#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains an Inception network on drawn digits and writes it as a float network.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/inception.py models/train/data/train models/train/data/test models/inception-float
    systole quantize models/inception-float --scheme bfp -o models/inception-bfp

A stem of two convolutions and two modules of four branches each (1x1; 1x1, 3x3; 1x1, 3x3, 3x3; max pool, 1x1) joined by concatenation.
"""
import graph
import options


def module(name, before, width):
    """Four branches of `width` channels each."""
    conv = lambda branch, kernel, source=(): graph.conv(f"{name}_{branch}", width, kernel, inputs=source)
    return [conv("a", 1, (before,)),
            conv("b1", 1, (before,)), conv("b2", 3),
            conv("c1", 1, (before,)), conv("c2", 3), conv("c3", 3),
            graph.max_pool(f"{name}_pool", 3, 1, 1, (before,)), conv("d", 1),
            graph.concat(f"{name}_join", *(f"{name}_{branch}" for branch in ("a", "b2", "c3", "d")))]


def layers():
    return ([graph.conv("stem1", 8, 3), graph.conv("stem2", 16, 3, 2)] + module("mixed1", "stem2", 8) + [graph.max_pool("pool1")]
            + module("mixed2", "pool1", 16) + [graph.avg_pool("pool2", 8), graph.fully_connected("fc", 10)])


def main():
    o = options.parse(__doc__.splitlines()[0], {"out": "folder of the float network"}, 60000)
    net = graph.Net(layers())
    graph.train(net, *graph.load(o.train, o.images), o.rate)
    net = net.fold()
    print(f"float {graph.accuracy(net, *graph.load(o.test)):.4f}", flush=True)
    net.export("inception", o.out)


if __name__ == "__main__":
    main()
