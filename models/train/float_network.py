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


def pair(value):
    """(vertical, horizontal) of one number or of both."""
    return list(value) if isinstance(value, (tuple, list)) else [value, value]


def write(folder, root, blobs):
    """A description with these blobs, each file as one step: the counterpart of read()."""
    nodes, data = [], bytearray()

    def put(values):
        array = np.ascontiguousarray(values, dtype="<f4")
        if not np.isfinite(array).all():
            raise ValueError("expected finite weights")
        entry = {"dtype": "float32", "offset": len(data), "count": int(array.size)}
        data.extend(array.tobytes())
        return entry
    for node in root["nodes"]:
        node = {key: value for key, value in node.items() if key not in ("weights", "bias")}
        weights, bias = blobs.get(node["name"], (None, None))
        if weights is not None:
            node["weights"] = put(weights)
        if bias is not None:
            node["bias"] = put(bias)
        nodes.append(node)
    os.makedirs(folder, exist_ok=True)
    text = json.dumps(dict(root, nodes=nodes), indent=1) + "\n"
    for file, content in (("weights.bin", bytes(data)), ("network.json", text.encode())):
        partial = os.path.join(folder, file + ".partial")
        with open(partial, "wb") as stream:
            stream.write(content)
        os.replace(partial, os.path.join(folder, file))


class Writer:
    """Collects layers in execution order; a layer reads the one before it unless `inputs` names others. Kernels, strides, dilations
    and pads are one number or (vertical, horizontal); padding at the bottom and right follows from out_shape (height, width, channels).
    What the format does not hold is a ValueError that names the layer."""

    def __init__(self, name, shape, pixel_zero, pixel_scale, classes):
        self.root = {"format": "systole-network", "version": 1, "number": "float32", "name": name,
                     "input": {"shape": list(shape), "pixel_zero": pixel_zero, "pixel_scale": pixel_scale},
                     "classes": classes, "nodes": []}
        self.blobs, self.shapes = {}, {"input": list(shape)}

    def _node(self, name, kind, out_shape, relu=False, window=None, weights=None, bias=None, inputs=None, clip=None):
        nodes = self.root["nodes"]
        before = [nodes[-1]["name"] if nodes else "input"]
        node = {"name": name, "kind": kind, "inputs": list(inputs or before), "out_shape": list(out_shape)}
        known = {"input"} | {other["name"] for other in nodes}
        if name in known or not set(node["inputs"]) <= known:
            raise ValueError(f"{name}: expected a new name, and inputs that are there: {', '.join(node['inputs'])}")
        if window is not None:
            self._check_window(name, window)
            node["window"] = window
        node["relu"] = relu
        if clip is not None:
            node["clip"] = float(np.float32(clip))
        if weights is not None:
            self.blobs[name] = (weights, None if bias is None else bias.detach().numpy())
        nodes.append(node)
        self.shapes[name] = node["out_shape"]

    def _check_channels(self, name, inputs, found, expected):
        """What the weights read must be what is there; `expected` of the input's (height, width, channels)."""
        nodes = self.root["nodes"]
        source = inputs[0] if inputs else nodes[-1]["name"] if nodes else "input"
        if source in self.shapes and found != expected(*self.shapes[source]):
            raise ValueError(f"{name}: weights of {found} inputs, but {source} has {expected(*self.shapes[source])}")

    @staticmethod
    def _check_window(name, window):
        for key, values in window.items():
            if not all(isinstance(v, int) and (0 if key == "pad" else 1) <= v <= 15 for v in values):
                raise ValueError(f"{name}: expected {key} of at most 15, found {values}")

    @staticmethod
    def _window(kernel, stride, dilation, pad):
        return {"kernel": pair(kernel), "stride": pair(stride), "dilation": pair(dilation), "pad": pair(pad)}

    def conv2d(self, name, weight, out_shape, stride=1, pad=0, bias=None, dilation=1, groups=1, **more):
        """weight: OIHW; the format's order is OHWI. Groups of one channel are a depthwise layer; of others the weights outside are 0."""
        out, inside = weight.shape[:2]
        if groups > 1 and inside == 1:
            return self.depthwise(name, weight, out_shape, stride, pad, bias, dilation, **more)
        if out % groups != 0 or out != out_shape[2]:
            raise ValueError(f"{name}: {out} output channels do not make {groups} groups, or are not the {out_shape[2]} of out_shape")
        self._check_channels(name, more.get("inputs"), inside * groups, lambda h, w, c: c)
        values = weight.detach().numpy()
        if groups > 1:
            whole = np.zeros((out, inside * groups, *weight.shape[2:]), dtype=values.dtype)
            for o in range(out):
                first = o // (out // groups) * inside
                whole[o, first:first + inside] = values[o]
            values = whole
        self._node(name, "conv2d", out_shape, window=self._window(weight.shape[2:], stride, dilation, pad),
                   weights=values.transpose(0, 2, 3, 1), bias=bias, **more)

    def depthwise(self, name, weight, out_shape, stride=1, pad=0, bias=None, dilation=1, **more):
        """weight: O1HW, output channel o reads input channel o / (outputs / inputs)."""
        if weight.shape[1] != 1:
            raise ValueError(f"{name}: expected weights of one input channel, found {tuple(weight.shape)}")
        self._check_channels(name, more.get("inputs"), 0, lambda h, w, c: weight.shape[0] % c)
        self._node(name, "depthwise", out_shape, window=self._window(weight.shape[2:], stride, dilation, pad),
                   weights=weight.detach().numpy()[:, 0], bias=bias, **more)

    def max_pool(self, name, size, out_shape, stride=None, pad=0, dilation=1, **more):
        self._node(name, "max_pool", out_shape, window=self._window(size, stride or size, dilation, pad), **more)

    def avg_pool(self, name, size, out_shape, stride=None, pad=0, count_include_pad=False, **more):
        """Divides by the taps inside of the map; with count_include_pad (PyTorch's default) by all: where there is padding that is a
        depthwise layer."""
        window = self._window(size, stride or size, 1, pad)
        if count_include_pad and any(window["pad"]):
            height, width = window["kernel"]
            weights = np.full((out_shape[2], height, width), 1 / (height * width), dtype=np.float32)
            self._node(name, "depthwise", out_shape, window=window, weights=weights, **more)
        else:
            self._node(name, "avg_pool", out_shape, window=window, **more)

    def add(self, name, out_shape, **more):
        self._node(name, "add", out_shape, **more)

    def concat(self, name, out_shape, **more):
        self._node(name, "concat", out_shape, **more)

    def fully_connected(self, name, weight, chw=None, bias=None, **more):
        """weight: out x in, its inputs flattened from CHW where `chw` is given; the format flattens HWC."""
        values = weight.detach().numpy()
        self._check_channels(name, more.get("inputs"), values.shape[1], lambda h, w, c: h * w * c)
        if chw is not None:
            values = values.reshape(-1, *chw).transpose(0, 2, 3, 1)
        self._node(name, "fully_connected", (1, 1, weight.shape[0]), weights=values, bias=bias, **more)

    def write(self, folder):
        write(folder, self.root, self.blobs)
