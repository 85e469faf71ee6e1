import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '$shared/api/records';
import { fold } from './fold';

let seq = 0;
const line = (actor: string, action: string, t_ms = 0, subject = `s${seq}`): TimelineEntry => ({
  seq: (seq += 1),
  t_ms,
  incident_id: 'i',
  actor,
  actor_name: actor,
  action,
  subject,
  text_zh: '',
  text_en: '',
  refs: {},
});
const shape = (entries: TimelineEntry[]) =>
  fold(entries).map((card) => `${card.routine ? 'routine ' : ''}${card.lines.map((each) => each.action).join('+')}`);

describe('a timeline that people read', () => {
  it('folds what machines write between two acts of people', () => {
    expect(
      shape([
        line('duty', 'incident.opened'),
        line('pilot', 'plan.made'),
        line('pilot', 'sortie.authorised'),
        line('node:fleet', 'sortie.uploading'),
        line('node:fleet', 'command.done'),
        line('pilot', 'sortie.start_ordered'),
        line('commander', 'task.sent'),
      ]),
    ).toEqual([
      'incident.opened',
      'plan.made',
      'routine sortie.authorised+sortie.uploading+command.done+sortie.start_ordered',
      'task.sent',
    ]);
  });

  it('never folds what a machine found or warns of', () => {
    for (const action of ['detection.received', 'vehicle.separation', 'task.escalated', 'sortie.failed', 'anomaly.overdue']) {
      expect(shape([line('node:fleet', 'sortie.flying'), line('node:fleet', action), line('node:fleet', 'command.done')])).toEqual([
        'routine sortie.flying',
        action,
        'routine command.done',
      ]);
    }
  });

  it('shows one press on several aircraft once', () => {
    const press = (t_ms: number, subject: string) => line('pilot', 'sortie.launch_ordered', t_ms, subject);
    expect(shape([press(0, 'a'), press(1_000, 'b'), press(9_000, 'c')])).toEqual([
      'sortie.launch_ordered+sortie.launch_ordered',
      'sortie.launch_ordered',
    ]);
  });

  it('keeps apart what one person did twice to the same, and what two people did', () => {
    expect(shape([line('duty', 'incident.edited', 0, 'i'), line('duty', 'incident.edited', 1, 'i')])).toHaveLength(2);
    expect(shape([line('duty', 'task.sent', 0, 'a'), line('commander', 'task.sent', 1, 'b')])).toHaveLength(2);
  });

  it('loses no line and changes no order', () => {
    const entries = Array.from({ length: 200 }, (_, n) =>
      line(['duty', 'node:x', 'system'][n % 3]!, ['task.sent', 'command.done', 'vehicle.said'][(n * 7) % 3]!, n * 500),
    );
    expect(fold(entries).flatMap((card) => card.lines)).toEqual(entries);
  });
});
