#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a stored float network further: after pruning, or with a quantizer in the loop.

    glyphs_export 120000 models/train/data/train --split train
    glyphs_export 10000 models/train/data/test --split test
    systole prune models/lenet-float --fraction 0.5 -o small-float
    /usr/bin/python3 models/train/finetune.py models/train/data/train models/train/data/test small-float tuned-float --rate 4e-3
    /usr/bin/python3 models/train/finetune.py models/train/data/train models/train/data/test tuned-float tuned-w4 --scheme affine --weight-bits 4
    systole quantize tuned-w4 --scheme affine --weight-bits 4 -o tuned

Any network folder of "number": "float32" (module_list.py): LeNet, ResNet, Inception, what `systole import` made of an ONNX file.
"""
import argparse
import os

import torch

import graph
import module_list
import quantizers

OBSERVED_IMAGES = 200


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", help="prefix of the training images: PREFIX_images.npy (uint8 NHWC) and PREFIX_labels.npy")
    parser.add_argument("test", help="prefix of the test images")
    parser.add_argument("network", help="folder of the float network")
    parser.add_argument("out", help="folder of the float network to write")
    parser.add_argument("--scheme", choices=("none", "affine", "bfp"), default="none", help="quantizer in the loop")
    parser.add_argument("--weight-bits", type=int, default=8, choices=range(2, 17), metavar="2..16", help="affine")
    parser.add_argument("--activation-bits", type=int, default=8, choices=range(2, 17), metavar="2..16", help="affine")
    parser.add_argument("--mantissa", type=int, default=8, choices=range(5, 13), metavar="5..12", help="bfp")
    parser.add_argument("--images", type=int, default=20000, help="training images, each seen once")
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    if os.path.realpath(options.network) == os.path.realpath(options.out):
        parser.error(f"expected another folder than {options.network} to write")
    return options


def quantizer_of(options, net, images):
    """None, or the quantizer with the ranges that the network's values have now."""
    if options.scheme == "none":
        return None
    ranges = quantizers.Observed().observe(net, net.to_real(torch.from_numpy(images[:OBSERVED_IMAGES].copy())))
    last = net.modules_[-1].name
    if options.scheme == "affine":
        return quantizers.Affine(ranges, last, options.weight_bits, options.activation_bits)
    return quantizers.Bfp(ranges, last, options.mantissa)


def main():
    o = parse()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = module_list.Network(o.network)
    images, labels = graph.load(o.train, o.images)
    test = graph.load(o.test)
    quantizer = lambda: quantizer_of(o, net, images)
    print(f"before: {o.scheme} {graph.accuracy(net, *test, quantizer()):.4f}", flush=True)
    graph.train(net, images, labels, o.rate, quantizer=quantizer)
    print(f"after: {o.scheme} {graph.accuracy(net, *test, quantizer()):.4f}", flush=True)
    net.export(o.out)


if __name__ == "__main__":
    main()
