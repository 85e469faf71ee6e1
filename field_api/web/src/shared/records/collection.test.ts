import { describe, expect, test } from 'vitest';
import { Collection, type Change } from './collection';

interface Rec {
  id: string;
  version: number;
  text: string;
}

/** mulberry32: the same history for the same seed, so that a failure can be run again. */
function dice(seed: number): (below: number) => number {
  let a = seed;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What a server did with a few records, in its order. */
function history(roll: (below: number) => number): Change<Rec>[] {
  const events: Change<Rec>[] = [];
  for (let id = 0; id < 4; id += 1) {
    const length = 1 + roll(6);
    for (let version = 1; version <= length; version += 1) {
      const last = version === length;
      const op = last && roll(3) === 0 ? (roll(2) ? 'remove' : 'left') : 'put';
      const data = op === 'put' ? { id: `r${id}`, version, text: `r${id}v${version}` } : null;
      events.push({ id: `r${id}`, version, op, data });
    }
  }
  return events;
}

const stateOf = (collection: Collection<Rec>) =>
  Object.fromEntries(collection.all.map((r) => [r.id, r.text]).sort());

function endOf(events: Change<Rec>[]): Record<string, string> {
  const last = new Map<string, Change<Rec>>();
  for (const event of events) last.set(event.id, event);
  const left = [...last.values()].flatMap((e) => (e.data ? [[e.id, e.data.text] as const] : []));
  return Object.fromEntries(left.sort());
}

describe.each(Array.from({ length: 400 }, (_, seed) => seed))('interleaving %d', (seed) => {
  test('no record ever goes back, and in the end all is as the server has it', () => {
    const roll = dice(seed);
    const events = history(roll);
    // Everything arrives at least once, some of it again, in any order.
    const mail = [...events, ...events.filter(() => roll(2) === 0)];
    for (let i = mail.length - 1; i > 0; i -= 1) {
      const j = roll(i + 1);
      [mail[i], mail[j]] = [mail[j]!, mail[i]!];
    }
    const collection = new Collection<Rec>();
    const highest = new Map<string, number>();
    const ended = new Set<string>();
    for (const event of mail) {
      // A put may come by the socket or as the answer to a request.
      if (event.data && roll(2)) {
        const answer = collection.put(event.data);
        if (collection.has(event.id)) expect(answer.version).toBeGreaterThanOrEqual(event.version);
      } else collection.apply(event);
      if (event.op !== 'put') ended.add(event.id);
      for (const id of ['r0', 'r1', 'r2', 'r3']) {
        const version = collection.versionKnown(id) ?? -1;
        expect(version).toBeGreaterThanOrEqual(highest.get(id) ?? -1);
        highest.set(id, version);
        if (ended.has(id)) expect(collection.has(id)).toBe(false);
        else if (collection.has(id)) expect(collection.get(id)!.version).toBe(version);
      }
    }
    expect(stateOf(collection)).toEqual(endOf(events));
  });

  test('a snapshot in between takes nothing newer away from the rest', () => {
    const roll = dice(seed + 10_000);
    const events = history(roll).sort(() => roll(3) - 1);
    const cut = roll(events.length + 1);
    const collection = new Collection<Rec>();
    for (const event of events.slice(0, cut)) collection.apply(event);
    const before = new Map(['r0', 'r1', 'r2', 'r3'].map((id) => [id, collection.versionKnown(id)]));
    // The snapshot is of any older moment.
    const moment = roll(cut + 1);
    const newest = new Map<string, Change<Rec>>();
    for (const event of events.slice(0, moment)) {
      if (event.version >= (newest.get(event.id)?.version ?? 0)) newest.set(event.id, event);
    }
    collection.refill([...newest.values()].flatMap((e) => (e.data ? [e.data] : [])));
    for (const [id, version] of before) {
      expect(collection.versionKnown(id) ?? 0).toBeGreaterThanOrEqual(version ?? 0);
      if (collection.has(id)) {
        expect(collection.get(id)!.version).toBeGreaterThanOrEqual(version ?? 0);
      }
    }
    for (const event of events) collection.apply(event);
    const last = endOf(events.slice().sort((a, b) => a.version - b.version));
    expect(stateOf(collection)).toMatchObject(
      Object.fromEntries(Object.entries(last).filter(([id]) => collection.has(id))),
    );
  });
});

describe('a collection', () => {
  const rec = (version: number, id = 'a'): Rec => ({ id, version, text: `${id}v${version}` });

  test('an old HTTP answer does not bring back what was removed', () => {
    const records = new Collection<Rec>();
    records.put(rec(1));
    records.apply({ id: 'a', version: 2, op: 'remove', data: null });
    records.put(rec(1));
    records.put(rec(2));
    expect(records.size).toBe(0);
  });

  test('a snapshot lets go of what it does not name, and of nothing outside its part', () => {
    const records = new Collection<Rec>();
    records.putAll([rec(1, 'a'), rec(1, 'b'), rec(1, 'c')]);
    records.refill([rec(2, 'a')], (r) => r.id !== 'c');
    expect(stateOf(records)).toEqual({ a: 'av2', c: 'cv1' });
    records.refill([rec(2, 'a')]);
    expect(stateOf(records)).toEqual({ a: 'av2' });
  });

  test('what left the area and is named again by a snapshot is back', () => {
    const records = new Collection<Rec>();
    records.put(rec(1));
    records.apply({ id: 'a', version: 1, op: 'left', data: null });
    records.put(rec(1));
    expect(records.has('a')).toBe(false);
    records.refill([rec(1)]);
    expect(stateOf(records)).toEqual({ a: 'av1' });
  });

  test('of what only grows the last ones are kept', () => {
    const lines = new Collection<Rec>(undefined, undefined, 3);
    for (let n = 0; n < 10; n += 1) lines.put(rec(1, String(n)));
    expect(lines.all.map((r) => r.id)).toEqual(['7', '8', '9']);
  });
});
