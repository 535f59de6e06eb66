# SPDX-License-Identifier: Apache-2.0
"""Networks as lists of layers: one description is trained, retrained with a quantizer in the loop, and written."""
import copy
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from float_network import Writer

PIXEL_ZERO, PIXEL_SCALE = 128, 1 / 32  # real = (pixel - zero) * scale: -4 .. 4 - 1/32, the range of Q3.5


@dataclass
class Layer:
    """kind: conv2d, max_pool, avg_pool, add, concat or fully_connected; no inputs: the layer before."""
    name: str
    kind: str
    out: int = 0
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    relu: bool = False
    inputs: tuple = ()


def conv(name, out, kernel=1, stride=1, relu=True, inputs=()):
    return Layer(name, "conv2d", out, kernel, stride, kernel // 2, relu, inputs)


def max_pool(name, kernel=2, stride=2, pad=0, inputs=()):
    return Layer(name, "max_pool", 0, kernel, stride, pad, False, inputs)


def avg_pool(name, kernel):
    return Layer(name, "avg_pool", 0, kernel, kernel)


def add(name, *inputs):
    return Layer(name, "add", relu=True, inputs=inputs)


def concat(name, *inputs):
    return Layer(name, "concat", inputs=inputs)


def fully_connected(name, out, relu=False):
    return Layer(name, "fully_connected", out, relu=relu)


class Net(nn.Module):
    """Batch normalization behind every convolution until fold() moves it into weights and bias."""

    def __init__(self, layers, size=32, channels=3):
        super().__init__()
        self.layers, self.size, self.channels = layers, size, channels
        self.weighted, self.norms, self.shapes = nn.ModuleDict(), nn.ModuleDict(), {"input": (size, size, channels)}
        before = "input"
        for layer in layers:
            layer.inputs = layer.inputs or (before,)
            self._add(layer)
            before = layer.name

    def _add(self, layer):
        h, w, c = self.shapes[layer.inputs[0]]
        out = layer.out or (sum(self.shapes[i][2] for i in layer.inputs) if layer.kind == "concat" else c)
        if layer.kind == "fully_connected":
            self.weighted[layer.name] = nn.Linear(h * w * c, out)
            h = w = 1
        elif layer.kind in ("conv2d", "max_pool", "avg_pool"):
            h, w = ((side + 2 * layer.pad - layer.kernel) // layer.stride + 1 for side in (h, w))
        if layer.kind == "conv2d":
            self.weighted[layer.name] = nn.Conv2d(c, out, layer.kernel, layer.stride, layer.pad)
            self.norms[layer.name] = nn.BatchNorm2d(out)
        self.shapes[layer.name] = (h, w, out)

    @staticmethod
    def to_real(images):
        """uint8 NHWC -> float NCHW."""
        return (images.permute(0, 3, 1, 2).float() - PIXEL_ZERO) * PIXEL_SCALE

    def forward(self, x, quantizer=None):
        values = {"input": x if quantizer is None else quantizer.input(x)}
        for layer in self.layers:
            y = self._run(layer, [values[i] for i in layer.inputs], quantizer)
            y = torch.relu(y) if layer.relu else y
            values[layer.name] = y if quantizer is None else quantizer.activation(layer, y)
        return values[self.layers[-1].name].flatten(1)

    def _run(self, layer, inputs, quantizer):
        x = inputs[0]
        if layer.kind == "max_pool":
            return functional.max_pool2d(x, layer.kernel, layer.stride, layer.pad)
        if layer.kind == "avg_pool":
            return functional.avg_pool2d(x, layer.kernel, layer.stride)
        if layer.kind == "add":
            return inputs[0] + inputs[1]
        if layer.kind == "concat":
            return torch.cat(inputs, 1)
        module = self.weighted[layer.name]
        weight = module.weight if quantizer is None else quantizer.weight(layer, module.weight)
        if layer.kind == "fully_connected":
            return functional.linear(x.flatten(1), weight, module.bias)
        y = functional.conv2d(x, weight, module.bias, layer.stride, layer.pad)
        return self.norms[layer.name](y) if layer.name in self.norms else y

    def fold(self):
        """The same function without batch normalization."""
        net = copy.deepcopy(self).eval()
        with torch.no_grad():
            for name, norm in net.norms.items():
                gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                module = net.weighted[name]
                module.weight.mul_(gain[:, None, None, None])
                module.bias.copy_((module.bias - norm.running_mean) * gain + norm.bias)
        net.norms = nn.ModuleDict()
        return net

    def export(self, name, folder, clips=None):
        """Writes a folded network; `clips` are upper bounds of activations by layer name."""
        out = Writer(name, (self.size, self.size, self.channels), PIXEL_ZERO, PIXEL_SCALE, [str(digit) for digit in range(10)])
        for layer in self.layers:
            more = {"relu": layer.relu, "inputs": layer.inputs}
            if clips and layer.name in clips:
                more["clip"] = clips[layer.name]
            shape = self.shapes[layer.name]
            if layer.kind == "conv2d":
                module = self.weighted[layer.name]
                out.conv2d(layer.name, module.weight, shape, layer.stride, layer.pad, module.bias, **more)
            elif layer.kind == "fully_connected":
                h, w, c = self.shapes[layer.inputs[0]]
                module = self.weighted[layer.name]
                out.fully_connected(layer.name, module.weight, (c, h, w), module.bias, **more)
            elif layer.kind.endswith("pool"):
                getattr(out, layer.kind)(layer.name, layer.kernel, shape, layer.stride, layer.pad, **more)
            else:
                getattr(out, layer.kind)(layer.name, shape, **more)
        out.write(folder)


def load(prefix, count=None):
    """The first `count` images, mapped rather than read: training sets are larger than memory may be."""
    images = np.load(f"{prefix}_images.npy", mmap_mode="r")[:count]
    return images, torch.from_numpy(np.load(f"{prefix}_labels.npy")[:count].astype(np.int64))


def accuracy(net, images, labels, quantizer=None, batch=500):
    """Of a Net, or of module_list's Network."""
    net.eval()
    with torch.no_grad():
        hits = sum((net(net.to_real(torch.from_numpy(images[i:i + batch].copy())), quantizer).argmax(1) == labels[i:i + batch]).sum().item()
                   for i in range(0, len(labels), batch))
    net.train()
    return hits / len(labels)


def train(net, images, labels, rate, batch=64, quantizer=lambda: None, extra=(), report=100):
    """One pass over the images in random order, learning rate up and down once. `quantizer` is called for one, or None, every `report`
    steps; `extra` are parameters that it learns."""
    optimizer = torch.optim.AdamW(list(net.parameters()) + list(extra), lr=rate, weight_decay=1e-4)
    steps, order, start, total = len(labels) // batch, torch.randperm(len(labels)), time.time(), 0.0
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for step in range(steps):
        if step % report == 0:
            current = quantizer()
        pick = np.sort(order[step * batch:(step + 1) * batch].numpy())
        loss = functional.cross_entropy(net(net.to_real(torch.from_numpy(images[pick])), current), labels[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
        if (step + 1) % report == 0:
            print(f"step {step + 1}/{steps}  loss {total / report:.4f}  {time.time() - start:.0f} s", flush=True)
            total = 0.0
