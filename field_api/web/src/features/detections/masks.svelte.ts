/** Spots where a rejected alert's kind raises no further alert for a time. */
import { ask, http } from '$shared/api/client';
import type { Detection, DetectionMask } from '$shared/api/records';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import './texts';

class Masks {
  readonly records = feed.records('detection_mask', new Collection<DetectionMask>());

  /** Those that silence something, the newest first; the command post says when one has ended. */
  active = $derived(
    this.records.all
      .filter(({ ended_ms }) => ended_ms === null)
      .sort((a, b) => b.made_ms - a.made_ms),
  );

  of(detection: Detection): DetectionMask | null {
    return this.active.find(({ detection_id }) => detection_id === detection.id) ?? null;
  }

  /** Only a place on the ground, or a part of a fixed camera's picture, can be masked. */
  possible = (detection: Detection): boolean => Boolean(detection.position) || detection.vehicle_id === null;

  async make(detection_id: string): Promise<DetectionMask> {
    const params = { path: { detection_id } };
    const body = { id: newId(), reason: '' };
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/mask', { params, body })));
  }

  async lift(mask_id: string): Promise<DetectionMask> {
    const params = { path: { mask_id } };
    const body = { reason: '' };
    return this.records.put(await ask(http.POST('/api/v1/detection-masks/{mask_id}/lift', { params, body })));
  }
}

export const masks = new Masks();
