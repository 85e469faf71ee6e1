/** What is said with command: the channels one takes part in, what is unread, what still waits here. */
import { ApiProblem, ask, http } from '$shared/api/client';
import type { Message, MessageMark, ReadMessages } from '$shared/api/records';
import { newId } from '$shared/ids';
import { ofChannel, sameChannel, unread, type Channel } from '$shared/messages/channel';
import type { Handheld } from '../handheld.svelte';
import type { Notes } from '../inspections/notes.svelte';
import type { OutboxItem } from '../outbox/database';

export interface ShownChannel extends Channel {
  /** Of the task, else of the incident. */
  id: string;
  title: string;
  ofTask: boolean;
  last: Message | undefined;
  unread: number;
}

const READ = 'read/';

export class Channels {
  /** How far one has read, until the command post knows. */
  readonly #pending = $derived.by(() => this.notes.of<ReadMessages>(READ));
  readonly #records = $derived.by(() => this.handheld.records);
  messages = $derived.by(() => this.#records.message.all);
  marks = $derived<MessageMark[]>([
    ...this.#records.message_mark.all,
    ...this.#pending.map((body) => ({
      ...body,
      task_id: body.task_id ?? null,
      version: 0,
      area: '',
      user_id: this.#me,
      name: this.handheld.user?.name ?? '',
      read_ms: body.t_ms,
    })),
  ]);
  unread = $derived(unread(this.messages, this.marks, this.#me));

  /** Those with something unread first, then the newest. */
  all = $derived.by((): ShownChannel[] => {
    const incidents = this.#records.incident.all
      .filter(({ state }) => state === 'open')
      .map((incident) => ({ id: incident.id, title: incident.title, incident_id: incident.id, task_id: null, ofTask: false }));
    const tasks = this.handheld.tasks.map((task) => ({
      id: task.id, title: task.title, incident_id: task.incident_id, task_id: task.id, ofTask: true,
    }));
    // A reporter writes about own tasks only.
    const mine = this.handheld.user?.permissions.includes('message.view') ? [...incidents, ...tasks] : tasks;
    return mine
      .map((channel) => ({
        ...channel,
        last: ofChannel(this.messages, channel).at(-1),
        unread: this.unread.filter((each) => sameChannel(each, channel)).length,
      }))
      .sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0) || (b.last?.received_ms ?? 0) - (a.last?.received_ms ?? 0));
  });

  constructor(
    private readonly handheld: Handheld,
    private readonly notes: Notes,
  ) {}

  get #me(): string {
    return this.handheld.user?.id ?? '';
  }

  get(id: string | undefined): ShownChannel | undefined {
    return this.all.find((each) => each.id === id);
  }

  /** What was said here and is not at the command post. */
  waiting = (channel: Channel): OutboxItem[] =>
    this.handheld.mine
      .filter(({ work, state }) => work.op === 'message.send' && state !== 'sent' && state !== 'pictures' && sameChannel(work.body, channel))
      .reverse();

  /** All of a channel is on the screen: known here at once, told when there is a network. */
  async read(channel: ShownChannel): Promise<void> {
    const newest = Math.max(0, ...this.unread.filter((each) => sameChannel(each, channel)).map((each) => each.received_ms));
    if (!newest) return;
    const { incident_id, task_id = null } = channel;
    const body: ReadMessages = { id: newId(), t_ms: Date.now(), incident_id, task_id, read_to_ms: newest };
    await this.notes.put(READ + channel.id, body);
    if (this.handheld.online) await this.tell();
  }

  /** Tell the command post how far one has read. */
  async tell(): Promise<void> {
    for (const body of this.notes.of<ReadMessages>(READ)) {
      try {
        const mark = await ask(http.POST('/api/v1/messages/read', { body }));
        await this.handheld.took({ type: 'message_mark', id: mark.id, version: mark.version, op: 'put', area: mark.area, seq: 0, data: { ...mark } });
      } catch (problem) {
        if (!(problem instanceof ApiProblem)) throw problem;
        if (problem.worthRetrying || problem.status === 401) return;
        // Refused for good (the task went elsewhere): nobody waits for this receipt.
      }
      await this.notes.drop(READ + (body.task_id ?? body.incident_id));
    }
  }
}
