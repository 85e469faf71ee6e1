/** What is said in incidents and about their tasks. */
import { ask, call, http } from '$shared/api/client';
import type { Message, MessageMark, SendMessage } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { sameChannel, unread, type Channel } from '$shared/messages/channel';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { sha256Hex } from '$shared/sha256';
import { forIncident } from '../incidents/loads';
import '$shared/messages/texts';
import './texts';

const PAGE = 500;

class Messages {
  readonly records = feed.records('message', new Collection<Message>());
  readonly marks = feed.records('message_mark', new Collection<MessageMark>());

  ofIncident = $derived(this.records.all.filter((each) => each.incident_id === desk.incidentId));
  /** Of all incidents, the last one first. */
  unread = $derived(
    unread(this.records.all, this.marks.all, session.user?.id ?? '').sort((a, b) => b.received_ms - a.received_ms),
  );
  unreadHere = $derived(this.unread.filter((each) => each.incident_id === desk.incidentId));

  constructor() {
    // A snapshot holds what was said in open incidents: a closed one is paged in.
    forIncident(async (incident_id) => {
      const query = { incident_id };
      this.marks.putAll(await ask(http.GET('/api/v1/message-marks', { params: { query } })));
      let before: string | undefined;
      for (;;) {
        const page = await ask(
          http.GET('/api/v1/messages', { params: { query: { ...query, limit: PAGE, ...(before ? { before } : {}) } } }),
        );
        this.records.putAll(page);
        before = page.at(-1)?.id;
        if (page.length < PAGE) return;
      }
    }, 'message.view');
  }

  async send(body: SendMessage): Promise<void> {
    this.records.put(await ask(http.POST('/api/v1/messages', { body: body as Required<SendMessage> })));
  }

  /** Say that all of a channel is on the screen. */
  async read(channel: Channel): Promise<void> {
    const newest = Math.max(0, ...this.unread.filter((each) => sameChannel(each, channel)).map((each) => each.received_ms));
    if (!newest || !session.may('message.send')) return;
    const body = { id: newId(), t_ms: Date.now(), incident_id: channel.incident_id, task_id: channel.task_id ?? null, read_to_ms: newest };
    this.marks.put(await ask(http.POST('/api/v1/messages/read', { body })));
  }

  /** Store a picture; its hash names it. */
  async store(picture: Blob): Promise<string> {
    const sha256 = await sha256Hex(picture);
    await call('PUT', `/media/${sha256}`, { body: picture });
    return sha256;
  }
}

export const messages = new Messages();
