import { describe, expect, it } from 'vitest';
import type { Detection } from '$shared/api/records';
import { asOf } from './asOf';

const alert = (more: Partial<Detection>): Detection =>
  ({ id: 'a', status: 'open', received_ms: 100, reviewed_ms: null, placed: null, position: null, ...more }) as Detection;
const at = (t_ms: number, more: Partial<Detection>) => asOf([alert(more)], t_ms)[0];

describe('alerts at a moment that is past', () => {
  it('are not there before they came', () => {
    expect(at(99, {})).toBeUndefined();
    expect(at(100, {})?.status).toBe('open');
  });

  it('are open until somebody judged them', () => {
    const judged = { status: 'rejected', reviewed_ms: 200 } as const;
    expect(at(199, judged)?.status).toBe('open');
    expect(at(200, judged)?.status).toBe('rejected');
  });

  it('have no place until a person gave them one', () => {
    const placed = { placed: { by: 'x', t_ms: 300, error_m: 50 }, position: { lat_deg: 25, lon_deg: 102 } } as Partial<Detection>;
    expect(at(299, placed)?.position).toBeNull();
    expect(at(300, placed)?.position).toEqual({ lat_deg: 25, lon_deg: 102 });
    expect(at(299, { position: { lat_deg: 25, lon_deg: 102 } } as Partial<Detection>)?.position).not.toBeNull();
  });
});
