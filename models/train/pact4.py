# SPDX-License-Identifier: Apache-2.0
"""Four bits in the training loop: weights on -7 .. 7, activations on 0 .. 15 with PACT's learned bounds, the image on 8 or 4 bits."""
import torch
from torch import nn

import graph

INPUT_STEP = 16 * graph.PIXEL_SCALE  # of an input of 4 bits: 16 pixels


def step(x, delta, low, high):
    """Round half up to the grid, straight-through inside low .. high; delta learns from what is clipped and how it is rounded."""
    scaled = (x / delta).clamp(low, high)
    return (scaled + (torch.floor(scaled + 0.5) - scaled).detach()) * delta


class Pact4(nn.Module):
    """w_delta = alpha_w / 7 and a_delta = alpha_a / 15, both alphas learned. The weights that read an image of 8 bits stay: they
    are 8 bit."""

    def __init__(self, net, images, input_bits=8):
        super().__init__()
        self.input_bits = input_bits
        first = net.layers[0].name
        self.alpha_w = nn.ParameterDict({n: nn.Parameter(2.5 * m.weight.detach().std()) for n, m in net.weighted.items()
                                         if n != first or input_bits == 4})
        self.alpha_a = nn.ParameterDict()
        self.observed = {}
        with torch.no_grad():
            net(net.to_real(torch.from_numpy(images[:200].copy())), self)  # nothing is clipped yet: a look at the ranges
        for name, top in self.observed.items():
            self.alpha_a[name] = nn.Parameter(top)

    def input(self, x):
        return step(x, INPUT_STEP, -8, 7) if self.input_bits == 4 else x

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


def retrain(net, name, folder, options, test, input_bits=8):
    """Retrains a network without batch normalization with four bits in the loop and writes it with its bounds alpha."""
    images, labels = graph.load(options.train, options.retrain_images)
    pact4 = Pact4(net, images, input_bits)
    graph.train(net, images, labels, options.retrain_rate, quantizer=lambda: pact4, extra=list(pact4.parameters()))
    pact4.settle(net)
    print(f"4 bit {graph.accuracy(net, *test, pact4):.4f}", flush=True)
    net.export(name, folder, {layer: alpha.item() for layer, alpha in pact4.alpha_a.items()})
