/** A PIN of six digits: how it is kept, compared, and how long one waits after wrong ones. */

export const DIGITS = 6;
/** Slow enough that trying a million takes days on a phone, fast enough for one who waits. */
const ITERATIONS = 210_000;
const FREE_TRIES = 3;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 15 * 60_000;

export interface StoredPin {
  userId: string;
  salt: Uint8Array<ArrayBuffer>;
  hash: Uint8Array<ArrayBuffer>;
  iterations: number;
  /** Wrong ones in a row; kept, so that a reload gives no new tries. */
  failed: number;
  notBeforeMs: number;
}

/** Six equal digits, or six in a row: what is tried first. */
export const isWeak = (pin: string): boolean =>
  /^(\d)\1+$/.test(pin) || '01234567890'.includes(pin) || '09876543210'.includes(pin);

/** How long to wait after so many wrong ones in a row. */
export const delayMs = (failed: number): number =>
  failed < FREE_TRIES ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failed - FREE_TRIES));

/** How long still; a clock that was set back must not lock anybody out for good. */
export const waitMs = ({ notBeforeMs }: StoredPin, nowMs: number): number =>
  Math.min(LONGEST_DELAY_MS, Math.max(0, notBeforeMs - nowMs));

async function derive(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256));
}

export async function makePin(userId: string, pin: string, iterations = ITERATIONS): Promise<StoredPin> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { userId, salt, hash: await derive(pin, salt, iterations), iterations, failed: 0, notBeforeMs: 0 };
}

export async function matches({ salt, hash, iterations }: StoredPin, pin: string): Promise<boolean> {
  const given = await derive(pin, salt, iterations);
  return given.reduce((differs, byte, at) => differs | (byte ^ hash[at]!), 0) === 0;
}
