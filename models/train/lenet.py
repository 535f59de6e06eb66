#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains LeNet on drawn digits and writes it as a float network (docs/network-format.md).

    glyphs_export 400000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    /usr/bin/python3 models/train/lenet.py models/train/data/train models/train/data/test models/lenet-float

Convolution 5x5 3->6, max pool 2, convolution 5x5 6->16, max pool 2, fully connected 400-120-84-10; ReLU between, a bias in the
last layer only. One thread and fixed seeds: the same machine gives the same weights again.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn

from float_network import Writer

PIXEL_ZERO, PIXEL_SCALE = 128, 1 / 128  # real = (pixel - zero) * scale


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5, bias=False)
        self.conv2 = nn.Conv2d(6, 16, 5, bias=False)
        self.fc1 = nn.Linear(400, 120, bias=False)
        self.fc2 = nn.Linear(120, 84, bias=False)
        self.fc3 = nn.Linear(84, 10, bias=True)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc3(torch.relu(self.fc2(x)))


def load(prefix):
    images = torch.from_numpy(np.load(f"{prefix}_images.npy").transpose(0, 3, 1, 2).copy())  # HWC -> CHW
    return images, torch.from_numpy(np.load(f"{prefix}_labels.npy").astype(np.int64))


def to_real(images):
    return (images.float() - PIXEL_ZERO) * PIXEL_SCALE


def accuracy(net, images, labels, batch=1000):
    with torch.no_grad():
        hits = sum((net(to_real(images[i:i + batch])).argmax(1) == labels[i:i + batch]).sum().item()
                   for i in range(0, len(labels), batch))
    return hits / len(labels)


def train(net, images, labels, test, epochs, batch, rate):
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    steps = len(labels) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps * epochs)
    start = time.time()
    for epoch in range(epochs):
        order, total = torch.randperm(len(labels)), 0.0
        for step in range(steps):
            pick = order[step * batch:(step + 1) * batch]
            loss = nn.functional.cross_entropy(net(to_real(images[pick])), labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1:2}  loss {total / steps:.4f}  test {accuracy(net, *test):.4f}  {time.time() - start:.0f} s",
              flush=True)


def export(net, folder):
    out = Writer("lenet", (32, 32, 3), PIXEL_ZERO, PIXEL_SCALE, [str(digit) for digit in range(10)])
    out.conv2d("conv1", net.conv1.weight, (28, 28, 6), relu=True)
    out.max_pool("pool1", 2, (14, 14, 6))
    out.conv2d("conv2", net.conv2.weight, (10, 10, 16), relu=True)
    out.max_pool("pool2", 2, (5, 5, 16))
    out.fully_connected("fc1", net.fc1.weight, chw=(16, 5, 5), relu=True)
    out.fully_connected("fc2", net.fc2.weight, relu=True)
    out.fully_connected("fc3", net.fc3.weight, bias=net.fc3.bias)
    out.write(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", help="prefix of the training images (glyphs_export)")
    parser.add_argument("test", help="prefix of the test images")
    parser.add_argument("out", help="folder of the float network to write")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=3e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = LeNet()
    train(net, *load(options.train), load(options.test), options.epochs, options.batch, options.rate)
    export(net, options.out)


if __name__ == "__main__":
    main()
