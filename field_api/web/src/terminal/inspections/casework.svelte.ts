/** Inspections as an officer works with them: what is known, what was done here, and what may be done. */
import type { User } from '$shared/api/records';
import { dayOf } from '$shared/days';
import { newId } from '$shared/ids';
import { now } from '$shared/now.svelte';
import type { Handheld } from '../handheld.svelte';
import type { Photo, Work } from '../outbox/database';
import { applied, type Cases } from './applied';
import { Channels } from '../messages/channels.svelte';
import { ProcessRecorder } from '../recordings/process.svelte';
import { Drafts } from './drafts.svelte';
import { NumberStore } from './number-store.svelte';
import { Notes } from './notes.svelte';
import { goBack } from './place';
import { hazardFact, sceneOf, type Scene } from './rules/facts';
import { openOrders } from './rules/steps';
import { EnterpriseIndex } from './search';
import type { Bodies, InspectionOp } from './work';
import type { Clause, Enterprise, Hazard, Inspection, Office, Officer, Paper } from './wire';

const byId = <T extends { id: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((each) => [each.id, each]));

export class Casework {
  readonly drafts: Drafts;
  readonly notes: Notes;
  readonly numbers: NumberStore;
  readonly channels: Channels;
  readonly recorder: ProcessRecorder;
  today = $derived(dayOf(now.ms));

  readonly #cases: Cases = $derived.by(() =>
    applied(
      {
        inspections: byId(this.#kept.inspection.all),
        papers: byId(this.#kept.paper.all),
        hazards: byId(this.#kept.hazard.all),
      },
      [...this.handheld.mine].reverse(),
      this.drafts.all,
      { enterprise: (id) => this.enterprise(id), office: (id) => this.office(id) },
    ),
  );

  inspections = $derived([...this.#cases.inspections.values()]);
  papers = $derived([...this.#cases.papers.values()]);
  hazards = $derived([...this.#cases.hazards.values()]);
  enterprises = $derived(this.#kept['register.enterprises'].all);
  index = $derived(new EnterpriseIndex(this.enterprises));
  officers = $derived(this.#kept['register.officers'].all);
  clauses = $derived(this.#kept['register.law_clauses'].all);
  checklist = $derived(this.#kept['register.checklist_items'].all);
  holidays = $derived(this.#kept['register.holidays'].all);
  /** Who signs in here, in the register of officers. */
  me = $derived(this.officers.find(({ username }) => username === this.handheld.user?.username));
  /** Orders whose review is due, soonest first. */
  orders = $derived(openOrders(this.papers));

  constructor(readonly handheld: Handheld) {
    this.notes = new Notes(handheld.database);
    this.drafts = new Drafts(handheld.database, (work, draftId) => handheld.work(work, [], draftId));
    this.numbers = new NumberStore(this);
    this.channels = new Channels(handheld, this.notes);
    this.recorder = new ProcessRecorder(handheld, this.notes);
    handheld.join(
      (user) => this.#begin(user),
      async () => {
        await this.channels.tell();
        await this.numbers.replenish();
      },
    );
  }

  get #kept() {
    return this.handheld.records;
  }

  async #begin(user: User): Promise<void> {
    await this.notes.open(user.id);
    await this.drafts.open(user);
    // After a sign-in one begins anew; a page that was killed goes on.
    if (!this.handheld.opened) goBack(this);
  }

  inspection = (id: string | undefined): Inspection | undefined => this.#cases.inspections.get(id ?? '');
  paper = (id: string | null | undefined): Paper | undefined => this.#cases.papers.get(id ?? '');
  hazard = (id: string | undefined): Hazard | undefined => this.#cases.hazards.get(id ?? '');
  enterprise = (id: string | undefined): Enterprise | undefined => this.#kept['register.enterprises'].get(id);
  office = (id: string | undefined): Office | undefined => this.#kept['register.offices'].get(id);
  clause = (id: string): Clause | undefined => this.#kept['register.law_clauses'].get(id);
  officer = (id: string): Officer | undefined => this.#kept['register.officers'].get(id);
  /** Blocks drawn here, without those whose return is on its way. */
  readonly #blocks = $derived.by(() => {
    const returning = new Set(
      this.handheld.mine
        .filter(({ state, work }) => work.op === 'numbers.return' && state !== 'refused')
        .map(({ work }) => work.target),
    );
    return this.#kept.number_block.all.filter(({ id }) => !returning.has(id));
  });
  blocks = () => this.#blocks;
  offices = (): Office[] => this.#kept['register.offices'].all;

  papersOf = (inspectionId: string): Paper[] =>
    this.papers.filter((paper) => paper.inspection_id === inspectionId).sort((a, b) => a.begun_ms - b.begun_ms);
  hazardsOf = (inspectionId: string): Hazard[] =>
    this.hazards.filter((hazard) => hazard.inspection_id === inspectionId).sort((a, b) => a.found_ms - b.found_ms);
  officersOf = (inspection: Inspection): Officer[] =>
    inspection.officer_ids.map(this.officer).filter((officer) => officer !== undefined);

  sceneOf(inspection: Inspection, but = ''): Scene {
    return sceneOf(
      inspection,
      this.office(inspection.office_id),
      this.officersOf(inspection),
      this.papersOf(inspection.id).filter(({ id }) => id !== but),
      this.hazardsOf(inspection.id).map((hazard) => hazardFact(hazard, this.clause)),
    );
  }

  /** Whether something of a record is not at the command post yet. */
  waits = (id: string): boolean =>
    this.drafts.get(id) !== undefined ||
    this.handheld.mine.some(
      ({ state, work }) => state !== 'sent' && (work.target === id || work.body.id === id),
    );

  /** Why an operation on a record was refused, the last one. */
  refused = (id: string) =>
    this.handheld.mine.find(({ state, work }) => state === 'refused' && (work.target === id || work.body.id === id));

  /** Do something: kept at once, sent when it can be. Drafts of the dossier go before it. */
  async do<Op extends InspectionOp>(
    op: Op,
    target: string,
    dossier: string,
    body: Omit<Bodies[Op], 'id' | 't_ms'> & { id?: string; t_ms?: number },
    photos: Photo[] = [],
  ): Promise<void> {
    for (const draft of this.drafts.all) {
      if (draft.dossier === dossier && draft.op !== 'hazard.find') await this.drafts.settle(draft.id);
    }
    // A plain copy: a page's own state cannot be stored.
    const whole = { id: newId(), t_ms: Date.now(), ...(JSON.parse(JSON.stringify(body)) as typeof body) };
    await this.handheld.work({ op, target, dossier, body: whole } as unknown as Work, photos);
  }
}
