/** Who points which camera, and what is asked of it from this page. */
import { SvelteMap } from 'svelte/reactivity';
import { ApiProblem, ask, expected, http } from '$shared/api/client';
import type { CameraAim, CameraHold } from '$shared/api/records';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { flights } from '../flights/flights.svelte';
import { nudged, type Angles } from './pointing';
import './texts';

/** What was asked for counts as where it looks until the gimbal had the time to get there. */
const ASKED_MS = 3000;

class Cameras {
  readonly holds = feed.records('camera', new Collection<CameraHold>());
  /** Why a click in a picture led to nothing; the camera's bar shows it. */
  readonly refusals = new SvelteMap<string, ApiProblem>();
  /** Newest wish of each aircraft that waits for the one before to be answered. */
  readonly #waiting = new Map<string, CameraAim>();
  readonly #sending = new Set<string>();
  readonly #asked = new Map<string, { angles: Angles; t_ms: number }>();

  holdOf(vehicleId: string): CameraHold | undefined {
    return this.holds.get(vehicleId);
  }

  mine(vehicleId: string): boolean {
    const holder = this.holdOf(vehicleId)?.holder_id;
    return holder != null && holder === session.user?.username;
  }

  async take(vehicleId: string, over: boolean): Promise<void> {
    this.#put(
      await ask(
        http.POST('/api/v1/vehicles/{vehicle_id}/camera/take', {
          params: { path: { vehicle_id: vehicleId } },
          body: { over },
        }),
      ),
    );
  }

  async release(vehicleId: string): Promise<void> {
    await this.aim(vehicleId, { target: { to: 'mission' } });
    this.#put(
      await ask(
        http.POST('/api/v1/vehicles/{vehicle_id}/camera/release', {
          params: { path: { vehicle_id: vehicleId } },
        }),
      ),
    );
  }

  async track(vehicleId: string, streamId: string | null, trackId: number | null): Promise<void> {
    this.#put(
      await ask(
        http.POST('/api/v1/vehicles/{vehicle_id}/camera/track', {
          params: { path: { vehicle_id: vehicleId } },
          body: { stream_id: streamId, track_id: trackId },
        }),
      ),
    );
  }

  async photo(vehicleId: string): Promise<void> {
    await ask(
      http.POST('/api/v1/vehicles/{vehicle_id}/camera/photo', {
        params: { path: { vehicle_id: vehicleId } },
        body: { id: newId() },
      }),
    );
  }

  /** What a click in the picture means: follow what was hit, or look there. */
  async clicked(
    vehicleId: string,
    streamId: string,
    trackId: number | null,
    at: { x: number; y: number; aspect: number },
  ): Promise<void> {
    this.refusals.delete(vehicleId);
    try {
      if (trackId !== null) await this.track(vehicleId, streamId, trackId);
      else await this.aim(vehicleId, { target: { to: 'pixel', ...at } });
    } catch (caught) {
      this.refusals.set(vehicleId, expected(caught));
    }
  }

  /** One step from where it looks or was last asked to look. */
  async nudge(vehicleId: string, up_deg: number, right_deg: number): Promise<void> {
    const seen = flights.vehicles.get(vehicleId)?.state.camera;
    const asked = this.#asked.get(vehicleId);
    const from =
      asked && now.read() - asked.t_ms < ASKED_MS
        ? asked.angles
        : { pitch_deg: seen?.pitch_deg ?? 0, yaw_deg: seen?.yaw_deg ?? 0 };
    const angles = nudged(from, up_deg, right_deg);
    this.#asked.set(vehicleId, { angles, t_ms: now.read() });
    await this.aim(vehicleId, { target: { to: 'angles', ...angles } });
  }

  /** Somebody's own wish ends what the camera follows; of wishes that pile up the newest is sent. */
  async aim(vehicleId: string, wish: CameraAim): Promise<void> {
    if (wish.target && wish.target.to !== 'angles') this.#asked.delete(vehicleId);
    if (wish.target && this.holdOf(vehicleId)?.track_id != null) {
      await this.track(vehicleId, null, null);
    }
    if (this.#sending.has(vehicleId)) {
      this.#waiting.set(vehicleId, { ...this.#waiting.get(vehicleId), ...wish });
      return;
    }
    this.#sending.add(vehicleId);
    try {
      for (let next: CameraAim | undefined = wish; next; ) {
        this.#waiting.delete(vehicleId);
        await ask(
          http.POST('/api/v1/vehicles/{vehicle_id}/camera/aim', {
            params: { path: { vehicle_id: vehicleId } },
            body: next,
          }),
        );
        next = this.#waiting.get(vehicleId);
      }
    } finally {
      this.#waiting.delete(vehicleId);
      this.#sending.delete(vehicleId);
    }
  }

  #put(hold: CameraHold): void {
    this.holds.put(hold);
  }
}

export const cameras = new Cameras();
