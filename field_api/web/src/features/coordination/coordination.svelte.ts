/** The command groups of the incident that is worked, the neighbours near it, and who was told. */
import { ask, http } from '$shared/api/client';
import type { CommandGroup, Coordination, EditGroup, GroupVersion, Incident, Neighbour, NeighbourNotice, SetUpGroup, TellNeighbour } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { incidents } from '../incidents/incidents.svelte';
import { forIncident } from '../incidents/loads';
import './texts';

const ofIncident = (incident_id: string) => ({ params: { path: { incident_id } } });
const ofGroup = (group_id: string) => ({ params: { path: { group_id } } });
const placeOf = (incident?: Incident) => `${incident?.lat_deg} ${incident?.lon_deg}`;
const part = { whole: false } as const;

class Coordinating {
  readonly groups = feed.records('command_group', new Collection<CommandGroup>(), part);
  readonly notices = feed.records('neighbour_notice', new Collection<NeighbourNotice>(), part);
  /** What follows from the incident's kind and place, and of which incident. */
  #known = $state.raw<{ of: string; place: string; template: Coordination['template']; neighbours: Neighbour[] } | null>(null);

  #here = $derived(this.#known?.of === desk.incidentId ? this.#known : null);
  template = $derived(this.#here?.template ?? null);
  neighbours = $derived(this.#here?.neighbours ?? []);
  groupsHere = $derived(
    this.groups.all.filter(({ incident_id }) => incident_id === desk.incidentId).sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1)),
  );
  noticesHere = $derived(
    this.notices.all.filter(({ incident_id }) => incident_id === desk.incidentId).sort((a, b) => b.told_ms - a.told_ms),
  );
  /** Within reach of the incident, and not yet told. */
  toTell = $derived(
    this.neighbours.filter(({ code, distance_m }) => distance_m !== null && !this.noticesHere.some(({ neighbour }) => neighbour === code)),
  );

  constructor() {
    forIncident((id) => this.load(id), 'coordination.view');
  }

  async load(id: string): Promise<void> {
    const place = placeOf(incidents.records.get(id));
    const { template, neighbours, groups, notices } = await ask(http.GET('/api/v1/incidents/{incident_id}/coordination', ofIncident(id)));
    this.#known = { of: id, place, template, neighbours };
    this.groups.putAll(groups);
    this.notices.putAll(notices);
  }

  /** Who is near follows where the incident is. */
  async follow(incident: Incident): Promise<void> {
    if (this.#known?.of === incident.id && this.#known.place !== placeOf(incident)) await this.load(incident.id);
  }

  async setUp(id: string, body: SetUpGroup): Promise<void> {
    this.groups.put(await ask(http.POST('/api/v1/incidents/{incident_id}/command-groups', { ...ofIncident(id), body })));
  }

  async edit(id: string, body: EditGroup): Promise<void> {
    this.groups.put(await ask(http.POST('/api/v1/command-groups/{group_id}/edit', { ...ofGroup(id), body })));
  }

  history = (id: string): Promise<GroupVersion[]> => ask(http.GET('/api/v1/command-groups/{group_id}/history', ofGroup(id)));

  async tell(id: string, body: TellNeighbour): Promise<void> {
    this.notices.put(await ask(http.POST('/api/v1/incidents/{incident_id}/neighbour-notices', { ...ofIncident(id), body })));
  }
}

export const coordinating = new Coordinating();
