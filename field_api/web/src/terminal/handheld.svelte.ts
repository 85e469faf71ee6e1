/** The handheld's state: who holds it, its tasks, its outbox, whether the command post answers. */
import { ApiProblem, api, carryToken } from '$shared/api/client';
import type { Task, TaskState, Transition, User } from '$shared/api/records';
import { newId } from '$shared/ids';
import { alarm } from './alarm';
import { TerminalDatabase, type OutboxItem, type Photo } from './outbox/database';
import { Outbox } from './outbox/outbox';
import { Position } from './position.svelte';

const POLL_MS = 4000;

export class Handheld {
  user = $state.raw<User | null>(null);
  /** Whether the stored state has been read. */
  opened = $state(false);
  online = $state(true);
  /** The command post no longer knows this session; what waits is kept. */
  signedOut = $state(false);
  tasks = $state.raw<Task[]>([]);
  items = $state.raw<OutboxItem[]>([]);
  arrived = $state.raw<Task | null>(null);
  position = new Position();

  readonly database = new TerminalDatabase();
  readonly #outbox = new Outbox(this.database, api);
  #timer: ReturnType<typeof setInterval> | undefined;

  waiting = $derived(this.items.filter((item) => item.state !== 'sent').length);

  /** Tasks with the steps taken here that the command post may not know yet. */
  shown = $derived(
    this.tasks
      .map((task) => ({ task, state: this.#stateOf(task) }))
      .sort((a, b) => Number(isOver(a.state)) - Number(isOver(b.state)) || b.task.created_ms - a.task.created_ms),
  );

  async open(): Promise<void> {
    const stored = await this.database.session.get('me');
    if (stored) {
      carryToken(stored.token);
      await this.#begin(stored.user);
    }
    this.opened = true;
  }

  async signIn(username: string, password: string): Promise<void> {
    carryToken(null);
    const session = await api.signIn(username, password);
    if (!session.user.terminal_id) {
      await api.signOut();
      throw new ApiProblem(
        403,
        'no_terminal',
        '这个账号没有绑定手持终端,请用 ht-01 一类的终端账号',
        'This account has no handheld; use one like ht-01',
        'username',
      );
    }
    carryToken(session.token ?? null);
    await this.database.session.put({ key: 'me', user: session.user, token: session.token ?? null });
    this.signedOut = false;
    await this.#begin(session.user);
  }

  /** Sign out; what has not been sent stays on the handheld. */
  async signOut(): Promise<void> {
    clearInterval(this.#timer);
    this.position.stop();
    await this.database.session.clear();
    await api.signOut().catch((problem: unknown) => {
      if (!(problem instanceof ApiProblem)) throw problem;
    });
    carryToken(null);
    this.user = null;
  }

  async step(task: Task, to: Transition['to'], text = ''): Promise<void> {
    const body = { id: newId(), to, t_ms: Date.now(), text };
    await this.#outbox.add({ kind: 'transition', taskId: task.id, body });
    await this.#send();
  }

  async report(task: Task, text: string, at: { lat_deg: number; lon_deg: number }, photos: Photo[]) {
    const media = photos.map((photo) => photo.sha256);
    const { lat_deg, lon_deg } = at;
    const body = { id: newId(), t_ms: Date.now(), text, lat_deg, lon_deg, media };
    await this.#outbox.add({ kind: 'report', taskId: task.id, body }, photos);
    await this.#send();
  }

  async retry(id: string): Promise<void> {
    await this.#outbox.retry(id);
    await this.#send();
  }

  async discard(id: string): Promise<void> {
    await this.#outbox.discard(id);
    this.items = await this.#outbox.items();
  }

  async #begin(user: User): Promise<void> {
    this.user = user;
    this.tasks = await this.database.tasks.toArray();
    this.items = await this.#outbox.items();
    this.position.start(user.terminal_id!);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#exchange(), POLL_MS);
    window.addEventListener('online', () => void this.#exchange());
    window.addEventListener('offline', () => (this.online = false));
    void navigator.storage?.persist?.();
    void this.#exchange();
  }

  async #send(): Promise<void> {
    this.items = await this.#outbox.items();
    // The item is safe on disk: sending it must not hold up the person.
    void this.#exchange();
  }

  async #exchange(): Promise<void> {
    const round = await this.#outbox.flush();
    this.items = await this.#outbox.items();
    if (round === 'signed-out') this.signedOut = true;
    try {
      await this.#pull();
      this.online = true;
      this.signedOut = false;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (problem.status === 401) this.signedOut = true;
      this.online = problem.status !== 0;
    }
  }

  async #pull(): Promise<void> {
    const known = new Set(this.tasks.map((task) => task.id));
    const tasks = await api.tasks({ mine: 1 });
    const fresh = tasks.filter((task) => !known.has(task.id) && task.state === 'sent');
    await this.database.transaction('rw', this.database.tasks, async () => {
      await this.database.tasks.clear();
      await this.database.tasks.bulkPut(tasks);
    });
    this.tasks = tasks;
    if (fresh.length) {
      this.arrived = fresh[0]!;
      alarm();
    }
  }

  #stateOf(task: Task): TaskState {
    const steps = this.items.filter(
      (item) =>
        item.work.kind === 'transition' && item.work.taskId === task.id && item.state === 'waiting',
    );
    const newest = steps.sort((a, b) => b.order - a.order)[0];
    return newest?.work.kind === 'transition' ? newest.work.body.to : task.state;
  }
}

export const isOver = (state: TaskState): boolean => state === 'done' || state === 'refused';

/** The step that comes next, null at the end. */
export function nextStep(state: TaskState): Exclude<Transition['to'], 'refused'> | null {
  const order: TaskState[] = ['sent', 'acknowledged', 'en_route', 'on_scene', 'done'];
  const at = order.indexOf(state);
  return at < 0 || at === order.length - 1 ? null : (order[at + 1] as Exclude<Transition['to'], 'refused'>);
}
