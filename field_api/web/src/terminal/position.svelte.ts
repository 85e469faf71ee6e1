/**
 * Where this handheld is. A fix is told to the command post once, with its own time: without GPS
 * the last one grows old there as it does here.
 */
import { ApiProblem, ask, http } from '$shared/api/client';

export interface Fix {
  lat_deg: number;
  lon_deg: number;
  accuracy_m: number | null;
  t_ms: number;
}

const POST_EVERY_MS = 10_000;
/** From here on its age is shown: a person on foot is elsewhere by then. */
const OLD_MS = 30_000;

/** Whether the newest fix should go out: not one that has been told, and not too often. */
export function isDue(fix: Fix | null, told: { fixMs: number; atMs: number }, nowMs: number): boolean {
  if (!fix || fix.t_ms <= told.fixMs) return false;
  return nowMs - told.atMs >= POST_EVERY_MS - 500;
}

export class Position {
  fix = $state.raw<Fix | null>(null);
  denied = $state(false);
  nowMs = $state(Date.now());
  ageMs = $derived(this.fix ? Math.max(0, this.nowMs - this.fix.t_ms) : 0);
  old = $derived(this.ageMs > OLD_MS);
  /** When the command post last said that it has a position of this handheld. */
  toldMs = $state<number | null>(null);

  #watch: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #told = { fixMs: 0, atMs: 0 };

  start(terminalId: string): void {
    // Signing in again must not leave a second watch behind.
    this.stop();
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
        this.nowMs = Date.now();
        void this.#tell(terminalId);
      },
      (problem) => (this.denied = problem.code === problem.PERMISSION_DENIED),
      { enableHighAccuracy: true, maximumAge: 5000 },
    );
    this.#timer = setInterval(() => {
      this.nowMs = Date.now();
      void this.#tell(terminalId);
    }, POST_EVERY_MS);
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
    clearInterval(this.#timer);
    this.#told = { fixMs: 0, atMs: 0 };
    this.toldMs = null;
  }

  async #tell(terminal_id: string): Promise<void> {
    const now = Date.now();
    const { fix } = this;
    if (!fix || !isDue(fix, this.#told, now)) return;
    const before = this.#told;
    this.#told = { fixMs: fix.t_ms, atMs: now };
    const { lat_deg, lon_deg, accuracy_m, t_ms } = fix;
    try {
      const body = { t_ms, lat_deg, lon_deg, accuracy_m, battery_fraction: null };
      const path = '/api/v1/terminals/{terminal_id}/position';
      await ask(http.POST(path, { params: { path: { terminal_id } }, body }));
      this.toldMs = now;
    } catch (problem) {
      // Positions are latest-wins: this one goes with the next tick unless a newer one came.
      if (!(problem instanceof ApiProblem)) throw problem;
      if (this.#told.fixMs === fix.t_ms) this.#told = { ...this.#told, fixMs: before.fixMs };
    }
  }
}
