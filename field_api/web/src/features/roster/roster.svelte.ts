/** The bureau's aircraft, handhelds, teams, places and fences; and where the handhelds are. */
import { SvelteMap } from 'svelte/reactivity';
import { ask, expected, http } from '$shared/api/client';
import type { TerminalPosition, Topic } from '$shared/api/live';
import type { Roster, RosterVehicle } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import { settled } from '$shared/settled';

/** One colour per aircraft, none of them a warning colour of the law. */
const AIRCRAFT_COLOURS = ['#45d2d8', '#b99cff', '#c3dd74', '#f0a6d8', '#8fb7c9', '#d8c4a4'];

/** The registers that the roster is made from. */
const MADE_FROM: Topic[] = [
  'register.aircraft',
  'register.terminals',
  'register.teams',
  'register.places',
  'register.airspace',
];

class RosterState {
  current = $state.raw<Roster | null>(null);
  readonly positions = new SvelteMap<string, TerminalPosition>();

  constructor() {
    feed.value('terminal_position', (position) => this.#moved(position));
    feed.onReset(() => {
      this.current = null;
      this.positions.clear();
    });
    // The roster is made from these registers; one import changes many rows at once.
    const soon = settled(() => void this.#again());
    for (const topic of MADE_FROM) feed.onChange(topic, soon);
    feed.onSnapshot(soon);
  }

  async load(): Promise<void> {
    this.current = await ask(http.GET('/api/v1/roster'));
  }

  /** What was shown is out of date; what was never loaded is loaded by whoever shows it. */
  async #again(): Promise<void> {
    if (!this.current) return;
    try {
      await this.load();
    } catch (problem) {
      expected(problem);
    }
  }

  get vehicles(): RosterVehicle[] {
    return this.current?.vehicles ?? [];
  }

  get points(): Roster['points'] {
    return this.current?.points ?? [];
  }

  vehicle(vehicleId: string): RosterVehicle | undefined {
    return this.vehicles.find((vehicle) => vehicle.vehicle_id === vehicleId);
  }

  colourOf(vehicleId: string): string {
    const at = this.vehicles.findIndex((vehicle) => vehicle.vehicle_id === vehicleId);
    return AIRCRAFT_COLOURS[Math.max(0, at) % AIRCRAFT_COLOURS.length]!;
  }

  /** Positions may arrive late and out of order: the newest fix counts. */
  #moved(position: TerminalPosition): void {
    const known = this.positions.get(position.terminal_id);
    if (!known || position.t_ms >= known.t_ms) this.positions.set(position.terminal_id, position);
  }
}

export const roster = new RosterState();
