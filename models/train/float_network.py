# SPDX-License-Identifier: Apache-2.0
"""Writes a float network folder (docs/network-format.md) from PyTorch weights."""
import json
import os

import numpy as np


def read(folder):
    """The description of a float network, and its blobs by name of the layer: (weights, bias or None) in the format's order."""
    with open(os.path.join(folder, "network.json"), encoding="utf-8") as file:
        root = json.load(file)
    values = np.fromfile(os.path.join(folder, "weights.bin"), dtype="<f4")

    def blob(node, key):
        at = node[key]["offset"] // 4 if key in node else 0
        return values[at:at + node[key]["count"]] if key in node else None
    return root, {node["name"]: (blob(node, "weights"), blob(node, "bias")) for node in root["nodes"] if "weights" in node}


class Writer:
    """Collects layers in execution order; a layer reads the one before it unless `inputs` names others."""

    def __init__(self, name, shape, pixel_zero, pixel_scale, classes):
        self.root = {"format": "systole-network", "version": 1, "number": "float32", "name": name,
                     "input": {"shape": list(shape), "pixel_zero": pixel_zero, "pixel_scale": pixel_scale},
                     "classes": classes, "nodes": []}
        self.blobs = bytearray()

    def _blob(self, values):
        array = np.ascontiguousarray(values, dtype="<f4")
        entry = {"dtype": "float32", "offset": len(self.blobs), "count": int(array.size)}
        self.blobs += array.tobytes()
        return entry

    def _node(self, name, kind, out_shape, relu=False, window=None, weights=None, bias=None, inputs=None, clip=None):
        nodes = self.root["nodes"]
        before = [nodes[-1]["name"] if nodes else "input"]
        node = {"name": name, "kind": kind, "inputs": list(inputs or before), "out_shape": list(out_shape)}
        if window is not None:
            node["window"] = window
        node["relu"] = relu
        if clip is not None:
            node["clip"] = float(np.float32(clip))
        if weights is not None:
            node["weights"] = self._blob(weights)
        if bias is not None:
            node["bias"] = self._blob(bias.detach().numpy())
        nodes.append(node)

    @staticmethod
    def _window(kernel, stride, pad):
        return {"kernel": [kernel, kernel], "stride": [stride, stride], "dilation": [1, 1], "pad": [pad, pad]}

    def conv2d(self, name, weight, out_shape, stride=1, pad=0, bias=None, **more):
        """weight: OIHW; the format's order is OHWI."""
        self._node(name, "conv2d", out_shape, window=self._window(weight.shape[2], stride, pad),
                   weights=weight.detach().numpy().transpose(0, 2, 3, 1), bias=bias, **more)

    def max_pool(self, name, size, out_shape, stride=None, pad=0, **more):
        self._node(name, "max_pool", out_shape, window=self._window(size, stride or size, pad), **more)

    def avg_pool(self, name, size, out_shape, stride=None, pad=0, **more):
        self._node(name, "avg_pool", out_shape, window=self._window(size, stride or size, pad), **more)

    def add(self, name, out_shape, **more):
        self._node(name, "add", out_shape, **more)

    def concat(self, name, out_shape, **more):
        self._node(name, "concat", out_shape, **more)

    def fully_connected(self, name, weight, chw=None, bias=None, **more):
        """weight: out x in, its inputs flattened from CHW where `chw` is given; the format flattens HWC."""
        values = weight.detach().numpy()
        if chw is not None:
            values = values.reshape(-1, *chw).transpose(0, 2, 3, 1)
        self._node(name, "fully_connected", (1, 1, weight.shape[0]), weights=values, bias=bias, **more)

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        for file, data in (("weights.bin", bytes(self.blobs)), ("network.json", (json.dumps(self.root, indent=1) + "\n").encode())):
            partial = os.path.join(folder, file + ".partial")
            with open(partial, "wb") as stream:
                stream.write(data)
            os.replace(partial, os.path.join(folder, file))
