/** What the person at the console is looking at and doing. */
import type { Coverage, Detection, Likelihood, Plan, User } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';
import { Field } from './field.svelte';

export type RightTab = 'flight' | 'search' | 'tasks';
export type MapMode = 'look' | 'place' | 'draw-area' | 'draw-hole' | 'measure';

export class Console {
  user = $state.raw<User | null>(null);
  field = new Field();
  tab = $state<RightTab>('flight');
  mapMode = $state<MapMode>('look');
  vehicleId = $state<string | null>(null);
  alertId = $state<string | null>(null);
  reviewId = $state<string | null>(null);
  taskFor = $state.raw<Detection | null>(null);
  incidentDialog = $state(false);
  wall = $state(false);
  keys = $state(false);
  /** Where the map was last clicked in `place` mode. */
  placed = $state.raw<LatLon | null>(null);
  /** Search area being drawn: outer ring and holes, longitude and latitude. */
  area = $state.raw<[number, number][] | null>(null);
  holes = $state.raw<[number, number][][]>([]);
  plan = $state.raw<Plan | null>(null);
  /** Flown beside planned, of the plan shown. */
  coverage = $state.raw<Coverage | null>(null);
  /** Where the missing may be, of the current incident. */
  likelihood = $state.raw<Likelihood | null>(null);
  /** Set by panels, watched by the map. */
  centreOn = $state.raw<(LatLon & { zoom?: number }) | null>(null);

  #asideId: string | null = null;

  review = $derived(this.reviewId ? (this.field.detections.get(this.reviewId) ?? null) : null);

  may(permission: string): boolean {
    return this.user?.permissions.includes(permission) ?? false;
  }

  lookAt(place: LatLon, zoom?: number): void {
    this.centreOn = { ...place, ...(zoom ? { zoom } : {}) };
  }

  /** Select the alert after the current one and show where it is. */
  nextAlert(step = 1): void {
    const alerts = this.field.openAlerts;
    if (!alerts.length) return;
    const at = alerts.findIndex((alert) => alert.id === this.alertId);
    const next = alerts[(at + step + alerts.length) % alerts.length]!;
    this.selectAlert(next);
  }

  selectAlert(alert: Detection): void {
    this.alertId = alert.id;
    if (alert.position) this.lookAt(alert.position);
  }

  /** Show the incident's newest plan, unless it was put aside or another one is being drawn. */
  adoptPlan(plans: Plan[]): void {
    const newest = plans[0];
    if (!newest || newest.id === this.#asideId) return;
    const replaces = this.plan ? newest.created_ms >= this.plan.created_ms : !this.area;
    if (!replaces) return;
    this.showPlan(newest);
  }

  showPlan(plan: Plan): void {
    const ring = (points: LatLon[]) => points.map((p): [number, number] => [p.lon_deg, p.lat_deg]);
    this.plan = plan;
    const area = plan.plan.request.area ?? [];
    this.area = area.length ? ring(area) : this.area;
    this.holes = (plan.plan.request.holes ?? []).map(ring);
  }

  /** Go on drawing: the plan's area stays. */
  editPlan(): void {
    this.#asideId = this.plan?.id ?? null;
    this.plan = null;
  }

  clearPlan(): void {
    this.#asideId = this.plan?.id ?? this.#asideId;
    this.plan = null;
    this.area = null;
    this.holes = [];
    this.mapMode = 'look';
  }
}
