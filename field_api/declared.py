"""Every feature and link of the command post: a new one is its folder and a line here."""

from field_api.core.feature import Feature
from field_api.core.sync import feature as sync
from field_api.features import (
    accounts,
    after_action,
    applications,
    attachments,
    audit,
    cameras,
    detections,
    detectors,
    field_reports,
    flights,
    footage,
    incidents,
    inspection_plans,
    inspections,
    law,
    likelihood,
    maps,
    messages,
    onboard_files,
    parameters,
    plan_files,
    planning,
    plans,
    positions,
    recordings,
    registers,
    roster,
    tasks,
    view_requests,
    warnings,
)
from field_api.links import browsers, nodes, video

__all__ = ["FEATURES"]

FEATURES: tuple[Feature, ...] = tuple(
    module.FEATURE
    for module in (
        accounts,
        roster,
        registers,
        law,
        incidents,
        maps,
        plans,
        flights,
        parameters,
        onboard_files,
        cameras,
        footage,
        likelihood,
        planning,
        plan_files,
        applications,
        detections,
        detectors,
        positions,
        tasks,
        field_reports,
        messages,
        inspections,
        inspection_plans,
        recordings,
        view_requests,
        warnings,
        attachments,
        after_action,
        audit,
        sync,
        nodes,
        video,
        browsers,
    )
)
