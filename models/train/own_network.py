#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A network from outside, from its data to an ONNX file: what docs/import.md starts with.

    /usr/bin/python3 models/train/own_network.py mine --shape 1,28,28

draws images of four kinds of bars and blobs, trains a small residual network on them and leaves in the folder

    net.onnx                 the float network, its normalization of the input included
    x.npy, y.npy             eight inputs as real numbers and what PyTorch answers
    images.npy, labels.npy   400 images that it was not trained on: uint8, channels last

--shape is channels,height,width, or channels,length of a signal: 3,64,64 and 2,128 are tried as well.
"""
import argparse
import os

import numpy as np
import torch
from torch import nn

CLASSES, TRAINED, HELD_OUT, SAMPLES = 4, 1600, 400, 8


def draw(count, shape, rng):
    """uint8 [count, channels, ...]: noise, and a bright block whose extents and place say which class it is."""
    images = rng.integers(0, 60, (count, *shape)).astype(np.uint8)
    labels = rng.integers(0, CLASSES, count)
    short, long = max(2, shape[-1] // 8), shape[-1] // 2
    for image, label in zip(images, labels):
        sizes = [long if label & 1 else short, long if label & 2 else short][:len(shape) - 1]
        if len(sizes) == 1:  # a signal: long or short, in one channel or in all
            image = image[:1] if label & 2 else image
        place = tuple(slice(at, at + size) for size, at in ((s, rng.integers(0, side - s)) for s, side in zip(sizes, shape[1:])))
        image[(slice(None), *place)] = rng.integers(180, 255)
    return images, labels.astype(np.int32)


class Residual(nn.Module):
    def __init__(self, kinds, width):
        super().__init__()
        conv, norm = kinds
        self.body = nn.Sequential(conv(width, width, 3, padding=1, bias=False), norm(width), nn.ReLU(),
                                  conv(width, width, 3, padding=1, bias=False), norm(width))

    def forward(self, x):
        return torch.relu(x + self.body(x))


class Network(nn.Module):
    def __init__(self, shape):
        super().__init__()
        flat = len(shape) == 2
        kinds = conv, norm = (nn.Conv1d, nn.BatchNorm1d) if flat else (nn.Conv2d, nn.BatchNorm2d)
        pool, mean = (nn.MaxPool1d, nn.AdaptiveAvgPool1d) if flat else (nn.MaxPool2d, nn.AdaptiveAvgPool2d)
        self.body = nn.Sequential(conv(shape[0], 8, 3, padding=1), norm(8), nn.ReLU6(), pool(2), Residual(kinds, 8),
                                  conv(8, 16, 3, stride=2, padding=1), norm(16), nn.ReLU(), Residual(kinds, 16),
                                  mean(1), nn.Flatten(), nn.Linear(16, CLASSES))

    def forward(self, x):
        return self.body((x - 0.15) / 0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", help="folder to write")
    parser.add_argument("--shape", default="1,28,28", help="channels,height,width or channels,length")
    options = parser.parse_args()
    shape = tuple(int(side) for side in options.shape.split(","))
    torch.manual_seed(1)
    torch.set_num_threads(1)
    images, labels = draw(TRAINED + HELD_OUT, shape, np.random.default_rng(1))
    real, target = torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels).long()
    net = Network(shape)
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(150):
        pick = torch.randint(0, TRAINED, (32,))
        loss = nn.functional.cross_entropy(net(real[pick]), target[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    os.makedirs(options.out, exist_ok=True)
    x = real[TRAINED:TRAINED + SAMPLES]
    with torch.no_grad():
        hits = (net(real[TRAINED:]).argmax(1) == target[TRAINED:]).float().mean().item()
        torch.onnx.export(net, x[:1], os.path.join(options.out, "net.onnx"), opset_version=13)
        y = net(x)
    held_out = np.moveaxis(images[TRAINED:], 1, -1)
    if held_out.ndim == 3:
        held_out = held_out[:, None]  # [images, 1, length, channels]
    for name, values in (("x", x.numpy()), ("y", y.numpy()), ("images", held_out), ("labels", labels[TRAINED:])):
        np.save(os.path.join(options.out, name + ".npy"), np.ascontiguousarray(values))
    print(f"{100 * hits:.2f} % of {HELD_OUT} images")


if __name__ == "__main__":
    main()
