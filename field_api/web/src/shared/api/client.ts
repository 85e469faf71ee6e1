/**
 * Calls to the command post: typed by the OpenAPI document through openapi-fetch. Every refusal
 * becomes an `ApiProblem`; an ended session can be renewed in between, and the call goes on.
 */
import createClient from 'openapi-fetch';
import { problemOf, unreachable } from './problem';
import type { paths } from './schema';

export { ApiProblem, expected } from './problem';

export const API = '/api/v1';

let bearer: string | null = null;
let device: string | null = null;
let renew: (() => Promise<boolean>) | null = null;

/** Handhelds carry their token: a session cookie would not survive the phone killing the page. */
export function carryToken(token: string | null): void {
  bearer = token;
}

/** The token of an enrolled device: lets the bureau lock or wipe a handheld that was lost. */
export function carryDevice(token: string | null): void {
  device = token;
}

/** What to do when the session has ended: true if the same person has signed in again. */
export function onSessionEnded(ask: (() => Promise<boolean>) | null): void {
  renew = ask;
}

export function authorisation(): Record<string, string> {
  return {
    ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
    ...(device ? { 'X-Xunshan-Device': device } : {}),
  };
}

/** Signing in and out answer 401 for reasons of their own. */
const ofSession = (url: string): boolean => new URL(url).pathname.startsWith(`${API}/session`);

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  for (const [name, value] of Object.entries(authorisation())) request.headers.set(name, value);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (caught) {
    if (caught instanceof DOMException && caught.name === 'AbortError') throw caught;
    throw unreachable();
  }
  if (response.status === 401 && renew && !ofSession(request.url) && (await renew())) {
    return send(again);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

const ORIGIN = typeof location === 'undefined' ? 'http://localhost' : location.origin;

/** The typed client; give what it returns to `ask`. */
export const http = createClient<paths>({
  baseUrl: ORIGIN,
  credentials: 'same-origin',
  fetch: send,
});

/** The body of an answer: refusals have been thrown by then. */
export async function ask<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

/** A path with what is asked of it; what is empty is left out. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** A route that the OpenAPI document does not have yet, typed by hand by whoever calls it. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { query = {}, body }: { query?: Query; body?: unknown } = {},
): Promise<T> {
  const raw = body instanceof Blob;
  const response = await send(
    new Request(new URL(API + withQuery(path, query), ORIGIN), {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      ...(body === undefined
        ? {}
        : { headers: { 'Content-Type': raw ? body.type || 'application/octet-stream' : 'application/json' } }),
    }),
  );
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const mediaUrl = (sha256: string): string => `${API}/media/${sha256}`;

/** A WebSocket address on the server that this page came from. */
export function socketUrl(path: string): string {
  const url = new URL(API + path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
