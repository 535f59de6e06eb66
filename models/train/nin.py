#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains Network in Network on drawn digits, then retrains it with ClipQ in the loop; writes both as float networks.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/nin.py models/train/data/train models/train/data/test models/nin-float models/nin-clipq-float
    systole quantize models/nin-clipq-float --scheme clipq -o models/nin-clipq

The shape is Network in Network's for CIFAR with a sixth of its channels. The second network holds the weights that ClipQ is applied
to; run in float it means nothing.
"""
import math

import torch

import graph
import options

LAYERS = [graph.conv("conv1", 16, 3), graph.conv("cccp1", 24), graph.conv("cccp2", 32), graph.max_pool("pool1"),
          graph.conv("conv2", 16, 3), graph.conv("cccp3", 32), graph.conv("cccp4", 32), graph.Layer("pool2", "avg_pool", 0, 2, 2),
          graph.conv("conv3", 64, 3), graph.conv("cccp5", 32), graph.conv("cccp6", 10, relu=False), graph.avg_pool("pool3", 8)]


def clipq_side(magnitudes, levels, fraction):
    """Magnitudes of one sign (zero elsewhere) -> Q3.5 magnitudes of the levels, zero where pruned."""
    present = magnitudes[magnitudes > 0]
    result = torch.zeros_like(magnitudes)
    if len(present) == 0:
        return result
    ordered = present.sort().values
    threshold, extreme = ordered[math.ceil(fraction * len(ordered)) - 1], ordered[-1]
    bins = ((magnitudes - threshold) / ((extreme - threshold) / levels + 1e-30)).floor().clamp(max=levels - 1)
    for k in range(levels):
        inside = (magnitudes > threshold) & (bins == k)
        mean = magnitudes[inside].sum() / (inside.sum() + 1e-7)
        result[inside] = torch.floor(mean * 32).clamp(max=127) / 32
    return result


class ClipQ:
    """Weights on three levels and zero, activations on Q3.5; gradients pass straight through, but not beyond the range."""

    def __init__(self, fraction=0.4):
        self.fraction = fraction

    def input(self, x):
        return x

    def weight(self, layer, weight):
        with torch.no_grad():
            level = clipq_side(weight.clamp(min=0), 1, self.fraction) - clipq_side((-weight).clamp(min=0), 2, self.fraction)
        return weight + (level - weight).detach()

    def activation(self, layer, y):
        y = y.clamp(-4, 4 - 1 / 32)
        return y + (torch.trunc(y * 32) / 32 - y).detach()


def main():
    o = options.parse(__doc__.splitlines()[0], {"out": "folder of the float network", "out_clipq": "folder of the retrained network"},
                      100000, 120000, 3e-3)
    test = graph.load(o.test)
    net = graph.Net(LAYERS)
    graph.train(net, *graph.load(o.train, o.images), o.rate)
    net = net.fold()
    print(f"float {graph.accuracy(net, *test):.4f}", flush=True)
    net.export("nin", o.out)
    clipq = ClipQ()
    graph.train(net, *graph.load(o.train, o.retrain_images), o.retrain_rate, quantizer=lambda: clipq)
    print(f"ClipQ {graph.accuracy(net, *test, clipq):.4f}", flush=True)
    net.export("nin-clipq", o.out_clipq)


if __name__ == "__main__":
    main()
