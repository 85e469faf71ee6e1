/** Everything the console knows of the field, kept up by the live channel. */
import { SvelteMap } from 'svelte/reactivity';
import { api } from '$shared/api/client';
import type { LiveMessage, Snapshot, StreamState, TerminalPosition, VehicleEvent } from '$shared/api/live';
import type {
  Command,
  Detection,
  Incident,
  Node,
  Plan,
  Roster,
  RosterVehicle,
  Sortie,
  Task,
  TimelineEntry,
} from '$shared/api/records';
import { LiveSocket } from '$shared/liveSocket';
import { BoxTrack } from '$shared/video/boxTrack';
import { AIRCRAFT_COLOURS, type VehicleEntry } from './vehicles';

const KEPT_EVENTS = 100;
const TRAIL_POINTS = 600;
const TRAIL_EVERY_MS = 900;

export class Field {
  roster = $state.raw<Roster | null>(null);
  connected = $state(false);
  ready = $state(false);
  vehicles = new SvelteMap<string, VehicleEntry>();
  streams = new SvelteMap<string, StreamState>();
  terminals = new SvelteMap<string, TerminalPosition>();
  incidents = new SvelteMap<string, Incident>();
  detections = new SvelteMap<string, Detection>();
  tasks = new SvelteMap<string, Task>();
  sorties = new SvelteMap<string, Sortie>();
  nodes = new SvelteMap<string, Node>();
  commands = new SvelteMap<string, Command>();
  timeline = $state.raw<TimelineEntry[]>([]);
  /** Plans of the current incident, newest first. */
  plans = $state.raw<Plan[]>([]);
  /** What vehicles said, newest first. */
  events = $state.raw<VehicleEvent[]>([]);
  incidentId = $state<string | null>(null);

  /** Not reactive: read by the map at its own pace. Longitude, latitude, time. */
  trails = new Map<string, [number, number, number][]>();
  /** Not reactive: read by the players frame by frame. */
  boxes = new Map<string, BoxTrack>();

  #live: LiveSocket | null = null;
  #timelineTimer: ReturnType<typeof setTimeout> | undefined;

  incident = $derived(this.incidentId ? (this.incidents.get(this.incidentId) ?? null) : null);
  openIncidents = $derived(
    [...this.incidents.values()]
      .filter((incident) => incident.state === 'open')
      .sort((a, b) => b.opened_ms - a.opened_ms),
  );
  openAlerts = $derived(
    [...this.detections.values()]
      .filter((detection) => detection.status === 'open')
      .sort((a, b) => b.t_ms - a.t_ms),
  );
  incidentTasks = $derived(
    [...this.tasks.values()]
      .filter((task) => task.incident_id === this.incidentId)
      .sort((a, b) => b.created_ms - a.created_ms),
  );
  incidentSorties = $derived(
    [...this.sorties.values()].filter((sortie) => sortie.incident_id === this.incidentId),
  );

