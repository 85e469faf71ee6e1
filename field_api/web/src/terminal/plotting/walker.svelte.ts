/** Walking along a fire's edge: kept on disk with every step, since the phone may end the page. */
import type { LatLon } from '$shared/geodesy';
import { newId } from '$shared/ids';
import type { Handheld } from '../handheld.svelte';
import type { Casework } from '../inspections/casework.svelte';
import { incidentAt } from './fresh';
import { begun, errorM, withFix, type WalkedWay } from './walk';

const NOTE = 'walk';

export class Walker {
  way = $state.raw<WalkedWay | null>(null);
  readonly #handheld: Handheld;

  constructor(private readonly casework: Casework) {
    this.#handheld = casework.handheld;
  }

  /** What was begun before the page was ended goes on. */
  resume(): void {
    this.way = this.casework.notes.get<WalkedWay>(NOTE) ?? null;
  }

  begin(): Promise<void> {
    return this.#keep(begun(Date.now()));
  }

  /** Called with every fix. */
  follow(): void {
    const { fix } = this.#handheld.position;
    if (!this.way || !fix) return;
    const way = withFix(this.way, fix);
    if (way !== this.way) void this.#keep(way);
  }

  async end(form: 'line' | 'area'): Promise<void> {
    const { way } = this;
    const incident = way?.points[0] ? incidentAt(this.#handheld.records.incident.all, way.points[0]) : null;
    if (!way || !incident) return;
    const t_ms = Date.now();
    const points: LatLon[] = way.points;
    const body = {
      id: newId(),
      incident_id: incident.id,
      t_ms,
      kind: 'fire_line' as const,
      shape: { form, points, holes: [] },
      observed_ms: t_ms,
      source: 'walked' as const,
      error_m: errorM(way),
    };
    await this.#handheld.work({ op: 'drawing.make', target: '', body });
    await this.drop();
  }

  async drop(): Promise<void> {
    this.way = null;
    await this.casework.notes.drop(NOTE);
  }

  #keep(way: WalkedWay): Promise<void> {
    this.way = way;
    return this.casework.notes.put(NOTE, way);
  }
}
