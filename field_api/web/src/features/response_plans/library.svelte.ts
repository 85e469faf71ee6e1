/** Plans for emergencies, their drills, and what was started of them for incidents. */
import { ask, http } from '$shared/api/client';
import type { PlanDrill, PlanStart, ResponsePlan, SayDrill, StartedAction, StartPlan, WritePlanEdition } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';

const ofPlan = (plan_id: string) => ({ params: { path: { plan_id } } });
const ofIncident = (incident_id: string) => ({ params: { path: { incident_id } } });
const part = { whole: false } as const;

class Library {
  readonly plans = feed.records('response_plan', new Collection<ResponsePlan>(), part);
  readonly drills = feed.records('plan_drill', new Collection<PlanDrill>(), part);
  readonly starts = feed.records('plan_start', new Collection<PlanStart>());
  readonly actions = feed.records('plan_action', new Collection<StartedAction>());

  /** Those in force, by name; the shipped ones last. */
  inForce = $derived(
    this.plans.all
      .filter(({ state }) => state === 'approved')
      .sort((a, b) => Number(a.shipped) - Number(b.shipped) || a.name.localeCompare(b.name)),
  );
  written = $derived(this.plans.all.filter(({ state }) => state === 'draft' || state === 'asked'));
  actionsHere = $derived(
    this.actions.all
      .filter((each) => each.incident_id === desk.incidentId)
      .sort((a, b) => a.started_ms - b.started_ms || (a.id < b.id ? -1 : 1)),
  );

  constructor() {
    forIncident(async (id) => {
      const found = await ask(http.GET('/api/v1/incidents/{incident_id}/plan-actions', ofIncident(id)));
      this.starts.putAll(found.starts);
      this.actions.putAll(found.actions);
    }, 'response_plan.view');
  }

  editions = (planKey: string): ResponsePlan[] =>
    this.plans.all.filter(({ plan_key }) => plan_key === planKey).sort((a, b) => b.edition - a.edition);

  drillsOf = (planKey: string): PlanDrill[] =>
    this.drills.all.filter(({ plan_key }) => plan_key === planKey).sort((a, b) => (a.held_on < b.held_on ? 1 : -1));

  async load(): Promise<void> {
    const state = ['draft', 'asked', 'approved'] as ResponsePlan['state'][];
    this.plans.putAll(await ask(http.GET('/api/v1/response-plans', { params: { query: { state, limit: 500 } } })));
  }

  async loadOf(plan_key: string): Promise<void> {
    this.plans.putAll(await ask(http.GET('/api/v1/response-plans', { params: { query: { plan_key } } })));
    this.drills.putAll(await ask(http.GET('/api/v1/plan-drills', { params: { query: { plan_key } } })));
  }

  async write(body: WritePlanEdition): Promise<ResponsePlan> {
    return this.plans.put(await ask(http.POST('/api/v1/response-plans', { body })));
  }

  async edit(id: string, version: number, { id: _id, of: _of, ...content }: WritePlanEdition): Promise<ResponsePlan> {
    return this.plans.put(await ask(http.POST('/api/v1/response-plans/{plan_id}/edit', { ...ofPlan(id), body: { version, ...content } })));
  }

  async askApproval(id: string, version: number): Promise<void> {
    this.plans.put(await ask(http.POST('/api/v1/response-plans/{plan_id}/ask', { ...ofPlan(id), body: { version } })));
  }

  async decide(id: string, version: number, approve: boolean, opinion: string): Promise<void> {
    this.plans.put(await ask(http.POST('/api/v1/response-plans/{plan_id}/decide', { ...ofPlan(id), body: { version, approve, opinion } })));
  }

  async withdraw(id: string, version: number, reason: string): Promise<void> {
    this.plans.put(await ask(http.POST('/api/v1/response-plans/{plan_id}/withdraw', { ...ofPlan(id), body: { version, reason } })));
  }

  async drilled(id: string, body: SayDrill): Promise<void> {
    this.drills.put(await ask(http.POST('/api/v1/response-plans/{plan_id}/drills', { ...ofPlan(id), body })));
  }

  async start(incidentId: string, body: StartPlan): Promise<void> {
    this.starts.put(await ask(http.POST('/api/v1/incidents/{incident_id}/plan-starts', { ...ofIncident(incidentId), body })));
  }

  async finish(action_id: string, note: string): Promise<void> {
    const params = { path: { action_id } };
    this.actions.put(await ask(http.POST('/api/v1/plan-actions/{action_id}/finish', { params, body: { note } })));
  }
}

export const library = new Library();
