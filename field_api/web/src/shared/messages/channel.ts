/** Channels: one an incident, and one for each of its tasks. Who has read what follows from marks. */
import type { Message, MessageMark } from '../api/records';

export interface Channel {
  incident_id: string;
  task_id?: string | null;
}

export const sameChannel = (one: Channel, other: Channel): boolean =>
  one.incident_id === other.incident_id && (one.task_id ?? null) === (other.task_id ?? null);

const key = ({ incident_id, task_id }: Channel): string => task_id ?? incident_id;

/** In the order in which they came in. */
export const ofChannel = (messages: readonly Message[], channel: Channel): Message[] =>
  messages.filter((each) => sameChannel(each, channel)).sort((a, b) => a.received_ms - b.received_ms);

/** What others said that `userId` has not had on the screen. */
export function unread(messages: readonly Message[], marks: readonly MessageMark[], userId: string): Message[] {
  const readTo = new Map(
    marks.filter((mark) => mark.user_id === userId).map((mark) => [key(mark), mark.read_to_ms]),
  );
  return messages.filter(
    (each) => each.author_id !== userId && each.received_ms > (readTo.get(key(each)) ?? 0),
  );
}

/** Who, other than its author, has read a message; the first reader first. */
export const readersOf = (message: Message, marks: readonly MessageMark[]): MessageMark[] =>
  marks
    .filter(
      (mark) =>
        sameChannel(mark, message) &&
        mark.user_id !== message.author_id &&
        mark.read_to_ms >= message.received_ms,
    )
    .sort((a, b) => a.read_ms - b.read_ms);
