"""What a camera covers on the ground and how large things look in it.

Swath widths are taken across the image's centre row. A tilted camera looks further, so its centre
row is wider than a nadir one's; its footprint grows with distance, and the centre row is where the
operator aims.
"""

import math

from mission_plans.values.plan import CameraSpec

__all__ = ["focal_length_px", "footprint_width_m", "lane_spacing_m", "object_height_px", "vfov_deg"]


def focal_length_px(camera: CameraSpec) -> float:
    """Return the pinhole focal length in pixels."""
    return camera.width_px / 2 / math.tan(math.radians(camera.hfov_deg) / 2)


def vfov_deg(camera: CameraSpec) -> float:
    """Return the vertical field of view, from square pixels."""
    return math.degrees(2 * math.atan(camera.height_px / 2 / focal_length_px(camera)))


def _slant_m(camera: CameraSpec, agl_m: float) -> float:
    # Flatter than 15 degrees nothing useful is seen of the ground; the planner plans no such view.
    depression_deg = max(15.0, -camera.pitch_deg)
    return agl_m / math.sin(math.radians(depression_deg))


def footprint_width_m(camera: CameraSpec, agl_m: float) -> float:
    """Return the width of ground seen across the image centre, over flat ground."""
    return 2 * _slant_m(camera, agl_m) * math.tan(math.radians(camera.hfov_deg) / 2)


def lane_spacing_m(camera: CameraSpec, agl_m: float, overlap: float) -> float:
    """Return the distance between lanes so that neighbouring swaths overlap by that fraction."""
    return footprint_width_m(camera, agl_m) * (1 - overlap)


def object_height_px(camera: CameraSpec, agl_m: float, height_m: float) -> float:
    """Return how tall an upright thing of `height_m` looks at the image centre."""
    depression = math.radians(max(15.0, -camera.pitch_deg))
    return focal_length_px(camera) * height_m * math.cos(depression) / _slant_m(camera, agl_m)
