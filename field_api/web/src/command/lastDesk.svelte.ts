/** The way back to the incident that was worked before another page was opened. */
import { desk } from '$shared/desk.svelte';
import { router } from '$shared/router/console';
import { isDesk } from './pages';

class LastDesk {
  href = $state('/');

  /** Kept up by the top bar. */
  follow(): void {
    if (desk.incidentId) this.href = router.href('incident', { id: desk.incidentId }, router.query);
  }

  /** Show the desk, as it was left. */
  show(): void {
    if (!isDesk(router.page)) router.go(this.href);
  }
}

export const lastDesk = new LastDesk();
