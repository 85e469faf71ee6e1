/** Search plans: the live channel tells of heads, the whole of a plan is fetched when it is shown. */
import { ask, http } from '$shared/api/client';
import type {
  AnswerApplication,
  Application,
  AuthorisePlan,
  Coverage,
  EditApplication,
  Likelihood,
  MakeApplication,
  MakeLikelihood,
  MakePlan,
  PlanOption,
  Plan,
  PlanHead,
  Profile,
  StateFacts,
} from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';

export interface RegisteredPilot {
  id: string;
  name: string;
  licence_class: string;
  /** YYYY-MM-DD. */
  expires_on: string | null;
}

class Plans {
  readonly heads = feed.records('plan', new Collection<PlanHead>(), { whole: false });
  readonly applications = feed.records('application', new Collection<Application>());
  /** Plans that were fetched whole; a head may already be of a newer version. */
  readonly #whole = new Collection<Plan>();
  readonly #fetching = new Map<string, Promise<Plan>>();

  /** Of the current incident, newest first. */
  ofIncident = $derived(
    this.heads.all
      .filter((plan) => plan.incident_id === desk.incidentId)
      .sort((a, b) => b.created_ms - a.created_ms),
  );

  constructor() {
    feed.onReset(() => this.#whole.reset());
    forIncident(async (incident_id) => {
      const params = { path: { incident_id } };
      const list = await ask(http.GET('/api/v1/incidents/{incident_id}/plans', { params }));
      this.heads.putAll(list);
    }, 'plan.view');
  }

  /** The whole plan as far as it is known here. */
  whole(id: string): Plan | undefined {
    return this.#whole.get(id);
  }

  /** Fetch the whole plan if its head is of a newer version; calls at once share one request. */
  async fetch(id: string): Promise<Plan> {
    const known = this.#whole.get(id);
    if (known && known.version >= (this.heads.versionKnown(id) ?? 0)) return known;
    let running = this.#fetching.get(id);
    if (!running) {
      running = ask(http.GET('/api/v1/plans/{plan_id}', { params: { path: { plan_id: id } } }))
        .then((plan) => this.#take(plan) as Plan)
        .finally(() => this.#fetching.delete(id));
      this.#fetching.set(id, running);
    }
    return running;
  }

  async make(incident_id: string, body: MakePlan): Promise<Plan> {
    const path = '/api/v1/incidents/{incident_id}/plans';
    // What has a default may be left out, whatever the generated type says.
    const whole = body as Required<MakePlan>;
    return this.#take(await ask(http.POST(path, { params: { path: { incident_id } }, body: whole }))) as Plan;
  }

  async authorise(plan_id: string, body: AuthorisePlan): Promise<Plan> {
    const path = '/api/v1/plans/{plan_id}/authorise';
    return this.#take(await ask(http.POST(path, { params: { path: { plan_id } }, body }))) as Plan;
  }

  async stateFacts(plan_id: string, body: StateFacts): Promise<Plan> {
    const path = '/api/v1/plans/{plan_id}/facts';
    return this.#take(await ask(http.PUT(path, { params: { path: { plan_id } }, body }))) as Plan;
  }

  /** The search and its alternatives, none of them kept. */
  options(incident_id: string, body: MakePlan): Promise<PlanOption[]> {
    const path = '/api/v1/incidents/{incident_id}/plan-options';
    return ask(http.POST(path, { params: { path: { incident_id } }, body: body as never }));
  }

  /** Who can be named as pilot in command. */
  async pilots(): Promise<RegisteredPilot[]> {
    const page = await ask(
      http.GET('/api/v1/registers/{name}', {
        params: { path: { name: 'pilots' }, query: { limit: 200 } },
      }),
    );
    return page.rows.map((row) => ({
      id: row.id,
      name: String(row['name'] ?? ''),
      licence_class: String(row['licence_class'] ?? ''),
      expires_on: row['expires_on'] ? String(row['expires_on']) : null,
    }));
  }

  async launch(plan_id: string): Promise<Plan> {
    const path = '/api/v1/plans/{plan_id}/launch';
    return this.#take(await ask(http.POST(path, { params: { path: { plan_id } } }))) as Plan;
  }

  /** Its aircraft that fly another plan go on with this one, without landing. */
  async retask(plan_id: string): Promise<Plan> {
    const path = '/api/v1/plans/{plan_id}/retask';
    return this.#take(await ask(http.POST(path, { params: { path: { plan_id } } }))) as Plan;
  }

  coverage(plan_id: string): Promise<Coverage> {
    return ask(http.GET('/api/v1/plans/{plan_id}/coverage', { params: { path: { plan_id } } }));
  }

  profiles(): Promise<Profile[]> {
    return ask(http.GET('/api/v1/likelihood/profiles'));
  }

  likelihood(incident_id: string): Promise<Likelihood> {
    const params = { path: { incident_id } };
    return ask(http.GET('/api/v1/incidents/{incident_id}/likelihood', { params }));
  }

  makeLikelihood(incident_id: string, body: MakeLikelihood): Promise<Likelihood> {
    const params = { path: { incident_id } };
    return ask(http.PUT('/api/v1/incidents/{incident_id}/likelihood', { params, body }));
  }

  /** The newest application of a plan. */
  applicationOf(planId: string): Application | null {
    const its = this.applications.all.filter((application) => application.plan_id === planId);
    return its.sort((a, b) => b.created_ms - a.created_ms)[0] ?? null;
  }

  async fetchApplications(plan_id: string): Promise<void> {
    const params = { path: { plan_id } };
    this.applications.putAll(await ask(http.GET('/api/v1/plans/{plan_id}/applications', { params })));
  }

  async apply(plan_id: string, body: MakeApplication): Promise<void> {
    const params = { path: { plan_id } };
    this.applications.put(await ask(http.POST('/api/v1/plans/{plan_id}/applications', { params, body })));
  }

  async editApplication(application_id: string, body: EditApplication): Promise<void> {
    const params = { path: { application_id } };
    const path = '/api/v1/applications/{application_id}';
    this.applications.put(await ask(http.PUT(path, { params, body })));
  }

  async submitApplication(application_id: string): Promise<void> {
    const params = { path: { application_id } };
    const path = '/api/v1/applications/{application_id}/submit';
    this.applications.put(await ask(http.POST(path, { params })));
  }

  async answerApplication(application_id: string, body: AnswerApplication): Promise<void> {
    const params = { path: { application_id } };
    const path = '/api/v1/applications/{application_id}/answer';
    this.applications.put(await ask(http.POST(path, { params, body })));
  }

  #take(plan: Plan | PlanHead): Plan | PlanHead {
    this.heads.put(plan);
    return 'plan' in plan ? this.#whole.put(plan) : plan;
  }
}

export const plans = new Plans();
