import { describe, expect, test } from 'vitest';
import type { FrameBoxes } from '../api/live';
import { BoxTrack } from './boxTrack';
import { readPacket } from './packet';
import { PlayoutClock } from './playout';
import { OverlayDelay } from './overlayDelay';
import { isWeakLine, whySlow } from './slowness';
import { cameraPts } from './whepWay';

function packet({ version = 1, flags = 1, header = 20, pts = 90_000n, payload = 5, extra = 0 } = {}) {
  const buffer = new ArrayBuffer(20 + extra + payload);
  const view = new DataView(buffer);
  view.setUint8(0, version);
  view.setUint8(1, flags);
  view.setUint16(2, header);
  view.setBigInt64(4, pts);
  view.setBigUint64(12, 1_742_025_000_123n);
  return buffer;
}

describe('a video packet', () => {
  test('is read field by field', () => {
    const read = readPacket(packet());
    expect(read).toMatchObject({ keyframe: true, pts_90k: 90_000, t_ms: 1_742_025_000_123 });
    expect(read.accessUnit.byteLength).toBe(5);
  });

  test('may have a longer header in a later version of the format', () => {
    const read = readPacket(packet({ header: 28, extra: 8, flags: 2 }));
    expect(read.keyframe).toBe(false);
    expect(read.accessUnit.byteLength).toBe(5);
  });

  test('keeps negative time stamps', () => {
    expect(readPacket(packet({ pts: -3000n })).pts_90k).toBe(-3000);
  });

  test.each([
    ['too short', new ArrayBuffer(20)],
    ['of another version', packet({ version: 2 })],
    ['with a header past its end', packet({ header: 200 })],
    ['with a header that is too small', packet({ header: 4 })],
  ])('%s is refused', (_, bytes) => {
    expect(() => readPacket(bytes)).toThrow(RangeError);
  });
});

const boxes = (pts_90k: number, x: number, track_id = 1): FrameBoxes => ({
  kind: 'frame_boxes',
  stream_id: 's',
  pts_90k,
  t_ms: 0,
  boxes: [{ track_id, label: 'person', confidence: 0.8, x, y: 0.5, w: 0.1, h: 0.2 }],
});

describe('boxes on their frames', () => {
  test('a seen frame has exactly its boxes', () => {
    const track = new BoxTrack();
    track.add(boxes(6000, 0.1));
    track.add(boxes(12_000, 0.3));
    expect(track.at(12_000)[0]).toMatchObject({ x: 0.3, seen: true });
  });

  test('between two seen frames a track is interpolated', () => {
    const track = new BoxTrack();
    track.add(boxes(0, 0.1));
    track.add(boxes(18_000, 0.4));
    const [box] = track.at(6000);
    expect(box?.x).toBeCloseTo(0.2);
    expect(box?.seen).toBe(false);
  });

  test('a track that ended is not stretched to another one', () => {
    const track = new BoxTrack();
    track.add(boxes(0, 0.1, 1));
    track.add(boxes(18_000, 0.9, 2));
    expect(track.at(6000)).toEqual([]);
  });

  test('the last boxes are held for a quarter of a second, then say how old they are', () => {
    const track = new BoxTrack();
    track.add(boxes(0, 0.1));
    expect(track.at(20_000)[0]).toMatchObject({ seen: false, late_ms: 0 });
    expect(track.at(180_000)[0]).toMatchObject({ seen: false, late_ms: 2000 });
    expect(track.at(460_000)).toEqual([]);
  });

  test('a slow detector shows its last look until the next one, not a line between them', () => {
    const track = new BoxTrack();
    track.add(boxes(0, 0.1));
    track.add(boxes(180_000, 0.9));
    expect(track.at(90_000)[0]).toMatchObject({ x: 0.1, late_ms: 1000 });
  });

  test('a look that saw nothing ends what was held', () => {
    const track = new BoxTrack();
    track.add(boxes(0, 0.1));
    track.add({ ...boxes(90_000, 0), boxes: [] });
    expect(track.at(90_100)).toEqual([]);
  });

  test('frames that arrive out of order are put in order; a repeated one replaces', () => {
    const track = new BoxTrack();
    track.add(boxes(12_000, 0.3));
    track.add(boxes(6000, 0.1));
    track.add(boxes(6000, 0.2));
    expect(track.at(6000)[0]?.x).toBe(0.2);
    expect(track.newest?.pts_90k).toBe(12_000);
  });

  test('nothing is drawn before the first seen frame or after the camera restarted', () => {
    const track = new BoxTrack();
    track.add(boxes(9_000_000, 0.1));
    expect(track.at(8_999_000)).toEqual([]);
    track.add(boxes(3000, 0.7));
    expect(track.at(3000)[0]?.x).toBe(0.7);
  });
});

