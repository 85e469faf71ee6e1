/** The search being drawn, and the plan, coverage and probability map that are shown with it. */
import type { Coverage, Likelihood, Pattern, Plan, PlanHead } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';
import { feed } from '$shared/live/feed';
import { mapState } from '$shared/map/mapState.svelte';
import { crossing, type Ring } from '$shared/rings';
import { outlineAreaM2, shareHoles, type Outline } from './outlines';
import { plans } from './plans.svelte';

class Workbench {
  /** Search area being drawn: outer ring and holes, longitude and latitude. */
  area = $state.raw<Ring | null>(null);
  holes = $state.raw<Ring[]>([]);
  /** Of `area` without its holes. */
  areaM2 = $state(0);
  /** Further areas of the same search, each with its holes. */
  also = $state.raw<Outline[]>([]);
  /** A line or places of a file, to be flown in place of an area. */
  given = $state.raw<{ name: string; pattern: Pattern } | null>(null);
  /** Counts what was taken from files: the map shows it whole. */
  taken = $state(0);
  /** Where the area being drawn crosses itself: it can't be planned then. */
  crossesAt = $derived(this.area ? crossing(this.area) : null);
  planId = $state<string | null>(null);
  /** Flown beside planned, of the plan shown. */
  coverage = $state.raw<Coverage | null>(null);
  /** Where the missing may be, of the current incident. */
  likelihood = $state.raw<Likelihood | null>(null);

  totalM2 = $derived(this.also.reduce((sum, outline) => sum + outlineAreaM2(outline), this.areaM2));
  plan = $derived(this.planId ? (plans.whole(this.planId) ?? null) : null);

  #asideId: string | null = null;

  constructor() {
    feed.onReset(() => this.begin());
  }

  /** Another incident has another search. */
  begin(): void {
    this.planId = null;
    this.#empty();
    this.coverage = null;
    this.likelihood = null;
  }

  /** Show the incident's newest plan, unless it was put aside or another one is being drawn. */
  async adopt(heads: PlanHead[]): Promise<void> {
    const newest = heads[0];
    if (!newest || newest.id === this.#asideId) return;
    const shown = this.planId ? plans.heads.get(this.planId) : null;
    const replaces = shown ? newest.created_ms >= shown.created_ms : !this.area && !this.given;
    if (!replaces) return;
    const same = this.planId;
    const plan = await plans.fetch(newest.id);
    // Meanwhile somebody may have begun to draw, or put it aside.
    if (this.planId === same && this.#asideId !== plan.id) this.show(plan);
  }

  show(plan: Plan): void {
    const ring = (points: LatLon[]): Ring => points.map((p) => [p.lon_deg, p.lat_deg]);
    this.planId = plan.id;
    const area = plan.plan.request.area ?? [];
    if (!area.length) return;
    const { also = [], holes = [] } = plan.plan.request;
    this.#outline(shareHoles([area, ...also].map(ring), holes.map(ring)));
  }

  /** The area was changed by hand: the plan no longer fits it. */
  draw(area: Ring | null, holes: Ring[]): void {
    this.area = area;
    this.holes = holes;
    if (area) this.edit();
  }

  /** Go on drawing: the plan's area stays. */
  edit(): void {
    this.#asideId = this.planId ?? this.#asideId;
    this.planId = null;
  }

  /** Search what a file holds in place of what was drawn, or cut its holes from that. */
  take(outlines: Outline[], holes: Ring[], given: { name: string; pattern: Pattern } | null): void {
    this.edit();
    if (outlines.length) this.#outline(outlines);
    else if (holes.length) {
      const outers = this.outlines.map(({ outer }) => outer);
      this.#outline(shareHoles(outers, [...this.allHoles, ...holes]));
    }
    this.given = given;
    this.taken += 1;
    mapState.mode = 'look';
  }

  /** All areas being drawn, each with its holes. */
  get outlines(): Outline[] {
    return this.area ? [{ outer: this.area, holes: this.holes }, ...this.also] : [];
  }

  get allHoles(): Ring[] {
    return this.outlines.flatMap((outline) => outline.holes);
  }

  #outline([first, ...others]: Outline[]): void {
    this.area = first?.outer ?? null;
    this.holes = first?.holes ?? [];
    this.also = others;
  }

  #empty(): void {
    this.#outline([]);
    this.given = null;
  }

  clear(): void {
    this.edit();
    this.#empty();
    mapState.mode = 'look';
  }
}

export const workbench = new Workbench();
