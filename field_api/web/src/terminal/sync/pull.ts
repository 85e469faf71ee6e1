/** Records that changed at the command post, fetched from where the last pull ended. */
import type { TerminalDatabase } from '../outbox/database';
import { Kept } from './kept.svelte';
import type { Changed, Pulled } from './wire';

const PAGE = 500;

export class Puller {
  /** What is kept here, by the type of record. */
  readonly kept;
  readonly #all: Kept[];

  constructor(
    private readonly database: TerminalDatabase,
    private readonly fetchPage: (cursor: string | null, limit: number) => Promise<Pulled>,
    /** The command post's clock, each time that it answers. */
    private readonly told: (serverMs: number) => void = () => undefined,
  ) {
    this.kept = {
      task: new Kept(database.tasks),
      inspection: new Kept(database.inspections),
      paper: new Kept(database.papers),
      hazard: new Kept(database.hazards),
      number_block: new Kept(database.numberBlocks),
      field_report: new Kept(database.fieldReports),
      sos: new Kept(database.calls),
      incident: new Kept(database.incidents),
      message: new Kept(database.messages),
      message_mark: new Kept(database.messageMarks),
      recording: new Kept(database.recordings),
      view_request: new Kept(database.viewRequests),
      warning: new Kept(database.warnings),
      warning_receipt: new Kept(database.warningReceipts),
      check_in: new Kept(database.checkIns),
      roll_ask: new Kept(database.rollAsks),
      drawing: new Kept(database.drawings),
      pointer: new Kept(database.pointers),
      'register.danger_zones': new Kept(database.dangerZones),
      'register.airspace': new Kept(database.airspace),
      'register.enterprises': new Kept(database.enterprises),
      'register.offices': new Kept(database.offices),
      'register.officers': new Kept(database.officers),
      'register.law_clauses': new Kept(database.clauses),
      'register.checklist_items': new Kept(database.checklistItems),
      'register.holidays': new Kept(database.holidays),
    };
    this.#all = Object.values(this.kept) as unknown as Kept[];
  }

  /** Begin with what is on disk; another person's records are let go. */
  async open(userId: string): Promise<void> {
    const { cursor } = this.database;
    const stored = await cursor.get('pull');
    const mine = stored?.userId === userId;
    for (const kept of this.#all) kept.reset();
    if (mine) {
      await Promise.all(this.#all.map((kept) => kept.read()));
      return;
    }
    await this.#transaction(async () => {
      await Promise.all(this.#all.map((kept) => kept.table.clear()));
      await cursor.put({ key: 'pull', userId, cursor: null });
    });
    for (const kept of this.#all) kept.show();
  }

  /** Fetch what is new. True if the command post had to begin anew. */
  async pull(userId: string): Promise<boolean> {
    let cursor = (await this.database.cursor.get('pull'))?.cursor ?? null;
    let anew = false;
    for (;;) {
      const page = await this.fetchPage(cursor, PAGE);
      this.told(page.server_time_ms);
      if (page.resync) {
        // Its versions may begin anew as well (a restored backup): nothing known holds.
        if (anew) throw new Error('the command post asks for a resync of a pull without a cursor');
        anew = true;
        cursor = null;
        for (const kept of this.#all) kept.reset();
        continue;
      }
      cursor = page.cursor;
      await this.#take(page.changes, { key: 'pull', userId, cursor });
      if (!page.more) return anew;
    }
  }

  /** Take a record from an answer to a push. */
  async took(record: Changed): Promise<void> {
    await this.#take([record], null);
  }

  /** Records and cursor in one transaction: a page is on disk whole, or will be fetched again. */
  async #take(
    changes: Changed[],
    reached: { key: 'pull'; userId: string; cursor: string } | null,
  ): Promise<void> {
    for (const change of changes) {
      const kept = (this.kept as unknown as Record<string, Kept>)[change.type];
      kept?.apply(change);
    }
    await this.#transaction(async () => {
      await Promise.all(this.#all.map((kept) => kept.write()));
      if (reached) await this.database.cursor.put(reached);
    });
    for (const kept of this.#all) kept.show();
  }

  #transaction(act: () => Promise<void>): Promise<void> {
    const tables = this.#all.map((kept) => kept.table);
    return this.database.transaction('rw', [...tables, this.database.cursor], act);
  }
}
