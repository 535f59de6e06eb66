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
import torch
from torch import nn

import graph
import options

GROUPS = [(16, 16), (32, 32), (32, 32, 32), (8, 8, 64), (64, 64, 64)]


def layers():
    result = []
    for g, widths in enumerate(GROUPS, 1):
        result += [graph.conv(f"conv{g}_{i}", out, 3) for i, out in enumerate(widths, 1)]
        result.append(graph.max_pool(f"pool{g}"))
    return result + [graph.fully_connected("fc", 10)]


def step(x, delta, low, high):
    """Round half up to the grid, straight-through inside low .. high; delta learns from what is clipped and how it is rounded."""
    scaled = (x / delta).clamp(low, high)
    return (scaled + (torch.floor(scaled + 0.5) - scaled).detach()) * delta


class Pact4(nn.Module):
    """w_delta = alpha_w / 7 and a_delta = alpha_a / 15, both alphas learned; the first layer's weights stay (they are 8 bit)."""

    def __init__(self, net, images):
        super().__init__()
        self.first = net.layers[0].name
        self.alpha_w = nn.ParameterDict({n: nn.Parameter(2.5 * m.weight.detach().std()) for n, m in net.weighted.items() if n != self.first})
        self.alpha_a = nn.ParameterDict()
        self.observed = {}
        with torch.no_grad():
            net(graph.to_real(torch.from_numpy(images[:200].copy())), self)  # nothing is clipped yet: a look at the ranges
        for name, top in self.observed.items():
            self.alpha_a[name] = nn.Parameter(top)

    def weight(self, layer, weight):
        if layer.name not in self.alpha_w or not self.alpha_a:
            return weight
        return step(weight, self.alpha_w[layer.name] / 7, -7, 7)

    def activation(self, layer, y):
        if not layer.relu:
            return y
        if layer.name not in self.alpha_a:
            self.observed[layer.name] = torch.quantile(y.flatten()[:200000], 0.995)
            return y
        return step(y, self.alpha_a[layer.name] / 15, 0, 15)

    def settle(self, net):
        """Puts the weights on their grids."""
        with torch.no_grad():
            for layer in net.layers:
                if layer.name in self.alpha_w:
                    module = net.weighted[layer.name]
                    module.weight.copy_(self.weight(layer, module.weight))


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
    pact4 = Pact4(net, images)
    images, labels = graph.load(o.train, o.retrain_images)
    graph.train(net, images, labels, o.retrain_rate, quantizer=pact4, extra=list(pact4.parameters()))
    pact4.settle(net)
    print(f"4 bit {graph.accuracy(net, *test, pact4):.4f}", flush=True)
    net.export("vgg16-pact4", o.out_pact4, {name: alpha.item() for name, alpha in pact4.alpha_a.items()})


if __name__ == "__main__":
    main()
