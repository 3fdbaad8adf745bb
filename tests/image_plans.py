"""A plan for tiny images that are answered as a whole."""

from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.tasks.classification.classification_plan import ClassificationPlan

PLAN = ClassificationPlan(
    target=Multiclass(("well", "ill"), ("0", "1")),
    channels=1,
    size=(4, 4),
    spacing_mm=None,
    modality=None,
    normalization="none",
    intensities=(),
    bytes=False,
    network="resnet",
    batch_size=2,
    sampling="natural",
    flip=(1,),
    rotation_deg=(10.0,),
    mixup=0.0,
    smoothing=0.0,
    class_weights=(),
    l1=0.0,
    l2=0.0,
)