  async open(onSignedOut: () => void): Promise<void> {
    this.roster = await api.roster();
    this.#live = new LiveSocket(
      (message) => this.apply(message),
      (connected) => (this.connected = connected),
      onSignedOut,
    );
  }

  close(): void {
    this.#live?.close();
    clearTimeout(this.#timelineTimer);
  }

  /** Look at another incident. */
  select(incidentId: string | null): void {
    this.incidentId = incidentId;
    this.timeline = [];
    this.plans = [];
    this.#loadTimeline(0);
    this.#loadPlans();
  }

  vehicle(vehicleId: string): RosterVehicle | undefined {
    return this.roster?.vehicles.find((vehicle) => vehicle.vehicle_id === vehicleId);
  }

  colourOf(vehicleId: string): string {
    const at = this.roster?.vehicles.findIndex((v) => v.vehicle_id === vehicleId) ?? 0;
    return AIRCRAFT_COLOURS[Math.max(0, at) % AIRCRAFT_COLOURS.length]!;
  }

  boxesOf(streamId: string): BoxTrack {
    let track = this.boxes.get(streamId);
    if (!track) this.boxes.set(streamId, (track = new BoxTrack()));
    return track;
  }

  apply(message: LiveMessage): void {
    switch (message.type) {
      case 'snapshot':
        this.#begin(message.data);
        break;
      case 'vehicle_state':
        this.#vehicle(message.data);
        break;
      case 'vehicle_event':
        this.events = [message.data, ...this.events].slice(0, KEPT_EVENTS);
        break;
      case 'frame_boxes':
        this.boxesOf(message.data.stream_id).add(message.data);
        break;
      case 'stream_state':
        this.streams.set(message.data.stream_id, message.data);
        break;
      case 'terminal_position':
        this.terminals.set(message.data.terminal_id, message.data);
        break;
      case 'incident':
        this.incidents.set(message.data.id, message.data);
        if (!this.incidentId && message.data.state === 'open') this.select(message.data.id);
        break;
      case 'detection':
        this.detections.set(message.data.id, message.data);
        break;
      case 'task':
        this.tasks.set(message.data.id, message.data);
        break;
      case 'sortie':
        this.sorties.set(message.data.id, message.data);
        break;
      case 'node':
        this.nodes.set(message.data.node_id, message.data);
        break;
      case 'command_result':
        this.commands.set(message.data.id, message.data);
        break;
      case 'timeline':
        this.#loadTimeline(200);
        if (/^(plan|application)\./.test(message.data.action)) this.#loadPlans();
        break;
    }
  }

  #begin(snapshot: Snapshot): void {
    const refill = <T>(map: SvelteMap<string, T>, values: T[], key: (value: T) => string) => {
      map.clear();
      for (const value of values) map.set(key(value), value);
    };
    refill(this.streams, snapshot.streams, (s) => s.stream_id);
    refill(this.terminals, snapshot.terminals, (p) => p.terminal_id);
    refill(this.incidents, snapshot.incidents, (i) => i.id);
    refill(this.detections, snapshot.detections, (d) => d.id);
    refill(this.tasks, snapshot.tasks, (task) => task.id);
    refill(this.sorties, snapshot.sorties, (s) => s.id);
    refill(this.nodes, snapshot.nodes, (n) => n.node_id);
    this.vehicles.clear();
    for (const state of snapshot.vehicles) this.#vehicle(state);
    if (!this.incidentId || !this.incidents.has(this.incidentId)) {
      this.select(this.openIncidents[0]?.id ?? null);
    } else {
      this.#loadTimeline(0);
    }
    this.ready = true;
  }

  #vehicle(state: Snapshot['vehicles'][number]): void {
    this.vehicles.set(state.vehicle_id, { state, receivedMs: Date.now() });
    if (state.lat_deg == null || state.lon_deg == null) return;
    let trail = this.trails.get(state.vehicle_id);
    if (!trail) this.trails.set(state.vehicle_id, (trail = []));
    const last = trail.at(-1);
    if (!last || state.t_ms - last[2] >= TRAIL_EVERY_MS) {
      trail.push([state.lon_deg, state.lat_deg, state.t_ms]);
      if (trail.length > TRAIL_POINTS) trail.shift();
    }
  }

  #loadPlans(): void {
    const id = this.incidentId;
    if (!id) return;
    api.plans(id).then(
      (plans) => {
        if (this.incidentId === id) this.plans = plans.sort((a, b) => b.created_ms - a.created_ms);
      },
      () => setTimeout(() => this.#loadPlans(), 3000),
    );
  }

  #loadTimeline(afterMs: number): void {
    clearTimeout(this.#timelineTimer);
    this.#timelineTimer = setTimeout(() => {
      const id = this.incidentId;
      if (!id) return;
      api.timeline(id).then(
        (entries) => {
          if (this.incidentId === id) this.timeline = entries.sort((a, b) => a.t_ms - b.t_ms);
        },
        () => this.#loadTimeline(3000),
      );
    }, afterMs);
  }
}
