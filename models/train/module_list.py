# SPDX-License-Identifier: Apache-2.0
"""Any stored float network as a list of PyTorch modules, to train further: what `systole prune`, `systole import` or a script here
wrote. docs/network-format.md says what each kind computes."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional

import float_network


class Module(nn.Module):
    """One node. Weights in PyTorch's order: conv2d OIHW, depthwise O1HW, fully connected out x (row, column, channel)."""

    def __init__(self, node, shape, blobs):
        super().__init__()
        self.name, self.kind, self.inputs = node["name"], node["kind"], node["inputs"]
        self.in_shape, self.out_shape = shape, node["out_shape"]
        self.relu, self.clip, self.window = node["relu"], node.get("clip"), node.get("window")
        self.weight = self.bias = None
        if blobs is None:
            return
        weight, bias = blobs
        out, kernel = self.out_shape[2], self.window["kernel"] if self.window else None
        if self.kind == "conv2d":
            weight = weight.reshape(out, *kernel, shape[2]).transpose(0, 3, 1, 2)
        elif self.kind == "depthwise":
            weight = weight.reshape(out, 1, *kernel)
        else:
            weight = weight.reshape(out, -1)
        self.weight = nn.Parameter(torch.from_numpy(weight.copy()))
        if bias is not None:
            self.bias = nn.Parameter(torch.from_numpy(bias.copy()))

    def blobs(self):
        """Weights and bias in the format's order."""
        weight = self.weight.detach().numpy()
        if self.kind == "conv2d":
            weight = weight.transpose(0, 2, 3, 1)
        return weight.reshape(-1), None if self.bias is None else self.bias.detach().numpy()

    def _padded(self, x, value):
        """Padding at the bottom and right follows from the output's size; below 0 it cuts off what no window reads."""
        sides = []
        for axis in (1, 0):
            w = {key: values[axis] for key, values in self.window.items()}
            reach = (self.out_shape[axis] - 1) * w["stride"] + (w["kernel"] - 1) * w["dilation"] + 1
            sides += [w["pad"], reach - self.in_shape[axis] - w["pad"]]
        return functional.pad(x, sides, value=value)

    def _sums(self, x, weight, groups):
        return functional.conv2d(self._padded(x, 0.0), weight, None, self.window["stride"], 0, self.window["dilation"], groups)

    def forward(self, inputs, weight):
        """`weight`: this module's, or what a quantizer makes of it."""
        y = self._run(inputs, weight)
        if self.bias is not None:
            y = y + self.bias[:, None, None]
        if self.relu:
            y = y.clamp(0.0, self.clip) if self.clip else torch.relu(y)
        return y

    def _run(self, inputs, weight):
        x = inputs[0]
        if self.kind == "conv2d":
            return self._sums(x, weight, 1)
        if self.kind == "depthwise":
            return self._sums(x, weight, self.in_shape[2])
        if self.kind == "fully_connected":
            return functional.linear(x.permute(0, 2, 3, 1).flatten(1), weight)[:, :, None, None]
        if self.kind == "add":
            return inputs[0] + inputs[1]
        if self.kind == "concat":
            return torch.cat(inputs, 1)
        if self.kind == "max_pool":
            return functional.max_pool2d(self._padded(x, -np.inf), self.window["kernel"], self.window["stride"], 0, self.window["dilation"])
        ones = torch.ones(x.shape[1], 1, *self.window["kernel"])
        taps = self._sums(torch.ones_like(x[:1]), ones, x.shape[1])  # those inside of the map
        return self._sums(x, ones, x.shape[1]) / taps


class Network(nn.Module):
    """`modules_` in execution order. `quantizer`, where one is given, has input(x), weight(module) and activation(module, y)."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.root, blobs = float_network.read(folder)
        shapes, modules = {"input": self.root["input"]["shape"]}, []
        for node in self.root["nodes"]:
            modules.append(Module(node, shapes[node["inputs"][0]], blobs.get(node["name"])))
            shapes[node["name"]] = node["out_shape"]
        self.modules_ = nn.ModuleList(modules)

    def to_real(self, images):
        """uint8 NHWC -> float NCHW."""
        source = self.root["input"]
        return (images.permute(0, 3, 1, 2).float() - source["pixel_zero"]) * source["pixel_scale"]

    def forward(self, x, quantizer=None):
        values = {"input": x if quantizer is None else quantizer.input(x)}
        for module in self.modules_:
            weight = module.weight if quantizer is None or module.weight is None else quantizer.weight(module)
            y = module([values[i] for i in module.inputs], weight)
            values[module.name] = y if quantizer is None else quantizer.activation(module, y)
        return values[self.modules_[-1].name].flatten(1)

    def export(self, folder, name=None):
        """The network as it is now, under another name where one is given."""
        root = dict(self.root, name=name or self.root["name"])
        float_network.write(folder, root, {m.name: m.blobs() for m in self.modules_ if m.weight is not None})
