/** Where this handheld is; the newest fix is told to the command post, older ones are not kept. */
import { ApiProblem, api } from '$shared/api/client';

export interface Fix {
  lat_deg: number;
  lon_deg: number;
  accuracy_m: number | null;
  t_ms: number;
}

const POST_EVERY_MS = 10_000;

export class Position {
  fix = $state.raw<Fix | null>(null);
  denied = $state(false);
  #watch: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #postedMs = 0;

  start(terminalId: string): void {
    if (!('geolocation' in navigator)) {
      this.denied = true;
      return;
    }
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        this.denied = false;
        this.fix = {
          lat_deg: coords.latitude,
          lon_deg: coords.longitude,
          accuracy_m: coords.accuracy,
          t_ms: Math.round(timestamp),
        };
        void this.#post(terminalId);
      },
      (problem) => (this.denied = problem.code === problem.PERMISSION_DENIED),
      { enableHighAccuracy: true, maximumAge: 5000 },
    );
    this.#timer = setInterval(() => void this.#post(terminalId), POST_EVERY_MS);
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    clearInterval(this.#timer);
  }

  async #post(terminalId: string): Promise<void> {
    const now = Date.now();
    if (!this.fix || now - this.#postedMs < POST_EVERY_MS - 500) return;
    this.#postedMs = now;
    const { lat_deg, lon_deg, accuracy_m } = this.fix;
    try {
      await api.postPosition(terminalId, {
        t_ms: now,
        lat_deg,
        lon_deg,
        accuracy_m,
        battery_fraction: null,
      });
    } catch (problem) {
      // Positions are latest-wins: one that cannot be sent is replaced by the next.
      if (!(problem instanceof ApiProblem)) throw problem;
    }
  }
}
