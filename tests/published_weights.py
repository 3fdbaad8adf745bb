"""Files of weights as Keras' applications publish them."""

import h5py


def publish(model, path):
    """Saves the names of the layers, and the weights of each by name."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            weights = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in weights]
            for name, array in zip(weights, layer.get_weights(), strict=True):
                group[name] = array
