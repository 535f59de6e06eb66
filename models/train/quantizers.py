# SPDX-License-Identifier: Apache-2.0
"""The quantizers of golden/quant in the training loop, straight-through: what rounding does to a value does not stop its gradient,
what lies beyond the range has none."""
import torch


def step(x, scale, low, high):
    """The nearest multiple low .. high of the scale, half up."""
    scaled = torch.minimum(torch.maximum(x / scale, low), high)
    return (scaled + (torch.floor(scaled + 0.5) - scaled).detach()) * scale


class Observed:
    """Ranges of activations: the lowest and highest value of each module over the images that observe() is given."""

    def __init__(self):
        self.ranges = {}

    def observe(self, net, x):
        self.ranges = {}
        with torch.no_grad():
            net(x, self)
        return self.ranges

    def input(self, x):
        return x

    def weight(self, module):
        return module.weight

    def activation(self, module, y):
        low, high = min(0.0, y.min().item()), max(0.0, y.max().item())
        before = self.ranges.get(module.name, (0.0, 0.0))
        self.ranges[module.name] = (min(before[0], low), max(before[1], high))
        return y


def per_channel(weight):
    """The largest magnitude of each output channel, to divide its weights by."""
    largest = weight.detach().abs().flatten(1).max(1).values.clamp(min=1e-30)
    return largest.reshape(-1, *[1] * (weight.dim() - 1))


class Affine:
    """`quantize --scheme affine`: weights symmetric with a scale per output channel, activations with a zero point over their
    full range; pools keep their input's scale."""

    def __init__(self, ranges, last, weight_bits=8, activation_bits=8):
        self.ranges, self.last = ranges, last
        self.weight_high, self.codes = 2 ** (weight_bits - 1) - 1, 2 ** activation_bits - 1

    def input(self, x):
        return x

    def weight(self, module):
        high = torch.tensor(float(self.weight_high))
        return step(module.weight, per_channel(module.weight) / high, -high, high)

    def activation(self, module, y):
        low, high = self.ranges[module.name]
        if module.kind.endswith("pool") or module.name == self.last or high == low:
            return y
        scale = (high - low) / self.codes
        zero = round(-low / scale)
        return step(y, scale, torch.tensor(float(-zero)), torch.tensor(float(self.codes - zero)))


class Bfp:
    """`quantize --scheme bfp`: a power of two per output channel of the weights and per tensor of activations, the smallest that
    holds the largest value."""

    def __init__(self, ranges, last, mantissa=8):
        self.ranges, self.last = ranges, last
        self.high = torch.tensor(2.0 ** (mantissa - 1) - 1)

    def _step(self, x, largest):
        scale = torch.exp2(torch.ceil(torch.log2(largest / self.high)))
        return step(x, scale, -self.high - 1, self.high)

    def input(self, x):
        return x

    def weight(self, module):
        return self._step(module.weight, per_channel(module.weight))

    def activation(self, module, y):
        largest = max(-self.ranges[module.name][0], self.ranges[module.name][1])
        if module.kind == "max_pool" or module.name == self.last or largest == 0:
            return y
        return self._step(y, torch.tensor(largest))
