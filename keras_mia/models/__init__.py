"""Builders: functions that return ordinary `keras.Model`s, a file an architecture."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Adversarial": "generation.adversarial",
    "ConditionalGAN": "generation.conditional_gan",
    "CycleTranslator": "translation.cycle_translator",
    "LabelTranslator": "translation.label_translator",
    "Refiner": "translation.refiner",
    "Translator": "translation.translator",
    "alexnet": "classification.alexnet",
    "all_convolutional": "classification.all_convolutional",
    "conditional": "generation.conditional",
    "cyclegan": "translation.cyclegan",
    "dcgan": "generation.dcgan",
    "densenet": "classification.densenet",
    "dilated": "classification.dilated",
    "fold_batchnorm": "folding",
    "googlenet": "classification.inceptions.googlenet",
    "inception": "classification.inceptions.inception",
    "inception_resnet": "classification.inceptions.inception_resnet",
    "inflate": "imagenet.inflate",
    "lenet": "classification.lenet",
    "mlp": "classification.mlp",
    "mlp_gan": "generation.mlp_gan",
    "multi_task": "multi_task_heads",
    "patch_discriminator": "translation.patch_discriminator",
    "pix2pix": "translation.pix2pix",
    "pretrained": "imagenet.pretrained",
    "refiner": "translation.refiner",
    "resnet": "classification.resnet",
    "resnet_generator": "translation.resnet_generator",
    "unet": "segmentation.unet",
    "vgg": "classification.vgg",
    "without_auxiliary": "classification.inceptions.googlenet",
    "xception": "classification.inceptions.xception",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