describe('the playout clock', () => {
  test('keeps the spacing of the camera, whatever the network did', () => {
    const clock = new PlayoutClock(350);
    expect(clock.due(0, 1000)).toBe(1350);
    expect(clock.due(6000, 1150)).toBeCloseTo(1416.67, 1);
    expect(clock.due(12_000, 1151)).toBeCloseTo(1483.33, 1);
  });

  test('a burst of kept frames does not leave the picture behind', () => {
    const clock = new PlayoutClock(350);
    for (let frame = 0; frame < 15; frame += 1) clock.due(frame * 6000, 1000 + frame);
    expect(clock.due(15 * 6000, 1067)).toBeLessThanOrEqual(1067 + 350);
    expect(clock.due(16 * 6000, 1133)).toBeLessThanOrEqual(1133 + 350);
  });

  test('frames wait longer from the next one on, and shorter too', () => {
    const clock = new PlayoutClock(0);
    expect(clock.due(0, 1000)).toBe(1000);
    clock.delayMs = 100;
    expect(clock.due(3600, 1040)).toBe(1140);
    expect(clock.due(7200, 1081)).toBe(1180);
    clock.delayMs = 0;
    expect(clock.due(10_800, 1120)).toBe(1120);
  });

  test('starts anew when the stream jumps or falls behind', () => {
    const clock = new PlayoutClock(350);
    clock.due(0, 1000);
    expect(clock.due(90_000_000, 1100)).toBe(1450);
    expect(clock.due(90_006_000, 9000)).toBe(9350);
  });
});

describe('why a picture is not smooth', () => {
  test('names the camera, the line or this computer, and nobody while it is smooth', () => {
    expect(whySlow({ camera: 25, arrived: 25, shown: 24 })).toBeNull();
    expect(whySlow({ camera: 3, arrived: 3, shown: 3 })).toBe('camera');
    expect(whySlow({ camera: 25, arrived: 5, shown: 5 })).toBe('line');
    expect(whySlow({ camera: 25, arrived: 25, shown: 2 })).toBe('device');
    expect(whySlow({ camera: null, arrived: 25, shown: 2 })).toBe('device');
    expect(whySlow({ camera: null, arrived: 3, shown: 3 })).toBeNull();
  });

  test('a line that carries little of what the camera sends is weak', () => {
    expect(isWeakLine({ camera: 25, arrived: 14, shown: 14 })).toBe(true);
    expect(isWeakLine({ camera: 25, arrived: 24, shown: 3 })).toBe(false);
    expect(isWeakLine({ camera: null, arrived: 1, shown: 1 })).toBe(false);
  });
});

describe('how long pictures wait for their boxes', () => {
  const settled = (lagMs: number): OverlayDelay => {
    const delay = new OverlayDelay();
    for (let n = 0; n < 400; n += 1) {
      const look = n * 30_000;
      // What is on the screen when the look comes in: the camera's newest less the wait.
      delay.look(look, look + (lagMs - delay.ms) * 90);
    }
    return delay;
  };

  test('as long as the detector takes, and a little', () => {
    expect(settled(180).ms).toBeGreaterThanOrEqual(180);
    expect(settled(180).ms).toBeLessThanOrEqual(210);
  });

  test('not at all for a detector that takes too long, or without boxes', () => {
    expect(settled(900).ms).toBe(0);
    const delay = settled(180);
    delay.wanted = false;
    expect(delay.ms).toBe(0);
  });

  test('a look of another stream changes nothing', () => {
    const delay = settled(180);
    delay.look(0, 90_000_000);
    delay.look(90_000_000, 0);
    expect(delay.ms).toBeLessThanOrEqual(210);
  });
});

test('RTP time stamps count modulo 2^32 from wherever they began', () => {
  const clock = { rtp_90k: 4_294_960_000, pts_90k: 9_000_000_000, t_ms: 0 };
  expect(cameraPts(clock, 4_294_960_000)).toBe(9_000_000_000);
  expect(cameraPts(clock, 2_704)).toBe(9_000_000_000 + 10_000);
  expect(cameraPts(clock, 4_294_956_400)).toBe(9_000_000_000 - 3_600);
});
