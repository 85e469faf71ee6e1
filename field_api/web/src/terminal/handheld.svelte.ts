/** The handheld's state: who holds it, its tasks, its outbox, whether the command post answers. */
import { ApiProblem, ask, authorisation, carryDevice, carryToken, expected, http, mediaUrl } from '$shared/api/client';
import type { Credentials, Task, TaskState, Transition, User } from '$shared/api/records';
import { newId } from '$shared/ids';
import { alarm } from '$shared/alarm';
import { TerminalDatabase, type OutboxItem, type Photo, type PinRule, type StoredDevice, type Work } from './outbox/database';
import { Outbox } from './outbox/outbox';
import { Position } from './position.svelte';
import { Puller } from './sync/pull';
import { uploadPhoto } from './sync/upload';
import type { Changed } from './sync/wire';
import { HOLD_MS, StepGuard } from './tasks/guard';
import { TaskPictures } from './tasks/pictures';
import { enrolmentCode, wipe } from './device';

const EXCHANGE_EVERY_MS = 5000;
/** Out of reach: asking more often only empties the battery. */
const UNREACHABLE_EVERY_MS = 20_000;

export class Handheld {
  user = $state.raw<User | null>(null);
  /** Whether the stored state has been read. */
  opened = $state(false);
  /** Whether the command post answered last; null until it was asked: nothing is claimed before. */
  answered = $state<boolean | null>(null);
  online = $derived(this.answered === true);
  /** The command post no longer knows this session; what waits is kept. */
  signedOut = $state(false);
  /** The bureau has locked this device. */
  locked = $state(false);
  /** Whether the person has just given a password, and what the command post says of PINs. */
  signedInNow = $state(false);
  pinRule = $state<PinRule>('optional');
  /** Whether the bureau has given this device a token. */
  enrolled = $state(false);
  /** Why a scanned code was not taken. */
  enrolment = $state.raw<ApiProblem | null>(null);
  items = $state.raw<OutboxItem[]>([]);
  arrived = $state.raw<Task | null>(null);
  /** What the desk has changed about a task one has: it was called off, now has a place, or is pressed for. */
  changed = $state.raw<{ task: Task; what: TaskChange } | null>(null);
  /** How long a step stays here before it goes out. */
  holdMs = HOLD_MS;
  /** When the command post last answered, and its clock minus this one then. */
  contact = $state.raw<{ atMs: number; clockErrorMs: number } | null>(null);
  position = new Position();

  readonly database = new TerminalDatabase();
  readonly pictures = new TaskPictures(this.database, fetchPicture);
  readonly #guard = new StepGuard();
  #device: StoredDevice = { key: 'me', id: newId(), token: null };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #exchanging: Promise<void> | null = null;

