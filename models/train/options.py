# SPDX-License-Identifier: Apache-2.0
"""What the training scripts have in common on the command line."""
import argparse

import torch


def parse(description, out, images, retrain=None, retrain_rate=1e-3):
    """`out`: help texts by name of the folders to write; `images`, `retrain`: default numbers of training images."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("train", help="prefix of the training images (glyphs_export)")
    parser.add_argument("test", help="prefix of the test images")
    for name, text in out.items():
        parser.add_argument(name, help=text)
    parser.add_argument("--images", type=int, default=images, help="training images, each seen once")
    parser.add_argument("--rate", type=float, default=4e-3)
    if retrain is not None:
        parser.add_argument("--retrain-images", type=int, default=retrain, help="images of the retraining, each seen once")
        parser.add_argument("--retrain-rate", type=float, default=retrain_rate)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    return options
