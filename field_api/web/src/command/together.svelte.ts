/**
 * Two windows on two screens: the second shows the wall or the map and goes along with the incident
 * and the aircraft that are chosen in the first. Each is a whole console: closing either harms nothing.
 */
import { desk } from '$shared/desk.svelte';
import { router } from '$shared/router/console';
import { session } from '$shared/session/session.svelte';
import { selection } from '../features/flights/selection.svelte';
import { roster } from '../features/roster/roster.svelte';
import { heard, type Chosen, type Said } from './togetherRules';

/** The browser keeps a window's name when it is loaded again, so the second stays the second. */
const SECOND = 'xunshan-second';
const CHANNEL = 'xunshan-together';
const APART = 'xunshan.together.apart';

class Together {
  readonly second = typeof window !== 'undefined' && window.name === SECOND;
  /** Whether the second window goes along; its user may let it stay where it is. */
  goesAlong = $state(typeof sessionStorage !== 'undefined' && sessionStorage.getItem(APART) === null);
  #channel: BroadcastChannel | null = null;

  /** Begin to tell or to listen; returns how to end it. */
  join(): () => void {
    if (typeof BroadcastChannel === 'undefined') return () => undefined;
    const channel = new BroadcastChannel(CHANNEL);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Said>) => this.#hear(data);
    if (this.second) this.#ask();
    return () => {
      channel.close();
      this.#channel = null;
    };
  }

  /** Tell what is chosen here; called when it changes. */
  tell(): void {
    const { incidentId } = desk;
    const said: Said = { kind: 'chosen', userId: session.user?.id ?? '', incidentId, lead: selection.lead };
    if (!this.second) this.#channel?.postMessage(said);
  }

  /** Open the second window, or bring it to the front. */
  open(what: 'wall' | 'map'): void {
    const query = { wall: what === 'wall' ? '1' : null };
    const id = desk.incidentId;
    window.open(id ? router.href('incident', { id }, query) : router.href('home', {}, query), SECOND, 'popup,width=1280,height=720');
  }

  toggle(): void {
    this.goesAlong = !this.goesAlong;
    if (this.goesAlong) {
      sessionStorage.removeItem(APART);
      this.#ask();
    } else sessionStorage.setItem(APART, '1');
  }

  #ask(): void {
    this.#channel?.postMessage({ kind: 'asked', userId: session.user?.id ?? '' } satisfies Said);
  }

  #hear(said: Said): void {
    const here = { userId: session.user?.id ?? '', second: this.second, goesAlong: this.goesAlong };
    const answer = heard(said, here);
    if (answer === 'tell') this.tell();
    else if (answer) this.#show(answer);
  }

  #show({ incidentId, lead }: Chosen): void {
    const onDesk = router.page === 'home' || router.page === 'incident';
    if (!onDesk) return; // somebody reads another page there: the window is not taken from them
    if (incidentId && incidentId !== desk.incidentId) desk.showIncident(incidentId, { replace: true });
    if (lead === selection.lead) return;
    if (lead === null) selection.clear();
    else if (!roster.current || roster.vehicle(lead)) selection.only(lead);
  }
}

export const together = new Together();