  readonly #outbox = new Outbox(this.database, {
    push: (author, items) =>
      ask(http.POST('/api/v1/sync/push', { body: { device_id: this.#device.id, author, items } })),
    upload: (photo, item) => uploadPhoto(photo, item, this.#device.id),
    // Before the receipt is shown: the button under a finger must not mean another step.
    took: (record) => this.#puller.took(record),
  });
  readonly #puller = new Puller(
    this.database,
    (cursor, limit) =>
      ask(http.GET('/api/v1/sync/pull', { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })),
    (serverMs) => (this.contact = { atMs: Date.now(), clockErrorMs: serverMs - Date.now() }),
  );
  /** What is kept here of the command post's records. */
  readonly records = this.#puller.kept;
  /** Called when somebody begins and after each exchange that reached the command post. */
  #begun: (user: User) => Promise<void> = () => Promise.resolve();
  #exchanged: () => Promise<void> = () => Promise.resolve();

  tasks = $derived(this.records.task.all);

  mine = $derived(this.items.filter((item) => item.author === this.user?.id));
  /** Made by somebody else who held this device; they go out when that person signs in. */
  others = $derived(
    this.items.filter((item) => item.author && item.author !== this.user?.id && item.state !== 'sent'),
  );
  /** Made before items carried a name, when nobody was signed in: somebody has to own them. */
  nobodys = $derived(this.items.filter((item) => !item.author && item.state !== 'sent'));
  waiting = $derived(this.mine.filter((item) => item.state !== 'sent').length);

  /** Tasks with the steps taken here that the command post may not know yet. */
  shown = $derived(
    this.tasks
      .map((task) => ({ task, state: this.#stateOf(task) }))
      .sort((a, b) => Number(isOver(a.state)) - Number(isOver(b.state)) || b.task.created_ms - a.task.created_ms),
  );

  async open(): Promise<void> {
    await this.#openDevice();
    const stored = await this.database.session.get('me');
    if (stored) {
      carryToken(stored.token);
      this.pinRule = stored.pin ?? 'optional';
      await this.#begin(stored.user);
    }
    this.opened = true;
    window.addEventListener('online', () => this.#soon());
    window.addEventListener('offline', () => (this.answered = false));
    document.addEventListener('visibilitychange', () => document.hidden || this.#soon());
    void navigator.storage?.persist?.();
  }

  async signIn(given: Credentials): Promise<User> {
    carryToken(null);
    const session = await ask(http.POST('/api/v1/session', { body: given }));
    if (!session.user.terminal_id) {
      carryToken(session.token ?? null);
      await ask(http.DELETE('/api/v1/session'));
      carryToken(null);
      throw new ApiProblem(
        403,
        'no_terminal',
        '这个账号没有绑定手持终端,请用 ht-01 一类的终端账号',
        'This account has no handheld; use one like ht-01',
        'username',
      );
    }
    carryToken(session.token ?? null);
    const pin = session.handheld_pin;
    await this.database.session.put({ key: 'me', user: session.user, token: session.token ?? null, pin });
    this.signedOut = false;
    this.signedInNow = true;
    this.pinRule = pin;
    await this.#begin(session.user);
    return session.user;
  }

  /** Sign out; what has not been sent stays on the handheld, under its author's name. */
  async signOut(): Promise<void> {
    clearTimeout(this.#timer);
    this.position.stop();
    // Left before anybody is told: without a network the telling takes a while, and nothing of theirs may go out then.
    const headers = authorisation();
    carryToken(null);
    this.user = null;
    this.arrived = null;
    this.changed = null;
    await this.database.session.clear();
    await ask(http.DELETE('/api/v1/session', { headers })).catch((problem: unknown) => {
      if (!(problem instanceof ApiProblem)) throw problem;
    });
  }

  /** Those who build on this: what they do when somebody begins, and once the command post was reached. */
  join(begun: (user: User) => Promise<void>, exchanged: () => Promise<void>): void {
    this.#begun = begun;
    this.#exchanged = exchanged;
  }

  /** Take a record that the command post gave outside of sync. */
  took(record: Changed): Promise<void> {
    return this.#puller.took(record);
  }

  /** Keep what was done, then send it; `draftId` names the draft that it was. */
  async work(work: Work, photos: Photo[] = [], draftId: string | null = null): Promise<void> {
    await this.#outbox.add(this.user!, work, photos, draftId);
    await this.#added();
  }

  /** Keep what cannot wait, and send it beside whatever is being sent. */
  async workFirst(work: Work): Promise<void> {
    await this.#outbox.add(this.user!, work);
    // It is safe on disk: the person is told so before anything else.
    this.items = await this.#outbox.items();
    void this.sendFirst();
    this.#soon();
  }

  async sendFirst(): Promise<void> {
    if (this.user) await this.#outbox.sendFirst(this.user.id);
    this.items = await this.#outbox.items();
  }

  /**
   * Take a step, the id by which it can be taken back; null for the second tap of a double tap. It is on
   * disk at once and goes out when nobody took it back.
   */
  async step(task: Task, to: Transition['to'], text = ''): Promise<string | null> {
    const t_ms = Date.now();
    if (!this.#guard.pass(task.id, t_ms)) return null;
    const body = { id: newId(), to, t_ms, text };
    await this.#outbox.add(this.user!, { op: 'task.move', target: task.id, body }, [], null, this.holdMs);
    await this.#added();
    if (this.holdMs) setTimeout(() => this.#soon(), this.holdMs);
    return body.id;
  }

  /** Take a step back that has not gone out; false where it has. */
  async takeBack(task: Task, id: string): Promise<boolean> {
    const taken = await this.#outbox.takeBack(id);
    if (taken) this.#guard.clear(task.id);
    this.items = await this.#outbox.items();
    return taken;
  }

  async report(task: Task, text: string, at: { lat_deg: number; lon_deg: number } | null, photos: Photo[]) {
    const media = photos.map((photo) => photo.sha256);
    const { lat_deg, lon_deg } = at ?? { lat_deg: null, lon_deg: null };
    const body = { id: newId(), t_ms: Date.now(), text, lat_deg, lon_deg, media };
    await this.work({ op: 'task.report', target: task.id, body }, photos);
  }

  async retry(id: string): Promise<void> {
    await this.#outbox.retry(id);
    await this.#added();
  }

  /** Take what names no author as one's own: from now on it goes out under one's name. */
  async adopt(id: string): Promise<void> {
    await this.#outbox.adopt(id, this.user!);
    await this.#added();
  }

  async discard(id: string): Promise<void> {
    await this.#outbox.discard(id);
    this.items = await this.#outbox.items();
  }

  async #openDevice(): Promise<void> {
    const stored = await this.database.device.get('me');
    if (stored) this.#device = stored;
    else await this.database.device.put(this.#device);
    carryDevice(this.#device.token);
    this.enrolled = this.#device.token !== null;
    const code = enrolmentCode();
    if (!code) return;
    try {
      await this.enrol(code);
    } catch (problem) {
      // The handheld works without enrolment; who holds it is told why there is none.
      this.enrolment = expected(problem);
    }
  }

  /** Exchange a one-time code of the bureau for this device's token. */
  async enrol(code: string): Promise<void> {
    const body = { code: code.trim(), description: navigator.userAgent.slice(0, 200) };
    const given = await ask(http.POST('/api/v1/devices/enrol', { body }));
    this.#device = { key: 'me', id: given.device_id, token: given.token };
    await this.database.device.put(this.#device);
    carryDevice(given.token);
    this.enrolled = true;
    this.enrolment = null;
  }

  async #begin(user: User): Promise<void> {
    await this.#puller.open(user.id);
    this.items = await this.#outbox.items();
    await this.#begun(user);
    this.user = user;
    this.position.start(user.terminal_id!);
    this.#soon();
  }

  async #added(): Promise<void> {
    this.items = await this.#outbox.items();
    // The item is safe on disk: sending it must not hold up the person.
    this.#soon();
  }

  /** Exchange now, then at intervals; there is one timer, whoever calls. */
  #soon(): void {
    clearTimeout(this.#timer);
    if (!this.user) return;
    const again = this.#exchanging !== null;
    this.#exchanging ??= this.#exchange().finally(() => (this.#exchanging = null));
    void this.#exchanging.then(() => {
      clearTimeout(this.#timer);
      const wait = again ? 0 : this.online ? EXCHANGE_EVERY_MS : UNREACHABLE_EVERY_MS;
      this.#timer = setTimeout(() => this.#soon(), wait);
    });
  }

  async #exchange(): Promise<void> {
    const { user } = this;
    if (!user) return;
    const round = await this.#outbox.flush(user.id);
    this.items = await this.#outbox.items();
    if (this.user?.id !== user.id) return; // handed over meanwhile
    if (round === 'signed-out') this.signedOut = true;
    try {
      await this.#pull(user.id);
      this.answered = true;
      this.signedOut = false;
      this.locked = false;
      if (this.user?.id === user.id) await this.#exchanged();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (problem.status === 401 && this.user?.id === user.id) this.signedOut = true;
      if (problem.code === 'device_locked') this.locked = true;
      if (problem.code === 'device_wipe') await wipe(this.database);
      this.answered = problem.status !== 0;
    }
  }

  async #pull(userId: string): Promise<void> {
    const known = new Map(this.tasks.map((task) => [task.id, task]));
    const anew = await this.#puller.pull(userId);
    if (this.user?.id !== userId) return; // handed over meanwhile
    const fresh = this.tasks.filter((task) => !known.has(task.id) && task.state === 'sent');
    if (fresh.length) {
      this.arrived = fresh[0]!;
      alarm();
    }
    const told = this.tasks.flatMap((task) => {
      const what = changeOf(known.get(task.id), task);
      return what ? [{ task, what }] : [];
    })[0];
    if (told) {
      this.changed = told;
      if (this.arrived?.id === told.task.id && told.what === 'cancelled') this.arrived = null;
      alarm();
    }
    void this.pictures.keep(this.tasks.filter((task) => !isOver(task.state)));
    if (anew) {
      await this.#outbox.offerAgain(userId);
      this.#soon();
    }
  }

  #stateOf(task: Task): TaskState {
    // Called off: what was done here meanwhile the command post will not take.
    if (task.state === 'cancelled') return task.state;
    const steps = this.mine.filter(
      (item) =>
        item.work.op === 'task.move' && item.work.target === task.id && item.state === 'waiting',
    );
    const newest = steps.sort((a, b) => b.order - a.order)[0];
    return newest?.work.op === 'task.move' ? newest.work.body.to : task.state;
  }
}

export const isOver = (state: TaskState): boolean => state === 'done' || state === 'refused' || state === 'cancelled';

export type TaskChange = 'cancelled' | 'placed' | 'reminded';

/** What the desk did to a task that was known before, if a person has to be told. */
export function changeOf(before: Task | undefined, now: Task): TaskChange | null {
  if (!before) return null;
  if (now.state === 'cancelled') return before.state === 'cancelled' ? null : 'cancelled';
  if (!isOver(now.state) && now.reminders > before.reminders) return 'reminded';
  const moved = before.lat_deg !== now.lat_deg || before.lon_deg !== now.lon_deg;
  return moved && now.lat_deg !== null ? 'placed' : null;
}

/** A picture that cannot be had now is asked for at the next exchange. */
async function fetchPicture(sha256: string): Promise<Blob | null> {
  try {
    const answer = await fetch(mediaUrl(sha256), { headers: authorisation() });
    return answer.ok ? await answer.blob() : null;
  } catch (problem) {
    if (problem instanceof TypeError) return null; // no network
    throw problem;
  }
}

/** The step that comes next, null at the end. */
export function nextStep(state: TaskState): Exclude<Transition['to'], 'refused'> | null {
  const order: TaskState[] = ['sent', 'acknowledged', 'en_route', 'on_scene', 'done'];
  const at = order.indexOf(state);
  return at < 0 || at === order.length - 1 ? null : (order[at + 1] as Exclude<Transition['to'], 'refused'>);
}
